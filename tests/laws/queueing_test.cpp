// What queueing theory says of any system, and of one that it can compute.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The time integral of the number of requests between two of their moments, by a sweep over all such moments.
Int128 integral_of_number(const std::vector<RequestRecord>& requests, Time RequestRecord::*from,
                          Time RequestRecord::*to) {
  std::map<Time, std::int64_t> changes;
  for (const RequestRecord& r : requests) {
    ++changes[r.*from];
    --changes[r.*to];
  }
  Int128 area = 0;
  std::int64_t number = 0;
  Time last;
  for (const auto& [time, change] : changes) {
    area += static_cast<Int128>(number) * (time - last).ps;
    number += change;
    CHECK(number >= 0);
    last = time;
  }
  CHECK(number == 0);
  return area;
}

struct Interval {
  double mean;
  double half;
  [[nodiscard]] bool holds(double value) const { return std::abs(value - mean) <= half; }
};

constexpr std::uint64_t replications = 30;
// Student's t with 29 degrees of freedom at 0.9995: both tails together hold one run in a thousand.
constexpr double t_999 = 3.659;

Interval interval_999(const std::vector<double>& values) {
  REQUIRE(values.size() == replications);
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, t_999 * std::sqrt(squares / (n - 1) / n)};
}

/// One server, one request at a time, all alike: what is left of an engine is a queue with constant service.
std::string single_server(std::int64_t requests, const std::string& rate) {
  return fmt::format(R"({{
    "schema": 1,
    "model": {{ "config": "meta-llama/Llama-3.2-1B" }},
    "pools": [ {{ "device": "h100_sxm", "engine": {{ "kind": "vllm", "max_num_seqs": 1, "async_scheduling": false,
                "max_model_len": 4096 }} }} ],
    "workload": {{ "source": "synthetic", "requests": {}, "arrivals": {{ "process": "poisson", "rate": "{} /s" }},
                  "lengths": {{ "input": 256, "output": 4 }} }} }})",
                     requests, rate);
}

void check_single_server(double utilisation) {
  // Alone in the system, a request is in it for exactly its service.
  const Records alone = run_records(scenario_of(single_server(1, "1")));
  REQUIRE(alone.requests.size() == 1);
  const double service = (alone.requests[0].finish - alone.requests[0].first_scheduled).seconds();
  const std::string rate = fmt::format("{:.12g}", utilisation / service);
  const double rho = std::stod(rate) * service;

  constexpr std::int64_t requests = 14'000;
  constexpr std::int64_t warm_up = 2'000;  // the system starts empty, which the theory does not know
  std::vector<double> waits;
  std::vector<double> idle_arrivals;
  for (std::uint64_t seed = 1; seed <= replications; ++seed) {
    RunOptions options;
    options.seed = seed;
    const Records records = run_records(scenario_of(single_server(requests, rate), options));
    REQUIRE(records.requests.size() == static_cast<std::size_t>(requests));
    double sum = 0;
    std::int64_t without_wait = 0;
    for (const RequestRecord& r : records.requests) {
      CHECK((r.finish - r.first_scheduled).seconds() == Approx(service).epsilon(1e-9));
      if (r.id.value < warm_up) continue;
      sum += (r.first_scheduled - r.arrival).seconds();
      if (r.first_scheduled == r.arrival) ++without_wait;
    }
    waits.push_back(sum / static_cast<double>(requests - warm_up));
    idle_arrivals.push_back(static_cast<double>(without_wait) / static_cast<double>(requests - warm_up));
  }
  // Pollaczek (1930), Khinchine (1932) for constant service; the second by PASTA (Wolff 1982).
  const double theory = rho / (2 * (1 - rho)) * service;
  const Interval wait = interval_999(waits);
  const Interval no_wait = interval_999(idle_arrivals);
  INFO("utilisation " << rho << ": theory " << theory << " s, simulated " << wait.mean << " +- " << wait.half);
  CHECK(wait.holds(theory));
  CHECK(no_wait.holds(1 - rho));
  // The interval is narrow enough to refuse a wrong law, such as that of exponential service (twice the wait).
  CHECK(wait.half < 0.06 * theory);
  CHECK(!wait.holds(2 * theory));
}

}  // namespace

TEST_CASE("M/D/1: the mean wait at half load is what theory says") { check_single_server(0.5); }

TEST_CASE("M/D/1: the mean wait at four fifths load is what theory says") { check_single_server(0.8); }

