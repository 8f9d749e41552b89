// The estimate of capacity against what the simulator does at, below and above it.
#include "sim/scenario/saturation.hpp"

#include <map>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

struct Traffic {
  std::int64_t requests = 0;
  double rate = 0;  ///< per second
  int input = 0;
  int output = 0;
  int max_num_seqs = 0;
};

RunOptions options_of(const Traffic& traffic) {
  const auto edit = [](const std::string& pointer, auto value) { return pointer + "=" + std::to_string(value); };
  RunOptions options;
  options.set = {edit("/workload/requests", traffic.requests), edit("/workload/lengths/input", traffic.input),
                 edit("/workload/lengths/output", traffic.output),
                 "/workload/arrivals/rate=" + std::to_string(traffic.rate) + " /s",
                 edit("/pools/0/engine/max_num_seqs", traffic.max_num_seqs)};
  return options;
}

Outcome outcome_of(const Traffic& traffic) {
  return test::run_scenario(test::quickstart(), options_of(traffic)).outcome;
}

/// Queue times in the order of arrival.
std::vector<double> queue_times(const Traffic& traffic) {
  std::string csv;
  RunOptions options = options_of(traffic);
  options.requests_csv = [&csv](std::string_view bytes) { csv += bytes; };
  (void)test::run_scenario(test::quickstart(), options);
  std::istringstream lines(csv);
  std::string line;
  std::size_t arrival = 0;
  std::size_t queue = 0;
  std::map<double, double> by_arrival;
  for (bool header = true; std::getline(lines, line); header = false) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (header) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == "arrival_s") arrival = i;
        if (row[i] == "queue_s") queue = i;
      }
      continue;
    }
    by_arrival[std::stod(row.at(arrival))] = std::stod(row.at(queue));
  }
  std::vector<double> out;
  for (const auto& [when, waited] : by_arrival) out.push_back(waited);
  return out;
}

double mean(const std::vector<double>& values, std::size_t from, std::size_t to) {
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += values[i];
  return sum / static_cast<double>(to - from);
}

const std::vector<Traffic> shapes = {
    {2000, 1, 512, 128, 64}, {2000, 1, 512, 128, 256}, {2000, 1, 2000, 20, 256}, {800, 1, 100, 500, 64}};

double capacity_of(Traffic traffic) {
  traffic.requests = 20;
  return saturation(outcome_of(traffic)).capacity_requests_per_s;
}

}  // namespace

TEST_CASE("at half of the capacity the queue stays short") {
  for (Traffic traffic : shapes) {
    traffic.rate = 0.5 * capacity_of(traffic);
    const Outcome outcome = outcome_of(traffic);
    const Shares& shares = outcome.results.cycles;
    const double cycle = shares.all.busy_s / static_cast<double>(shares.all.count);
    INFO(traffic.input << " in, " << traffic.output << " out, " << traffic.rate << " /s, mean cycle " << cycle);
    CHECK(outcome.results.latency.queue.p50 < 3 * cycle);
    REQUIRE(saturation(outcome).load.has_value());
    // Poisson arrivals of n requests last n / rate to about 1 / sqrt(n).
    CHECK(*saturation(outcome).load == Approx(0.5).epsilon(0.15));
  }
}

TEST_CASE("above the capacity the queue grows with the run") {
  for (Traffic traffic : shapes) {
    traffic.rate = 1.5 * capacity_of(traffic);
    const std::vector<double> waited = queue_times(traffic);
    REQUIRE(waited.size() > 100);
    const double first = mean(waited, 0, waited.size() / 2);
    const double second = mean(waited, waited.size() / 2, waited.size());
    INFO(traffic.input << " in, " << traffic.output << " out: " << first << " s, then " << second << " s");
    CHECK(second > 1.5 * first);
  }
}

TEST_CASE("an overloaded server serves what the estimate says") {
  for (Traffic traffic : shapes) {
    traffic.rate = 3 * capacity_of(traffic);
    const Outcome outcome = outcome_of(traffic);
    const double estimate = saturation(outcome).capacity_requests_per_s;
    INFO(traffic.input << " in, " << traffic.output << " out: estimate " << estimate);
    // Below it, because the run's first and last requests do not fill the batch; and a whole prompt a cycle costs more
    // than its even share (docs/models/saturation.md).
    CHECK(outcome.results.throughput.requests_per_s < 1.02 * estimate);
    CHECK(outcome.results.throughput.requests_per_s > 0.80 * estimate);
  }
}

TEST_CASE("one slot is served one request at a time") {
  const Traffic traffic{60, 100, 400, 10, 1};
  const Outcome outcome = outcome_of(traffic);
  const PoolCapacity capacity = saturation(outcome).pools.at(0);
  CHECK(capacity.batch == Approx(1));
  CHECK(capacity.limit == Limit::max_seqs);
  // By hand: a prefill of the prompt, then nine cycles of one token.
  const BuiltPool& pool = outcome.built.pools.at(0);
  const std::vector<PoolSetup> setups = pool_setups(outcome.built);
  BatchShape prefill;
  prefill.tokens = prefill.padded = prefill.prefill_tokens = prefill.prefill_context = 400;
  prefill.padded = pool.engine.padding.rows(400);
  prefill.prefill_pairs = 400 * 401 / 2;
  prefill.sampled = 1;
  BatchShape decode;
  decode.tokens = decode.padded = decode.sampled = decode.decode_sequences = decode.decode_tokens = 1;
  decode.decode_context = 405;
  const double seconds = setups[0].program->price_from_scratch(prefill).total().value +
                         9 * setups[0].program->price_from_scratch(decode).total().value;
  CHECK(capacity.requests_per_s == Approx(1 / seconds).epsilon(1e-6));
}

TEST_CASE("what keeps the batch small is named") {
  const auto limit = [](Traffic traffic) { return saturation(outcome_of(traffic)).pools.at(0).limit; };
  CHECK(limit({20, 1, 512, 128, 64}) == Limit::max_seqs);
  CHECK(limit({20, 1, 512, 128, 1024}) == Limit::kv_capacity);
  CHECK(limit({20, 1, 2000, 20, 1024}) == Limit::token_budget);
}

TEST_CASE("the capacity of equal replicas adds up") {
  RunOptions options = options_of({50, 10, 512, 128, 64});
  const double one = saturation(test::run_scenario(test::quickstart(), options).outcome).capacity_requests_per_s;
  options.set.push_back("/pools/0/replicas=3");
  const double three = saturation(test::run_scenario(test::quickstart(), options).outcome).capacity_requests_per_s;
  CHECK(three == Approx(3 * one).epsilon(1e-12));
}

TEST_CASE("closed loops have no load, and a run without completions has no capacity") {
  RunOptions options;
  options.set = {"/workload/requests=20", R"(/workload/arrivals={"process": "closed_loop", "concurrency": 4})"};
  const Saturation closed = saturation(test::run_scenario(test::quickstart(), options).outcome);
  CHECK(!closed.load.has_value());
  CHECK(!closed.arrivals_per_s.has_value());
  CHECK(closed.capacity_requests_per_s > 0);

  options.set = {"/workload/requests=20", "/workload/lengths/input=5000", "/pools/0/engine/max_model_len=4096"};
  const Saturation nothing = saturation(test::run_scenario(test::quickstart(), options).outcome);
  CHECK(nothing.pools.empty());
  CHECK(!nothing.load.has_value());
}
