// `memwall sweep` as a user starts it: what is kept, what survives being killed, and what is refused.
#include <cstdlib>
#include <iostream>

#include "sim/base/random.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

using Words = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string scenario(int requests) {
  return R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B" },
  "pools": [ { "name": "chat", "device": "h100_sxm", "engine": { "kind": "vllm", "max_model_len": 4096 } } ],
  "workload": { "source": "synthetic", "requests": )" +
         std::to_string(requests) + R"(, "arrivals": { "process": "poisson", "rate": "5 /s" },
                "lengths": { "input": 300, "output": 40 } } })";
}

Path folder_with(const std::string& name, int requests = 20) {
  const Path folder = scratch("sweep_" + name);
  write_text(folder / "a.json", scenario(requests));
  return folder;
}

/// A grid of 60 points, of which those of a device that there is not are refused.
Words grid(const Words& more = {}) {
  Words words = {"sweep",  "a.json",
                 "--vary", "/workload/arrivals/rate=1:32:20:log /s",
                 "--vary", "/pools/0/device=h100_sxm,b200_sxm,h1000"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string dump(const Path& folder) {
  const Ended ended = run_program({"sweep", "--dump", folder});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  return ended.out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// The error that these words give, without the name of the program.
std::string refusal(const Path& folder, const Words& words) {
  const Ended ended = run_program(words, folder);
  INFO(ended.out << ended.err);
  CHECK(ended.code == 2);
  const std::string prefix = "memwall: ";
  REQUIRE(ended.err.rfind(prefix, 0) == 0);
  return ended.err.substr(prefix.size(), ended.err.size() - prefix.size() - 1);
}

}  // namespace

TEST_CASE("a sweep keeps every point in one file, the refused ones with their reason") {
  const Path folder = folder_with("kept");
  const Ended ended = run_program(grid({"--out", "r", "--csv", "t.csv"}), folder);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(holds(ended.out, "\n60 points: 40 done, 20 refused\n"));
  CHECK(holds(ended.out, "20 x refused: "));
  CHECK(names_in(folder / "r") == Words{"results.sqlite"});
  const std::string all = dump(folder / "r");
  CHECK(count(all, ",status,,done\n") == 40);
  CHECK(count(all, ",status,,refused\n") == 20);
  CHECK(count(all, "\"h1000\"\" is unknown") == 20);
  CHECK(count(read_text(folder / "t.csv"), "\n") == 61);
}

TEST_CASE("a point of a sweep is what `run` makes of the scenario with the same edits") {
  const Path folder = folder_with("same");
  REQUIRE(run_program(grid({"--out", "r"}), folder).code == 0);
  const Ended alone = run_program(
      {"run", "a.json", "--json", "--set", "/workload/arrivals/rate=32 /s", "--set", "/pools/0/device=b200_sxm"},
      folder);
  REQUIRE(alone.code == 0);
  const std::string all = dump(folder / "r");
  const auto after = [](const std::string& text, const std::string& key) {
    const std::size_t at = text.find(key);
    REQUIRE(at != std::string::npos);
    return text.substr(at + key.size(), text.find_first_of(",\n", at + key.size()) - at - key.size());
  };
  CHECK("\"" + after(all, "\n58,digest,,") + "\"" == after(alone.out, "\"digest\": "));
  CHECK(after(all, "\n58,metric,/duration_s,") == after(alone.out, "\"duration_s\": "));
  CHECK(after(all, "\n58,metric,/latency/ttft_s/p95,") ==
        after(alone.out.substr(alone.out.find("\"ttft_s\"")), "\"p95\": "));
}

TEST_CASE("threads do not change what a sweep keeps") {
  const Path folder = folder_with("threads");
  REQUIRE(run_program(grid({"--out", "one", "--jobs", "1"}), folder).code == 0);
  REQUIRE(run_program(grid({"--out", "three", "--jobs", "3"}), folder).code == 0);
  CHECK(dump(folder / "one") == dump(folder / "three"));
}

TEST_CASE("a sweep that is killed at any instant and resumed ends like one that was not") {
  const Path folder = folder_with("killed", 200);
  REQUIRE(run_program(grid({"--out", "whole"}), folder).code == 0);
  const std::string whole = dump(folder / "whole");
  int kills = 0;
  for (std::uint64_t chain = 0; chain < 3; ++chain) {
    const std::string out = "r" + std::to_string(chain);
    Ended ended;
    for (std::uint64_t attempt = 0; attempt < 50; ++attempt) {
      // The first ones while the file is being made, later ones at any time of the sweep.
      const std::int64_t most_ms = attempt < 3 ? 12 : 120;
      const std::int64_t ms = memwall::random_integer({chain, 0, attempt, memwall::Purpose::test}, 1, most_ms);
      ended = run_program(grid({"--out", out, "--resume", "--jobs", "2"}), folder, std::chrono::milliseconds(ms));
      if (ended.signal == 0) break;
      ++kills;
    }
    if (ended.signal != 0) ended = run_program(grid({"--out", out, "--resume"}), folder);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(names_in(folder / out) == Words{"results.sqlite"});
    CHECK(dump(folder / out) == whole);
  }
  CHECK(kills >= 6);
}

TEST_CASE("a sweep that is done is resumed by doing nothing") {
  const Path folder = folder_with("again");
  REQUIRE(run_program(grid({"--out", "r"}), folder).code == 0);
  const std::string before = dump(folder / "r");
  const Ended again = run_program(grid({"--out", "r", "--resume", "--show", "/cycles/bottleneck_share/hbm"}), folder);
  CHECK(again.code == 0);
  CHECK(holds(again.out, "60 points: 0 done, 0 refused, 60 from before\n"));
  CHECK(holds(again.out, "cycles/bottleneck_share/hbm"));
  CHECK(dump(folder / "r") == before);
}

TEST_CASE("a disk that is full in the middle ends the sweep in words, and it can be gone on with") {
  const Path folder = folder_with("full");
  std::string command = "ulimit -f 200; exec " + std::string(MEMWALL_PROGRAM);
  for (const std::string& word : grid({"--out", "r"})) command += " '" + word + "'";
  const Ended full = run_command({"bash", "-c", command}, folder);
  CHECK(full.code == 2);
  CHECK(full.signal == 0);
  CHECK(full.err ==
        "memwall: r/results.sqlite: the file cannot be written or read (disk full, or larger than this process may "
        "write); the points that were done are kept: go on with --resume\n");
  const std::size_t kept = count(dump(folder / "r"), ",status,,");
  CHECK(kept > 0);
  CHECK(kept < 60);
  REQUIRE(run_program(grid({"--out", "r", "--resume"}), folder).code == 0);
  REQUIRE(run_program(grid({"--out", "whole"}), folder).code == 0);
  CHECK(dump(folder / "r") == dump(folder / "whole"));
  // Full at once: nothing is left that the next run would stumble over.
  command.replace(0, std::string("ulimit -f 200").size(), "ulimit -f 1");
  command.replace(command.find("'r'"), 3, "'none'");
  CHECK(run_command({"bash", "-c", command}, folder).code == 2);
  CHECK(names_in(folder / "none").empty());
}

TEST_CASE("sweeps that cannot be are refused before anything is written") {
  const Path folder = folder_with("refused");
  const auto vary = [&](const std::string& axis) {
    return refusal(folder, {"sweep", "a.json", "--vary", axis, "--out", "r"});
  };
  CHECK(vary("/workload/arrivals/rat=1,2") == "--set: /workload/arrivals/rat: unknown key; did you mean \"rate\"?");
  CHECK(holds(vary("/nowhere/at/all=1,2"), "/nowhere"));
  CHECK(holds(vary("/pools/7/device=h100_sxm"), "/pools/7"));
  CHECK(holds(vary("/workload/arrivals/rate=1,2"), "/workload/arrivals/rate: 1"));
  CHECK(refusal(folder, {"sweep", "a.json", "--out", "r"}) ==
        "a sweep of no axis has no points; name one with --vary /json/pointer=a,b,c");
  CHECK(refusal(folder, grid({"--design", "latin", "--points", "0"})) == "--points 0: a sweep has one point or more");
  CHECK(refusal(folder, grid({"--resume"})) == "--resume goes on with what --out DIR has; name it");
  CHECK(refusal(folder, grid({"--jobs", "0"})) == "--jobs 0: at least one thread is needed");
  CHECK(refusal(folder, grid({"--dump", "r"})) == "--dump and --scenario do not go together");
  CHECK(refusal(folder, {"sweep", "--dump", "r"}) ==
        "r/results.sqlite: there is no such file; sweep --out DIR writes one");
  CHECK(refusal(folder, {"sweep", "b.json", "--vary", "/seed=1,2"}) == "b.json: cannot be read");
  CHECK(names_in(folder) == Words{"a.json"});
}

TEST_CASE("a folder that cannot be written to is told") {
  const Path folder = folder_with("read_only");
  // Nobody, the administrator included, can make a folder there.
  CHECK(holds(refusal(folder, grid({"--out", "/proc/sweep"})), "/proc/sweep: cannot be made: "));
  std::filesystem::create_directory(folder / "r");
  std::filesystem::permissions(folder / "r", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  Words words = {MEMWALL_PROGRAM};
  // The administrator may write everywhere, unless that right is taken away.
  if (geteuid() == 0) words = {"setpriv", "--bounding-set=-dac_override,-dac_read_search", MEMWALL_PROGRAM};
  const Words all = grid({"--out", "r"});
  words.insert(words.end(), all.begin(), all.end());
  const Ended ended = run_command(words, folder);
  CHECK(ended.code == 2);
  CHECK(ended.err == "memwall: r/results.sqlite: cannot be opened or made (no such folder, or no permission)\n");
  std::filesystem::permissions(folder / "r", std::filesystem::perms::owner_all);
  CHECK(names_in(folder / "r").empty());
}

TEST_CASE("results are kept from another sweep and from being done twice") {
  const Path folder = folder_with("twice");
  REQUIRE(run_program(grid({"--out", "r"}), folder).code == 0);
  const std::string before = dump(folder / "r");
  CHECK(refusal(folder, grid({"--out", "r"})) ==
        "r/results.sqlite: holds results already; go on with them with --resume, or name another folder");
  CHECK(refusal(folder, {"sweep", "a.json", "--vary", "/seed=1,2", "--out", "r", "--resume"}) ==
        "r/results.sqlite: axes: is of another sweep: /workload/arrivals/rate=1:32:20:log /s; "
        "/pools/0/device=h100_sxm,b200_sxm,h1000 there, /seed=1,2 here; name another folder\n"
        "memwall: r/results.sqlite: points: is of another sweep: 60 there, 2 here; name another folder");
  write_text(folder / "a.json", scenario(21));
  CHECK(holds(refusal(folder, grid({"--out", "r", "--resume"})), "r/results.sqlite: scenario: is of another sweep: "));
  CHECK(dump(folder / "r") == before);
}

TEST_CASE("factors of what_if are axes like any other, drawn ones too") {
  const Path folder = folder_with("drawn");
  const Ended drawn = run_program({"sweep", "a.json", "--vary", "/pools/0/what_if/hbm_bandwidth=0.5:2:log", "--vary",
                                   "/pools/0/what_if/compute_rate=0.5:2:log", "--design", "latin", "--points", "12",
                                   "--vega", "v.json", "--show", "/latency/tpot_s/p95"},
                                  folder);
  INFO(drawn.err);
  REQUIRE(drawn.code == 0);
  CHECK(holds(drawn.out, "\n12 points: 12 done, 0 refused\n"));
  const std::string vega = read_text(folder / "v.json");
  CHECK(count(vega, "\"point\": ") == 12 + 1);
  CHECK(holds(vega, "https://vega.github.io/schema/vega-lite/v5.json"));
}

TEST_CASE("two processes under MPI keep what one keeps, byte for byte") {
  const Path folder = folder_with("mpi");
  if (run_command({"bash", "-c", "command -v mpirun"}).code != 0) {
    std::cout << "SKIPPED: a sweep under MPI needs mpirun\n";
    return;
  }
  // As root and on fewer cores than processes, which is how machines of CI are.
  setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
  const auto mpi = [&](const Words& more) {
    // Open MPI keeps memory until its process ends, which a sanitizer would call leaks of this program.
    Words words = {"env", "ASAN_OPTIONS=detect_leaks=0", "mpirun", "-n", "2", MEMWALL_PROGRAM};
    const Words all = grid(more);
    words.insert(words.end(), all.begin(), all.end());
    return run_command(words, folder);
  };
  const Ended two = mpi({"--out", "two"});
  if (holds(two.err, "built without MPI")) {
    CHECK(two.code != 0);
    CHECK(names_in(folder / "two").empty());
    std::cout << "SKIPPED: this program is built without MPI\n";
    return;
  }
  INFO(two.err);
  REQUIRE(two.code == 0);
  CHECK(count(two.out, "60 points: 40 done, 20 refused\n") == 1);
  REQUIRE(run_program(grid({"--out", "one"}), folder).code == 0);
  CHECK(dump(folder / "two") == dump(folder / "one"));
  // Errors are told once, by the first of them, and are the exit code of the job. More than once, because whoever ends
  // first must not take the words from the others.
  for (int again = 0; again < 5; ++again) {
    const Ended wrong = mpi({"--out", "two"});
    CHECK(wrong.code == 2);
    CHECK(count(wrong.err, "holds results already") == 1);
  }
}
