// No cycle is faster than the peak numbers of its devices allow.
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// The fastest rate at which the device multiplies anything.
double fastest(const DeviceInfo& info) {
  double rate = 0;
  for (const auto& peak : info.peak) {
    if (peak) rate = std::max(rate, peak->value.value);
  }
  return rate;
}

/// Sums of the batch for one reach.
const ReachSum* limited(const Setting& setting, const BatchShape& shape, Reach reach) {
  const std::vector<Reach> reaches = setting.reaches();
  const auto found = std::find(reaches.begin(), reaches.end(), reach);
  return found == reaches.end() ? nullptr : &shape.reaches[static_cast<std::size_t>(found - reaches.begin())];
}

double decode_keys(const Setting& setting, const BatchShape& shape, Reach reach) {
  const ReachSum* sum = limited(setting, shape, reach);
  return static_cast<double>(sum != nullptr ? sum->decode_context : shape.decode_context);
}

double prefill_pairs(const Setting& setting, const BatchShape& shape, Reach reach) {
  const ReachSum* sum = limited(setting, shape, reach);
  return static_cast<double>(sum != nullptr ? sum->prefill_pairs : shape.prefill_pairs);
}

/// Bytes that one rank cannot avoid to read: all weights but those of experts beyond the top-k of one token, the head
/// where something is sampled, and the cache of every decoding sequence.
double least_bytes(const Setting& setting, const BatchShape& shape) {
  const Footprint rank = footprint(setting.model, setting.deployment);
  const double visited = static_cast<double>(count_active_parameters(setting.model).ffn) /
                         static_cast<double>(count_parameters(setting.model).ffn);
  double bytes = rank.attention.value + rank.ffn.value * visited;
  // A device that converts weights may hold the 16-bit ones in fewer bytes.
  if (setting.device->stored_format(Precision::bf16) == Precision::bf16) {
    bytes += rank.router.value;
    if (shape.sampled > 0) bytes += rank.head.value;
  }
  const ModelShape shape_of_rank = shard(setting.model, setting.deployment);
  for (const LayerGroup& group : shape_of_rank.layers) {
    const auto layers = static_cast<double>(group.count);
    for (const KeyWalk& walk : key_walks(group.attention, setting.deployment.cache())) {
      bytes += layers * walk.read.value * decode_keys(setting, shape, walk.reach);
    }
    if (const auto* mixer = std::get_if<RecurrentMixer>(&group.attention)) {
      bytes += layers * 2 * state_bytes_of_layer(*mixer).value *
               static_cast<double>(shape.decode_sequences + shape.prefill_sequences);
    }
  }
  return bytes;
}

/// Two operations for each weight that each token visits, and those of attention, evenly over the ranks.
double least_flops(const Setting& setting, const BatchShape& shape) {
  const ParameterCount active = count_active_parameters(setting.model);
  const auto weights = static_cast<double>(active.attention + active.ffn + active.router);
  double flops = 2 * weights * static_cast<double>(shape.tokens);
  flops += 2 * static_cast<double>(setting.model.vocab * setting.model.hidden) * static_cast<double>(shape.sampled);
  for (const LayerGroup& group : setting.model.layers) {
    const auto layers = static_cast<double>(group.count);
    for (const KeyWalk& walk : key_walks(group.attention, setting.deployment.cache())) {
      // Indexers are whole on every rank and leave their pairs out here: a bound may be loose.
      if (walk.name != "attention") continue;
      flops += layers * walk.per_prefill_pair.value * prefill_pairs(setting, shape, walk.reach);
      flops += layers * walk.per_decode_pair.value * decode_keys(setting, shape, walk.reach);
    }
  }
  return flops / setting.deployment.tensor;
}

}  // namespace

TEST_CASE("no cycle is faster than the roofline of its devices") {
  double nearest_bytes = 0;
  double nearest_flops = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Dice dice(seed);
    const Setting setting = random_setting(dice);
    const PriceProgram program = setting.program();
    for (int i = 0; i < 20; ++i) {
      const BatchShape shape = random_shape(dice, setting.reaches());
      const double seconds = program.price_from_scratch(shape).total().value;
      double bandwidth = 0;
      for (const MemoryTier& memory : setting.device->info().memories()) {
        // Nothing was laid out in faster memories of the chip, but banks that compute read faster than their pins.
        if (memory.tier == setting.device->info().memory_tier) {
          bandwidth = std::max(bandwidth, memory.bandwidth.value.value);
        }
      }
      const double by_bytes = least_bytes(setting, shape) / bandwidth;
      const double by_flops = least_flops(setting, shape) / fastest(setting.device->info());
      INFO("seed " << seed << ": " << setting.text() << ", batch of " << shape.tokens << " tokens, "
                   << shape.decode_context << " cached");
      CHECK(seconds >= by_bytes);
      CHECK(seconds >= by_flops);
      nearest_bytes = std::max(nearest_bytes, by_bytes / seconds);
      nearest_flops = std::max(nearest_flops, by_flops / seconds);
    }
  }
  // Both bounds are near enough to bite: machines reach a good part of their peaks.
  CHECK(nearest_bytes > 0.7);
  CHECK(nearest_flops > 0.4);
}
