// The batch at which arithmetic takes over from memory: found by prices, worked by hand.
#include "hw_models/fixed_transformer/fixed_transformer.hpp"
#include "sim/llm/turning_batch.hpp"
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t most = 1 << 16;

double compute_over_memory(const CyclePricer& program, std::int64_t sequences, std::int64_t context) {
  const Cost cost = program.price_from_scratch(decode_batch(program, sequences, context));
  return cost.critical[Tier::compute].value - memory_time(cost).value;
}

}  // namespace

TEST_CASE("one product turns where its arithmetic takes as long as its weights") {
  const Catalogue catalogue = tools::program_catalogue();
  const auto chip = catalogue.device("etched_sohu", {});
  const auto& sohu = dynamic_cast<const FixedTransformer&>(*chip);
  Gemm product;
  product.weights = Bytes{1e9};
  product.flops_per_row = Flops{2e9};
  product.weight_format = product.compute = Precision::fp8;
  const PriceProgram program({{1, product, Driver::tokens, {}}}, chip, std::make_shared<const Interconnect>(), {});
  // Weights take 1 GB / bandwidth; a row takes 2 GFLOP / rate.
  const double rate = sohu.info().peak[static_cast<std::size_t>(Precision::fp8)]->value.value * sohu.spec().compute;
  const double crossing = (1e9 / sohu.spec().bandwidth.value) / (2e9 / rate);
  const auto found = turning_batch(program, 1, most);
  REQUIRE(found.has_value());
  CHECK(static_cast<double>(*found) > crossing);
  CHECK(static_cast<double>(*found) <= crossing + 1);
}

TEST_CASE("below the turning batch memory has more critical time and from it on arithmetic has") {
  int found = 0, none = 0;
  for (std::uint64_t seed = 700; seed < 740; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    const PriceProgram program = setting.program();
    const std::int64_t context = dice.spread(1, 5000);
    const auto batch = turning_batch(program, context, most);
    INFO("seed " << seed << ": " << setting.text() << ", context " << context);
    if (!batch) {
      ++none;
      CHECK(compute_over_memory(program, most, context) <= 0);
      continue;
    }
    ++found;
    CHECK(compute_over_memory(program, *batch, context) > 0);
    if (*batch > 1) CHECK(compute_over_memory(program, *batch - 1, context) <= 0);
  }
  CHECK(found >= 5);
  CHECK(none >= 5);
}
