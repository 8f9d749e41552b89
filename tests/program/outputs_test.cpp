// What the program writes, read back: the files agree with each other to the last picosecond and token.
#include <algorithm>
#include <csignal>

#include "sim/base/tier.hpp"
#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/program/program.hpp"
#include "tests/program/tables.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr const char* scenario = "scenarios/digest/preemption.json";

double number(const json::Node& root, std::initializer_list<const char*> path) {
  const json::Node* node = &root;
  for (const char* key : path) {
    node = node->find(key);
    REQUIRE(node != nullptr);
  }
  return node->number;
}

json::Node summary_of(const Path& folder) {
  return json::parse(read_text(folder / "summary.json"), "summary.json").root;
}

Ended run_to(const Path& folder, const std::string& file, std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"run", file, "--out", folder.string()};
  words.insert(words.end(), more.begin(), more.end());
  Ended ended = run_program(words);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return ended;
}

struct CycleSums {
  std::int64_t busy_ps = 0;
  std::int64_t idle_ps = 0;
  std::int64_t cycles = 0;
  std::int64_t prefill_tokens = 0;
  std::int64_t decode_tokens = 0;
  std::map<std::string, std::int64_t> tier_ps;
};

/// Adds up cycles.csv and checks every row on the way.
CycleSums sums_of(const Path& folder) {
  CycleSums sums;
  std::map<std::string, std::int64_t> clock;  // replica -> where its next row must begin
  for (const TableRow& row : table_of(read_text(folder / "cycles.csv"))) {
    const std::int64_t duration = picoseconds(row, "duration_s");
    std::int64_t by_tier = 0;
    for (const std::string_view tier : tier_names) {
      const std::int64_t part = picoseconds(row, std::string(tier) + "_s");
      by_tier += part;
      sums.tier_ps[std::string(tier)] += part;
    }
    CHECK(by_tier == duration);
    CHECK(picoseconds(row, "start_s") == clock[row.at("replica")]);
    clock[row.at("replica")] += duration;
    const bool idle = row.at("bottleneck") == "idle";
    (idle ? sums.idle_ps : sums.busy_ps) += duration;
    CHECK((integer(row, "cycles") == 0) == idle);
    sums.cycles += integer(row, "cycles");
    sums.prefill_tokens += integer(row, "prefill_tokens");
    sums.decode_tokens += integer(row, "decode_tokens");
    CHECK(integer(row, "padded_tokens") >= integer(row, "prefill_tokens") + integer(row, "decode_tokens"));
  }
  return sums;
}

}  // namespace

TEST_CASE("rows of cycles.csv add up: by tier, over each replica's life, and to the summary") {
  for (const std::string file : {"scenarios/digest/preemption.json", "scenarios/digest/moe_tensor_parallel.json",
                                 "scenarios/digest/dense_sync.json"}) {
    for (const std::string rows : {"leaps", "all"}) {
      INFO(file << " --cycles " << rows);
      const Path folder = scratch("cycles");
      run_to(folder, file, {"--cycles", rows, "--quiet"});
      const CycleSums sums = sums_of(folder);
      const json::Node summary = summary_of(folder);
      std::int64_t replicas = 0;
      for (const json::Node& pool : summary.find("pools")->items) replicas += *pool.find("replicas")->integer;
      const double duration_s = number(summary, {"duration_s"});
      const auto duration_ps = static_cast<std::int64_t>(duration_s * 1e12 + 0.5);
      CHECK(sums.busy_ps + sums.idle_ps == replicas * duration_ps);
      CHECK(sums.cycles == static_cast<std::int64_t>(number(summary, {"cycles", "count"})));
      CHECK(static_cast<double>(sums.busy_ps) * 1e-12 == Approx(number(summary, {"cycles", "busy_s"})).epsilon(1e-9));
      for (const json::Member& share : summary.find("cycles")->find("time_share")->members) {
        INFO(share.key);
        const double seconds = share.value.number * static_cast<double>(sums.busy_ps + sums.idle_ps);
        CHECK(static_cast<double>(sums.tier_ps.at(share.key)) == Approx(seconds).epsilon(1e-6));
      }
      CHECK(sums.decode_tokens > 0);
    }
  }
}

TEST_CASE("tokens of cycles are those of requests where nothing is computed twice or in vain") {
  // Synchronous scheduling wastes no slot, and nothing is preempted: a prompt is computed once, and every answer token
  // but the first is computed once as well.
  const Path folder = scratch("tokens");
  run_to(folder, "scenarios/digest/dense_sync.json", {"--quiet"});
  const CycleSums sums = sums_of(folder);
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t completed = 0;
  for (const TableRow& row : table_of(read_text(folder / "requests.csv"))) {
    REQUIRE(row.at("status") == "completed");
    CHECK(integer(row, "preemptions") == 0);
    input += integer(row, "input_tokens") - integer(row, "cached_tokens");
    output += integer(row, "output_tokens");
    ++completed;
  }
  CHECK(sums.prefill_tokens == input);
  CHECK(sums.decode_tokens + completed == output);
}

