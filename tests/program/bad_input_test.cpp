// Wrong input: exit code 2, a sentence that says what would be right, and no file under a final name.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"
#include "tools/catalogue.hpp"

using namespace memwall::test;

namespace {

constexpr const char* good = R"({
  "schema": 1,
  "model": { "config": "meta-llama/Llama-3.1-8B" },
  "pools": [ { "device": "h100_sxm" } ],
  "workload": { "source": "synthetic", "requests": 10, "arrivals": { "process": "poisson", "rate": "2 /s" },
                "lengths": { "input": 100, "output": 10 } }
}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The devices of the catalogue, as a message lists them.
std::string devices() {
  std::string list;
  for (const std::string& name : memwall::tools::program_catalogue().device_names())
    list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// Runs `words` with an output folder, in a folder of its own, and expects exactly this on stderr and no file.
void refuses(const Path& folder, std::vector<std::string> words, const std::string& expected) {
  for (const std::string word : {"--out", "out"}) words.push_back(word);
  const Ended ended = run_program(words, folder);
  CHECK(ended.err == expected);
  CHECK(ended.code == 2);
  CHECK(ended.out == "");
  CHECK(names_in(folder / "out").empty());
}

void refuses_scenario(const std::string& name, const std::string& text, const std::string& expected) {
  const Path folder = scratch(name);
  write_text(folder / "s.json", text);
  refuses(folder, {"run", "s.json"}, expected);
}

void refuses_trace(const std::string& name, const std::string& format, const std::string& trace,
                   const std::string& expected) {
  const Path folder = scratch(name);
  write_text(folder / "trace", trace);
  std::string text = good;
  const std::size_t begin = text.find("{ \"source\"");
  text = text.substr(0, begin) + R"({ "source": "trace", "format": ")" + format + R"(", "path": "trace" }
}
)";
  write_text(folder / "s.json", text);
  refuses(folder, {"run", "s.json"}, expected);
}

}  // namespace

TEST_CASE("the scenario of these tests is right as it stands") {
  const Path folder = scratch("good");
  write_text(folder / "s.json", good);
  const Ended ended = run_program({"run", "s.json", "--out", "out"}, folder);
  CHECK(ended.err == "");
  CHECK(ended.code == 0);
  CHECK(names_in(folder / "out") == std::vector<std::string>{"cycles.csv", "machine.json", "metrics.prom",
                                                             "performance.json", "requests.csv", "result.json",
                                                             "summary.json"});
}

TEST_CASE("a scenario file that is missing") {
  refuses(scratch("missing"), {"run", "none.json"}, "memwall: none.json: no such file; check the path\n");
}

TEST_CASE("a folder in place of a scenario") {
  const Path folder = scratch("folder");
  std::filesystem::create_directory(folder / "here");
  refuses(folder, {"run", "here"}, "memwall: here: this is a folder; name a JSON file in it\n");
}

TEST_CASE("an empty scenario, and one that breaks off") {
  refuses_scenario("empty", "", "memwall: s.json:1: the file is empty; write one JSON object\n");
  refuses_scenario("truncated", std::string(good).substr(0, 120),
                   "memwall: s.json:5: the file ends inside the object that begins in line 1; it was cut short, or a "
                   "closing quote or } is missing\n");
}

TEST_CASE("a trace that is empty, in every format") {
  refuses_trace("empty_mooncake", "mooncake", "", "memwall: trace: is empty; a trace needs at least one request\n");
  refuses_trace("empty_azure", "azure", "", "memwall: trace: is empty; a trace needs at least one request\n");
  refuses_trace("header_only", "azure", "TIMESTAMP,ContextTokens,GeneratedTokens\n",
                "memwall: trace: has no rows below its header; check that the file has the named format\n");
}

