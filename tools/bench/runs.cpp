// Whole runs of the program, from its start to its summary: how long they take and how much memory they need, against
// what we ask of them. Every figure is of processes of their own; ratios are of processes that took turns.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/atomic_file.hpp"
#include "sim/base/error.hpp"
#include "sim/config/json.hpp"
#include "sim/config/json_writer.hpp"

namespace {

using namespace memwall;

/// What a row's figure is, and which side of its target is good.
enum class Measure { cycles_per_s, requests_per_s, seconds };

struct Job {
  std::string name;
  std::string scenario;  ///< file in scenarios/bench
  std::vector<std::string> more;
  Measure measure;
  double target;
  double most_megabytes = 0;  ///< 0 = no target
  std::string trace;          ///< relative to the folder of traces; empty where the workload is synthetic
};

std::vector<std::string> poisson(const std::string& requests, const std::string& rate, const std::string& replicas) {
  return {"--set", "/workload/requests=" + requests, "--set", "/workload/arrivals/rate=" + rate + " /s",
          "--set", "/pools/0/replicas=" + replicas};
}

const std::string azure_trace = "azure_2023/AzureLLMInferenceTrace_conv.part1.csv";
const std::string mooncake_trace = "mooncake_fast25/conversation_trace.part1.jsonl";

std::vector<Job> jobs(bool everything) {
  std::vector<Job> all = {
      {"closed loop of 64, 3 million cycles", "closed_loop", {}, Measure::cycles_per_s, 50e6, 0, ""},
      {"the same, one cycle an event",
       "closed_loop",
       {"--reference", "--set", "/workload/requests=6400"},
       Measure::cycles_per_s,
       0.5e6,
       0,
       ""},
      {"the same, lognormal answers", "closed_loop_lognormal", {}, Measure::cycles_per_s, 5e6, 0, ""},
      {"long prompts, a chunk in every cycle", "long_prompts", {}, Measure::cycles_per_s, 1e6, 0, ""},
      {"Azure conversation, 2 replicas", "azure", {}, Measure::requests_per_s, 300e3, 0, azure_trace},
      {"the same, writing three files", "azure", {"--out", "OUT"}, Measure::requests_per_s, 100e3, 0, azure_trace},
      {"Azure, first 2,000 rows, 4 replicas",
       "azure",
       {"--set", "/pools/0/replicas=4", "--set", "/workload/max_requests=2000"},
       Measure::seconds,
       0.02,
       0,
       azure_trace},
      {"Mooncake conversation, 8 replicas", "mooncake", {}, Measure::requests_per_s, 100e3, 0, mooncake_trace},
      {"10,000 Poisson, 1 replica", "poisson", {}, Measure::seconds, 0.03, 30, ""},
      {"20,000 Poisson, 64 replicas", "poisson", poisson("20000", "128", "64"), Measure::seconds, 0.06, 40, ""},
  };
  if (everything) {
    all.push_back({"10 million Poisson, 1,000 replicas", "poisson", poisson("10000000", "2000", "1000"),
                   Measure::seconds, 60, 1000, ""});
  }
  return all;
}

struct Run {
  double wall_s = 0;
  double cpu_s = 0;
  double megabytes = 0;
};

/// Starts the program and waits for it. Its words on stdout go to `out`.
Run start(const std::string& program, const std::vector<std::string>& words, const std::string& out) {
  std::vector<char*> pointers;
  std::vector<std::string> all = words;
  all.insert(all.begin(), program);
  for (std::string& word : all) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const int file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    execv(program.c_str(), pointers.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) throw InputError(program + ": cannot be started");
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw InputError(fmt::format("{}: failed", fmt::join(all, " ")));
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return {wall, seconds(usage.ru_utime) + seconds(usage.ru_stime), static_cast<double>(usage.ru_maxrss) / 1024};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Bench {
 public:
  Bench(std::string program, std::string scenarios, std::string traces, int rounds)
      : program_(std::move(program)),
        scenarios_(std::move(scenarios)),
        traces_(std::move(traces)),
        rounds_(rounds),
        scratch_(std::filesystem::temp_directory_path() / fmt::format("memwall-bench-{}", getpid())) {
    std::filesystem::create_directories(scratch_);
  }
  ~Bench() { std::filesystem::remove_all(scratch_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  std::vector<std::string> words(const Job& job) const {
    std::vector<std::string> all = {"run", scenarios_ + "/" + job.scenario + ".json"};
    all.insert(all.end(), job.more.begin(), job.more.end());
    std::replace(all.begin(), all.end(), std::string("OUT"), (scratch_ / "out").string());
    if (!job.trace.empty() && !traces_.empty()) {
      all.insert(all.end(), {"--set", "/workload/path=" + traces_ + "/" + job.trace});
    }
    return all;
  }

  /// What the run is about: its summary.
  json::Node summary(std::vector<std::string> what) const {
    const std::string path = (scratch_ / "summary").string();
    what.push_back("--json");
    start(program_, what, path);
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return json::parse(text, path).root;
  }

  std::vector<Run> measure(std::vector<std::string> what) const {
    what.push_back("--quiet");
    std::vector<Run> runs;
    for (int i = 0; i < rounds_; ++i) runs.push_back(start(program_, what, "/dev/null"));
    return runs;
  }

  /// Seconds of processor a request, one run of each size in turns. Short runs are taken several times.
  std::vector<double> growth(const std::vector<std::pair<std::vector<std::string>, double>>& sizes) const {
    std::vector<std::vector<double>> costs(sizes.size());
    for (int round = 0; round < rounds_; ++round) {
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        std::vector<std::string> what = {"run", scenarios_ + "/poisson.json", "--quiet"};
        what.insert(what.end(), sizes[i].first.begin(), sizes[i].first.end());
        costs[i].push_back(start(program_, what, "/dev/null").cpu_s / sizes[i].second);
      }
    }
    std::vector<double> medians;
    for (const auto& row : costs) medians.push_back(median(row));
    return medians;
  }

 private:
  std::string program_;
  std::string scenarios_;
  std::string traces_;
  int rounds_;
  std::filesystem::path scratch_;
};

std::string figure_text(Measure measure, double value) {
  if (measure == Measure::seconds) return fmt::format("{:.3g} s", value);
  const char* what = measure == Measure::cycles_per_s ? "cycles/s" : "requests/s";
  return value >= 1e6 ? fmt::format("{:.3g} M {}", value / 1e6, what) : fmt::format("{:.3g} k {}", value / 1e3, what);
}

void run_job(const Bench& bench, const Job& job, JsonWriter& json) {
  const std::vector<std::string> words = bench.words(job);
  const json::Node summary = bench.summary(words);
  const double requests = summary.find("requests")->find("arrived")->number;
  const double cycles = summary.find("cycles")->find("count")->number;
  std::vector<double> walls, cpus, sizes;
  for (const Run& run : bench.measure(words)) {
    walls.push_back(run.wall_s);
    cpus.push_back(run.cpu_s);
    sizes.push_back(run.megabytes);
  }
  const double best = *std::min_element(walls.begin(), walls.end());
  const double amount = job.measure == Measure::cycles_per_s ? cycles : requests;
  const double figure = job.measure == Measure::seconds ? best : amount / best;
  const bool fast = job.measure == Measure::seconds ? figure <= job.target : figure >= job.target;
  const bool small = job.most_megabytes == 0 || median(sizes) <= job.most_megabytes;
  fmt::print("{:<40} {:>8.3f} {:>8.3f} {:>8.3f} {:>7.1f} {:>18} {:>18}  {}\n", job.name, best, median(walls),
             median(cpus), median(sizes), figure_text(job.measure, figure), figure_text(job.measure, job.target),
             fast && small ? "reached" : "missed");
  std::fflush(stdout);
  json.begin_object().member("job", job.name).member("requests", requests).member("cycles", cycles);
  json.member("wall_min_s", best).member("wall_median_s", median(walls)).member("cpu_median_s", median(cpus));
  json.member("peak_megabytes", median(sizes)).member("figure", figure).member("target", job.target);
  json.member("reached", fast && small).end_object();
}

void run_growth(const Bench& bench, bool everything, JsonWriter& json) {
  const auto show = [&](const std::string& name, const std::string& over, const std::vector<std::string>& labels,
                        const std::vector<std::pair<std::vector<std::string>, double>>& sizes, double most) {
    const std::vector<double> costs = bench.growth(sizes);
    const double worst = *std::max_element(costs.begin(), costs.end()) / costs.front();
    std::string text;
    json.begin_object().member("growth", name);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      text += fmt::format("  {} {:.2f}", labels[i], 1e6 * costs[i]);
      json.member(labels[i], costs[i]);
    }
    json.member("worst_over_first", worst).member("target", most).end_object();
    fmt::print("{}: processor us a request at{}; worst over first {:.2f}, at most {} wanted: {}\n", name, text, worst,
               most, worst <= most ? "reached" : "missed");
    fmt::print("  ({})\n", over);
  };
  std::vector<std::string> counts = {"10000", "100000", "1000000"};
  if (everything) counts.push_back("10000000");
  std::vector<std::pair<std::vector<std::string>, double>> by_requests, by_replicas;
  for (const std::string& n : counts) by_requests.emplace_back(poisson(n, "2", "1"), std::stod(n));
  show("requests", "10,000 to 10,000,000 Poisson requests on one replica", counts, by_requests, 1.2);
  std::vector<std::string> fleets = {"10", "100", "1000", "10000"};
  for (const std::string& n : fleets)
    by_replicas.emplace_back(poisson("1000000", std::to_string(2 * std::stol(n)), n), 1e6);
  show("replicas", "a million Poisson requests, two a second for each replica", fleets, by_replicas, 2.5);
}

int benchmark(int count, char** words) {
  std::string program, scenarios, traces, out;
  int rounds = 5;
  bool everything = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= count) throw InputError(word + ": a value is wanted");
      return words[++i];
    };
    if (word == "--program") {
      program = value();
    } else if (word == "--scenarios") {
      scenarios = value();
    } else if (word == "--traces") {
      traces = value();
    } else if (word == "--json") {
      out = value();
    } else if (word == "--rounds") {
      rounds = std::max(1, std::atoi(value().c_str()));
    } else if (word == "--everything") {
      everything = true;
    } else {
      throw InputError(word + ": known are --program, --scenarios, --traces, --json, --rounds, --everything");
    }
  }
  if (program.empty() || scenarios.empty()) throw InputError("--program FILE and --scenarios DIR are needed");
  const Bench bench(program, scenarios, traces, rounds);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("rounds", rounds).key("jobs").begin_list();
  fmt::print("{:<40} {:>8} {:>8} {:>8} {:>7} {:>18} {:>18}\n", "job", "best s", "median", "cpu s", "MB", "figure",
             "target");
  for (const Job& job : jobs(everything)) {
    if (!job.trace.empty() && traces.empty()) {
      fmt::print("{:<40} skipped: name the folder of the public traces with --traces\n", job.name);
      continue;
    }
    run_job(bench, job, json);
  }
  json.end_list().key("growth").begin_list();
  run_growth(bench, everything, json);
  json.end_list().end_object().finish();
  if (!out.empty()) {
    AtomicFile file{std::filesystem::path(out)};
    file.append(text);
    file.commit();
    fmt::print("wrote {}\n", out);
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return benchmark(count, words);
  } catch (const InputError& error) {
    fmt::print(stderr, "memwall bench: {}\n", error.what());
    return 2;
  }
}