TEST_CASE("Little's law holds to the picosecond, for the system and for the batch") {
  const LoadedScenario loaded = scenario_of(R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "device": "h100_sxm", "replicas": 2,
                 "engine": { "kind": "vllm", "max_num_seqs": 12, "async_scheduling": false,
                             "max_num_batched_tokens": 65536, "max_model_len": 8192 } } ],
    "router": { "policy": "least_loaded" },
    "workload": { "source": "synthetic", "requests": 800, "arrivals": { "process": "gamma", "rate": "14 /s", "cv": 3 },
                  "lengths": { "input": { "distribution": "lognormal", "mean": 600, "cv": 1, "high": 4000 },
                               "output": { "distribution": "uniform", "low": 1, "high": 400 } } } })");
  Int128 batch_area = 0;
  Records records;
  records.on_cycles = [&](const CycleSpan& span) {
    batch_area += static_cast<Int128>(span.sequences) * (span.end() - span.begin()).ps;
  };
  run_into(loaded, records);
  REQUIRE(records.requests.size() == 800);

  Int128 stays = 0;
  Int128 services = 0;
  std::int64_t waited = 0;
  for (const RequestRecord& r : records.requests) {
    REQUIRE(r.status == Status::completed);
    REQUIRE(r.preemptions == 0);
    CHECK(r.arrival <= r.first_scheduled);
    CHECK(r.first_scheduled < r.first_token);
    CHECK(r.first_token <= r.finish);
    stays += (r.finish - r.arrival).ps;
    services += (r.finish - r.first_scheduled).ps;
    if (r.first_scheduled > r.arrival) ++waited;
  }
  CHECK(waited > 100);
  // Multiplied by the length of the run, L = lambda W says that these are equal.
  const bool system = integral_of_number(records.requests, &RequestRecord::arrival, &RequestRecord::finish) == stays;
  CHECK(system);
  // The batch is known from the cycles, its members' stay from the requests: two books on the same thing. Every
  // sequence is in every batch from admission to end, because the budget holds a token for each.
  const bool batch = batch_area == services;
  CHECK(batch);
}

TEST_CASE("every request of a run ends exactly once, with all its tokens or refused") {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Dice dice(seed);
    const std::int64_t requests = dice.integer(50, 300);
    RunOptions options;
    options.seed = seed;
    const std::int64_t replicas = dice.integer(1, 3);
    const std::int64_t blocks = dice.integer(200, 700);
    const bool asynchronous = dice.integer(0, 1) == 0;
    const bool first_come = dice.integer(0, 1) == 0;
    const bool in_turn = dice.integer(0, 1) == 0;
    // Prompts of up to 4,000 tokens meet contexts of at most 3,000, so that some are refused.
    const std::string text = fmt::format(
        R"({{
      "schema": 1,
      "model": {{ "config": "Qwen/Qwen3-8B" }},
      "pools": [ {{ "name": "a", "device": "h100_sxm", "replicas": {},
                    "engine": {{ "kind": "vllm", "max_model_len": 3000, "num_gpu_blocks_override": {},
                                 "async_scheduling": {}, "policy": "{}" }} }} ],
      "router": {{ "policy": "{}" }},
      "workload": {{ "source": "synthetic", "requests": {}, "arrivals": {{ "process": "gamma", "rate": "30 /s", "cv": 2 }},
                    "lengths": {{ "input": {{ "distribution": "uniform", "low": 1, "high": 4000 }},
                                 "output": {{ "distribution": "uniform", "low": 1, "high": 300 }} }} }} }})",
        replicas, blocks, asynchronous, first_come ? "fcfs" : "priority", in_turn ? "round_robin" : "least_loaded",
        requests);
    const auto records = by_id(run_records(scenario_of(text, options)).requests);
    INFO("seed " << seed);
    REQUIRE(static_cast<std::int64_t>(records.size()) == requests);
    std::int64_t rejected = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const RequestRecord& r = records[i];
      INFO("request " << i);
      CHECK(r.id.value == static_cast<std::int64_t>(i));
      CHECK(r.finish >= r.arrival);
      const bool refused = r.status == Status::rejected;
      CHECK((refused || r.status == Status::completed));
      CHECK((refused ? r.output_tokens == 0 : r.output_tokens >= 1));
      CHECK((refused || r.input_tokens + r.output_tokens <= 3000));
      if (refused) ++rejected;
    }
    CHECK(rejected > 0);
    CHECK(rejected < requests);
  }
}

TEST_CASE("clients that give up end to the picosecond when they said, and everybody ends once") {
  const std::string text = R"({
    "schema": 1,
    "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "device": "h100_sxm", "engine": { "kind": "vllm", "max_num_seqs": 8 } } ],
    "workload": { "source": "synthetic", "requests": 400, "timeout": "3 s",
                  "arrivals": { "process": "poisson", "rate": "5 /s" },
                  "lengths": { "input": 200, "output": { "distribution": "lognormal", "mean": 300, "cv": 1 } } } })";
  RunOptions reference;
  reference.reference = true;
  const Records leap = run_records(scenario_of(text));
  const Records slow = run_records(scenario_of(text, reference));
  CHECK(leap.digest.value() == slow.digest.value());
  const Duration timeout{3'000'000'000'000};
  std::int64_t gave_up = 0;
  const auto records = by_id(leap.requests);
  REQUIRE(records.size() == 400);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RequestRecord& r = records[i];
    CHECK(r.id.value == static_cast<std::int64_t>(i));
    if (r.status == Status::timed_out) {
      ++gave_up;
      CHECK(r.finish == r.arrival + timeout);
    } else {
      CHECK(r.status == Status::completed);
      CHECK(r.finish <= r.arrival + timeout);
    }
  }
  // More comes in than eight at a time can serve, so some wait too long, and those who are served are not slowed by
  // them.
  CHECK(gave_up > 20);
  CHECK(gave_up < 380);
}