TEST_CASE("a trace that is missing, and a folder in its place") {
  const std::string text = replaced(good, "{ \"source\": \"synthetic\", \"requests\": 10, ",
                                    R"({ "source": "trace", "format": "azure", "path": "none.csv" } }
/* )") + "*/";
  refuses_scenario("missing_trace", text, "memwall: none.csv: there is no such trace file; looked at none.csv\n");
}

TEST_CASE("a line of 10 MB in a trace") {
  std::string line = R"({"timestamp": 0, "input_length": 5, "output_length": 5, "hash_ids": [)";
  line.reserve(11'000'000);
  while (line.size() < 10'000'000) line += "1, ";
  line += "1]}\n";
  refuses_trace("long_line", "mooncake", line,
                "memwall: trace:1: is longer than 1 MiB, which no row of a trace is; check that the file is a text "
                "file of this format\n");
  refuses_trace("long_cell", "azure",
                "TIMESTAMP,ContextTokens,GeneratedTokens\n2025-01-01 00:00:00," + std::string(10'000'000, '1') + ",1\n",
                "memwall: trace:2: is longer than 1 MiB, which no row of a trace is; check that the file is a text "
                "file of this format\n");
}

TEST_CASE("a number that is none, and rates that are none") {
  refuses_scenario("nan", replaced(good, "\"requests\": 10", "\"requests\": NaN"),
                   "memwall: s.json:5: NaN is not a JSON number; write a finite number\n");
  refuses_scenario("nan_rate", replaced(good, "2 /s", "nan /s"),
                   "memwall: s.json:5: /workload/arrivals/rate: \"nan /s\" does not begin with a finite number; write "
                   "for example \"12 /s\"\n");
  refuses_scenario("negative_rate", replaced(good, "2 /s", "-2 /s"),
                   "memwall: s.json:5: /workload/arrivals/rate: \"-2 /s\" is negative; write a value of at least 0\n");
  refuses_scenario("no_rate", replaced(good, "2 /s", "0 /s"),
                   "memwall: s.json:5: /workload/arrivals/rate: must be above 0, such as \"2 /s\"\n");
  refuses_scenario("bare_rate", replaced(good, "\"2 /s\"", "2"),
                   "memwall: s.json:5: /workload/arrivals/rate: 2 has no unit; write for example \"12 /s\"\n");
}

TEST_CASE("a model that does not fit, with the sum written out") {
  refuses_scenario("too_large", replaced(good, "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"),
                   "memwall: meta-llama/Llama-3.1-70B with tensor parallelism 1 does not fit: weights 141.1 GB + "
                   "activations 6.4 GB + CUDA context 0.3 GB + cache of one sequence of 131072 tokens 43.0 GB = 190.8 "
                   "GB exceed 78.3 GB (85.1 GB x 0.92); use tensor parallelism of 4 or more\n");
}

TEST_CASE("keys and names that nobody knows") {
  refuses_scenario(
      "unknown_key", replaced(good, "\"pools\"", "\"pool\""),
      "memwall: s.json:1: /pools: missing\nmemwall: s.json:4: /pool: unknown key; did you mean \"pools\"?\n");
  refuses_scenario("unknown_model", replaced(good, "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-9B"),
                   "memwall: s.json:3: /model/config: there is no model 'meta-llama/Llama-3.1-9B' in the catalogue; "
                   "did you mean 'meta-llama/Llama-3.1-8B' or 'meta-llama/Llama-3.1-70B' or 'meta-llama/Llama-3.2-1B'? "
                   "A path to a config.json works too\n");
  refuses_scenario("no_model", replaced(good, "{ \"config\": \"meta-llama/Llama-3.1-8B\" }", "{}"),
                   "memwall: s.json:3: /model/config: missing\n");
  refuses_scenario("unknown_device", replaced(good, "h100_sxm", "h100_sxn"),
                   "memwall: s.json:4: /pools/0/device: \"h100_sxn\" is unknown; did you mean \"h100_sxm\"? known: " +
                       devices() + "\n");
}

TEST_CASE("several devices that nothing joins") {
  refuses_scenario("no_interconnect",
                   replaced(good, "\"h100_sxm\"", "\"h100_sxm\", \"parallelism\": { \"tensor\": 2 }"),
                   "memwall: s.json:1: /interconnect: missing: pool \"pool1\" has replicas of 2 devices, and their "
                   "links must be named\n");
}

TEST_CASE("--set with a pointer that leads nowhere, or with none") {
  const Path folder = scratch("set");
  write_text(folder / "s.json", good);
  refuses(folder, {"run", "s.json", "--set", "/pools/3/replicas=2"},
          "memwall: --set: /pools/3/replicas: \"3\" is no item of the list /pools, which has the items 0..0; --set "
          "changes existing items only\n");
  refuses(folder, {"run", "s.json", "--set", "pools=2"},
          "memwall: --set: pools: not a JSON pointer; write for example /pools/0/replicas=2 (~1 for a stroke in a key, "
          "~0 for ~)\n");
  refuses(folder, {"run", "s.json", "--set", "/name"},
          "memwall: --set: /name: no \"=\"; write --set /json/pointer=value\n");
  refuses(folder, {"run", "s.json", "--set", "/nmae=x"},
          "memwall: --set: /nmae: unknown key; did you mean \"name\"?\n");
}

TEST_CASE("words that the program does not know") {
  const Path folder = scratch("words");
  write_text(folder / "s.json", good);
  const Ended verb = run_program({"rnu", "s.json"}, folder);
  CHECK(verb.code == 2);
  CHECK(verb.err ==
        "memwall: there is no verb \"rnu\"; did you mean \"run\"? known: run, validate, explain, model, device, "
        "trace, compare, sweep, plan, price, check, report, accuracy, completion, man\n");
  refuses(folder, {"run"},
          "memwall: a scenario is wanted; usage: memwall run SCENARIO... [--out DIR] [--set /json/pointer=value]... "
          "[--seed N] [--cycles none|leaps|all] [--json] [--quiet]\n");
  refuses(folder, {"run", "s.json", "--ouch"},
          "memwall: unrecognised option '--ouch'; usage: memwall run SCENARIO... [--out DIR] [--set "
          "/json/pointer=value]... [--seed N] [--cycles none|leaps|all] [--json] [--quiet]\n");
  refuses(folder, {"run", "s.json", "--cycles", "some"}, "memwall: --cycles some: known: none, leaps, all\n");
  refuses(folder, {"run", "s.json", "--seed", "-1"}, "memwall: --seed -1: a whole number of 0 or more is wanted\n");
  refuses(folder, {"run", "s.json", "--seed", "x"}, "memwall: --seed x: a whole number of 0 or more is wanted\n");
}

TEST_CASE("an output folder that is a file stays that file") {
  const Path folder = scratch("taken");
  write_text(folder / "s.json", good);
  write_text(folder / "out", "mine\n");
  const Ended ended = run_program({"run", "s.json", "--out", "out"}, folder);
  CHECK(ended.code == 2);
  CHECK(ended.err == "memwall: --out out: this is a file; name a folder, which is made where it does not exist\n");
  CHECK(read_text(folder / "out") == "mine\n");
}

TEST_CASE("all mistakes of a scenario are told at once") {
  std::string text = replaced(good, "h100_sxm", "h100");
  text = replaced(text, "\"requests\": 10", "\"requests\": -1");
  text = replaced(text, "2 /s", "2 /parsec");
  text = replaced(text, "\"output\": 10", "\"ouptut\": 10");
  refuses_scenario(
      "many", text,
      "memwall: s.json:4: /pools/0/device: \"h100\" is unknown; did you mean \"h100_sxm\"? known: " + devices() +
          "\nmemwall: s.json:5: /workload/requests: -1 is outside 1..1000000000000\nmemwall: "
          "s.json:5: /workload/arrivals/rate: the unit \"/parsec\" of \"2 /parsec\" does not fit; write for "
          "example \"12 /s\"; units that fit: /s, /min, /h, /d\nmemwall: s.json:6: /workload/lengths/output: "
          "missing\nmemwall: s.json:6: /workload/lengths/ouptut: unknown key; did you mean \"output\"?\n");
}
