// The closed loop that begins in its steady state.
#include "tools/accuracy/steady_loop.hpp"

#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using namespace memwall::accuracy;

namespace {

constexpr double probabilities[] = {0, 0.5, 1};
constexpr double lengths[] = {1, 100, 499};

SteadyLoopOptions options(std::int64_t clients, Spread spread) {
  SteadyLoopOptions out;
  out.clients = out.in_service = clients;
  out.requests = 3 * clients;
  out.input_tokens = 50;
  out.output_tokens = 200;
  out.longest = 50 + 1000;
  out.spread = spread;
  return out;
}

struct Means {
  double age = 0;
  double rest = 0;
  double later = 0;  ///< of answers that begin after the start
};

Means means_of(const SteadyLoopOptions& loop) {
  const auto source = steady_loop(loop);
  Means out;
  const auto clients = static_cast<double>(loop.clients);
  for (std::int64_t i = 0; i < loop.clients; ++i) {
    const Request request = source->pop();
    out.age += static_cast<double>(request.input_tokens - loop.input_tokens) / clients;
    out.rest += static_cast<double>(request.output_tokens) / clients;
  }
  CHECK(source->next_arrival() == Time::never());
  for (std::int64_t i = 0; i < 2 * loop.clients; ++i) {
    source->ended({}, Time{i});
    CHECK(source->next_arrival() == Time{i});
    out.later += static_cast<double>(source->pop().output_tokens) / (2 * clients);
  }
  CHECK(source->exhausted());
  return out;
}

}  // namespace

TEST_CASE("equal answers are met at a uniform age") {
  const Means means = means_of(options(20000, {}));
  CHECK(means.age == Approx(100).epsilon(0.02));
  CHECK(means.rest == Approx(100).epsilon(0.02));
  CHECK(means.later == Approx(200));
}

TEST_CASE("an answer that is met on the way is longer than the mean by the renewal law") {
  const Spread spread = {probabilities, lengths};
  // Mean 0.5 x 50.5 + 0.5 x 299.5 = 175; second moment 0.5 x (1 + 100 + 10^4) / 3 + 0.5 x (100^2 + 49,900 + 499^2) / 3.
  const double mean = 175;
  const double second = 0.5 * (1 + 100 + 1e4) / 3 + 0.5 * (1e4 + 49900 + 249001) / 3;
  CHECK(spread.mean() == Approx(mean));
  CHECK(spread.longest() == Approx(499 / mean));
  const Means means = means_of(options(20000, spread));
  const double half_met = 200 * second / (mean * mean) / 2;
  CHECK(means.later == Approx(200).epsilon(0.02));
  CHECK(means.age == Approx(half_met).epsilon(0.03));
  CHECK(means.rest == Approx(half_met).epsilon(0.03));
}
