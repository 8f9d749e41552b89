// Thresholds against sums by hand, and the two public formulas with their own numbers.
#include "tools/price/thresholds.hpp"

#include "sim/scenario/describe_device.hpp"
#include "tests/catch.hpp"
#include "tests/price/machines.hpp"
#include "tools/price/crossovers.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::price;

namespace {

bool near(double a, double b, double within) { return std::abs(a - b) <= within * std::abs(b); }

std::optional<double> tokens_of(const std::vector<Threshold>& all, const std::string& name) {
  for (const Threshold& each : all) {
    if (each.name == name) return each.tokens;
  }
  FAIL("there is no threshold " + name);
  return std::nullopt;
}

}  // namespace

TEST_CASE("the two public formulas of the step at 200,000 tokens give different bytes a token") {
  // The essay: 100B active parameters of one byte each over 500 KB a token.
  CHECK(kv_equals_weights(100e9, 500e3) == 200e3);
  // The lecture: the same parameters, a ridge of 300 and 200,000 tokens want 1.67 KB a token.
  CHECK(near(kv_bytes_of_crossover(100e9, 300, 200e3), 1667, 0.001));
  CHECK(near(lecture_crossover(100e9, 300, 1667), 200e3, 0.001));
  // With the essay's 500 KB the lecture's crossover lies 300 times lower, by the ridge.
  CHECK(near(kv_equals_weights(100e9, 500e3) / lecture_crossover(100e9, 300, 500e3), 300, 1e-12));
  // F / (2 W) is the ridge of one-byte weights: both ways of writing it agree.
  CHECK(near(kv_time_equals_compute(100e9, 1979e12, 3.35e12, 70e3), lecture_crossover(100e9, 1979.0 / 3.35 / 2, 70e3),
             1e-12));
  // DeepSeek-V3 in the notes: 37e9 / (300 x 70e3).
  CHECK(near(lecture_crossover(37e9, 300, 70e3), 1762, 0.001));
}

TEST_CASE("closed forms on a toy machine") {
  // 10 GB of cache, 20 KB a token: 500,000 tokens, of which 250 sequences have 2,000 each.
  CHECK(capacity_below_batch(10e9, 250, 20e3) == 2000);
  // A cycle of 10 ms and 5 us more for each token: 2 x (10 + 5) ms are 10 ms + 5 us x 4,000.
  CHECK(doubled(10e-3, 5e-6, 1000) == 4000);
}

TEST_CASE("the seed's model of 100B parameters and 500 KB a token") {
  const Engine engine = engine_of("seed/crossover_100b");
  const std::vector<Threshold> all = thresholds(engine, {}, 1000);
  const ModelBytes bytes = model_bytes(engine.pool.model, engine.pool.deployment);
  const double crossover = *tokens_of(all, "kv_equals_weights_one");
  CHECK(near(crossover, 200e3, 0.02));
  CHECK(near(crossover, kv_equals_weights(bytes.active_weights, bytes.kv_per_token), 1e-5));
  const DeviceInfo& info = engine.pool.device->info();
  const double peak = info.peak[static_cast<std::size_t>(engine.pool.deployment.compute)]->value.value;
  const double bandwidth = info.bandwidth.value.value;
  CHECK(near(*tokens_of(all, "kv_time_equals_compute"),
             kv_time_equals_compute(bytes.active_parameters, peak, bandwidth, bytes.kv_per_token), 2e-3));
  const double ridge = *ridge_batch(info, engine.pool.deployment.weights, engine.pool.deployment.compute);
  const double room = engine.usable_blocks() * engine.block_bytes();
  CHECK(near(*tokens_of(all, "kv_capacity_below_ridge"), capacity_below_batch(room, ridge, bytes.kv_per_token), 0.01));
  CHECK(near(*tokens_of(all, "next_device"), room / bytes.kv_per_token, 0.01));
}

TEST_CASE("real models lie far from 500 KB a token, and from each other") {
  struct Real {
    const char* model;
    double kv;   // bytes a token in 16 bits, from the models' dimensions
    double one;  // tokens at which the cache of one sequence equals the visited weights
    double tolerance;
  };
  // Llama-3.1-70B: 80 layers x 2 x 8 x 128 x 2 B; 70.6 GB of fp8 weights with 16-bit embeddings on top.
  // DeepSeek-V3: 61 layers x (512 + 64) x 2 B; 37.6 GB visited.
  for (const Real& each : {Real{"meta-llama/Llama-3.1-70B", 327680, 72.66e9 / 327680, 0.01},
                           Real{"deepseek-ai/DeepSeek-V3", 70272, 39.4e9 / 70272, 0.02}}) {
    const Engine engine = engine_of("seed/deepseek_h200",
                                    {std::string("/model={\"config\": \"") + each.model + "\", \"weights\": \"fp8\"}"});
    const ModelBytes bytes = model_bytes(engine.pool.model, engine.pool.deployment);
    INFO(each.model << " " << bytes.active_weights);
    CHECK(bytes.kv_per_token == each.kv);
    CHECK(near(*tokens_of(thresholds(engine, {}, 1000), "kv_equals_weights_one"), each.one, each.tolerance));
  }
}

TEST_CASE("a threshold is where its condition begins") {
  const Engine engine = engine_of("quickstart");
  Demand demand;
  demand.tpot_s = 0.05;
  const std::vector<Threshold> all = thresholds(engine, demand, 1000);
  const auto output = [&](double tokens) {
    const Point at = price_point(engine, demand, static_cast<std::int64_t>(tokens));
    return at.at_rate.decode / at.request.output;
  };
  const double doubles = *tokens_of(all, "output_cost_doubles");
  CHECK(output(doubles) >= 2 * output(1000));
  CHECK(output(doubles - 1) < 2 * output(1000));
  const double missed = *tokens_of(all, "objective_missed");
  CHECK(price_point(engine, demand, static_cast<std::int64_t>(missed) - 1).refusal.empty());
  CHECK_FALSE(price_point(engine, demand, static_cast<std::int64_t>(missed)).refusal.empty());
  const double next = *tokens_of(all, "next_device");
  demand.tpot_s.reset();
  CHECK(price_point(engine, demand, static_cast<std::int64_t>(next) - 1).refusal.empty());
  CHECK_FALSE(price_point(engine, demand, static_cast<std::int64_t>(next)).refusal.empty());
}

TEST_CASE("resting as long as the break-even makes a cached token as dear as a computed one") {
  const Engine engine = engine_of("quickstart");
  const std::int64_t length = 4000;
  const double hold = *break_even_hold_s(engine, {}, length);
  const Point at = price_point(engine, {}, length);
  const double stored = hold * at.usd_per_byte_second * engine.block_bytes() / 16;
  CHECK(near(stored, at.at_rate.prefill / static_cast<double>(length), 1e-9));
}