TEST_CASE("every choice of rows in cycles.csv leaves the same digest and the same requests") {
  std::string digest;
  std::string requests;
  for (const std::string rows : {"none", "leaps", "all"}) {
    INFO("--cycles " << rows);
    const Path folder = scratch("rows_" + rows);
    run_to(folder, scenario, {"--cycles", rows, "--quiet"});
    std::vector<std::string> expected = {"machine.json", "metrics.prom", "performance.json",
                                         "requests.csv", "result.json",  "summary.json"};
    if (rows != "none") expected.insert(expected.begin(), "cycles.csv");
    CHECK(names_in(folder) == expected);
    const std::string found = summary_of(folder).find("digest")->text;
    CHECK(found.size() == 16);
    if (digest.empty()) digest = found, requests = read_text(folder / "requests.csv");
    CHECK(found == digest);
    CHECK(read_text(folder / "requests.csv") == requests);
  }
}

TEST_CASE("the same scenario writes the same bytes, with --reference too") {
  const Path once = scratch("once");
  const Path again = scratch("again");
  const Path reference = scratch("reference");
  run_to(once, scenario, {"--quiet"});
  run_to(again, scenario, {"--quiet"});
  run_to(reference, scenario, {"--quiet", "--reference"});
  for (const std::string file :
       {"summary.json", "requests.csv", "cycles.csv", "machine.json", "result.json", "metrics.prom"}) {
    INFO(file);
    const bool twice = read_text(once / file) == read_text(again / file);
    const bool stepped = read_text(once / file) == read_text(reference / file);
    CHECK(twice);
    CHECK(stepped);
    CHECK(!read_text(once / file).empty());
  }
}

TEST_CASE("requests.csv has a row for every request, and its statuses are those of the summary") {
  const Path folder = scratch("statuses");
  // Contexts of at most 900 tokens refuse some of the requests.
  run_to(folder, scenario, {"--quiet", "--set", "/pools/0/engine/max_model_len=900"});
  const json::Node summary = summary_of(folder);
  std::map<std::string, std::int64_t> found;
  std::vector<std::int64_t> ids;
  std::int64_t output = 0;
  for (const TableRow& row : table_of(read_text(folder / "requests.csv"))) {
    ++found[row.at("status")];
    ids.push_back(integer(row, "id"));
    if (row.at("status") == "completed") output += integer(row, "output_tokens");
  }
  std::sort(ids.begin(), ids.end());
  REQUIRE(ids.size() == 200);
  for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] == static_cast<std::int64_t>(i));
  CHECK(found["rejected"] > 0);
  CHECK(found["completed"] > 0);
  CHECK(*summary.find("requests")->find("arrived")->integer == 200);
  for (const char* status : {"completed", "rejected", "failed", "aborted", "timed_out", "unfinished"}) {
    INFO(status);
    CHECK(*summary.find("requests")->find(status)->integer == found[status]);
  }
  CHECK(*summary.find("tokens")->find("output")->integer == output);
}

TEST_CASE("--json prints the summary and nothing else") {
  const Path folder = scratch("json");
  const Ended ended = run_to(folder, scenario, {"--json"});
  CHECK(ended.err == "");
  CHECK(ended.out == read_text(folder / "summary.json"));
  const json::Node printed = json::parse(ended.out, "stdout").root;
  CHECK(printed.find("digest")->text == summary_of(folder).find("digest")->text);
  CHECK(*printed.find("schema")->integer == 1);
}

TEST_CASE("--quiet prints nothing, and without --out nothing is written") {
  const Ended ended = run_program({"run", scenario, "--quiet"});
  CHECK(ended.code == 0);
  CHECK(ended.out == "");
  CHECK(ended.err == "");
  const Path folder = scratch("nothing");
  const Ended inside = run_program({"run", std::string(MEMWALL_SOURCE_DIR) + "/" + scenario}, folder);
  CHECK(inside.code == 0);
  CHECK(inside.out != "");
  CHECK(names_in(folder).empty());
}

TEST_CASE("--fail-on-slo answers 1 where an objective is missed, with all files written, and 0 where it is met") {
  const std::vector<std::string> words = {"run",   "scenarios/quickstart.json", "--quiet", "--fail-on-slo",
                                          "--set", "/workload/requests=50"};
  CHECK(run_program(words).code == 0);
  std::vector<std::string> impossible = words;
  const Path folder = scratch("slo");
  for (const std::string word : {"--set", "/slo/ttft/p99=1 us", "--out"}) impossible.push_back(word);
  impossible.push_back(folder.string());
  const Ended missed = run_program(impossible);
  CHECK(missed.code == 1);
  CHECK(missed.err == "");
  CHECK(names_in(folder) == std::vector<std::string>{"cycles.csv", "machine.json", "metrics.prom", "performance.json",
                                                     "requests.csv", "result.json", "summary.json"});
  // Without the option the run is done all the same.
  impossible.erase(std::find(impossible.begin(), impossible.end(), "--fail-on-slo"));
  CHECK(run_program(impossible).code == 0);
}

TEST_CASE("a program that is killed leaves no file under a final name") {
  const Path folder = scratch("killed");
  const std::vector<std::string> words = {
      "run", scenario, "--quiet", "--cycles", "all", "--out", folder.string(), "--set", "/workload/requests=100000000"};
  for (const int milliseconds : {50, 400}) {
    const Ended ended = run_program(words, MEMWALL_SOURCE_DIR, std::chrono::milliseconds(milliseconds));
    REQUIRE(ended.signal == SIGKILL);
    // By then the run has begun, so that there was something to leave behind.
    if (milliseconds == 400) CHECK(std::filesystem::is_directory(folder));
    for (const std::string& name : names_in(folder)) {
      INFO(name);
      CHECK(name.find(".partial-") != std::string::npos);
    }
  }
}
