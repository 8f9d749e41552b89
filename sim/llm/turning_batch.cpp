#include "sim/llm/turning_batch.hpp"

#include "sim/base/error.hpp"

namespace memwall {

BatchShape decode_batch(const CyclePricer& program, std::int64_t sequences, std::int64_t context) {
  law(sequences >= 1 && context >= 1, "a batch has sequences, and each has its own token");
  BatchShape one;
  one.add(context - 1, 1, true, true, program.reaches());
  BatchShape shape = one;
  shape.tokens = shape.padded = shape.sampled = shape.decode_sequences = shape.decode_tokens = sequences;
  shape.decode_context = sequences * one.decode_context;
  for (std::size_t i = 0; i < program.reaches().size(); ++i) {
    shape.reaches[i].decode_context = sequences * one.reaches[i].decode_context;
    shape.reaches[i].growing = sequences * one.reaches[i].growing;
  }
  return shape;
}

Seconds memory_time(const Cost& cost) {
  return Seconds{cost.critical[Tier::sram].value + cost.critical[Tier::hbm].value +
                 cost.critical[Tier::capacity_memory].value};
}

std::optional<std::int64_t> turning_batch(const CyclePricer& program, std::int64_t context, std::int64_t most) {
  const auto turned = [&](std::int64_t sequences) {
    const Cost cost = program.price_from_scratch(decode_batch(program, sequences, context));
    return cost.critical[Tier::compute].value > memory_time(cost).value;
  };
  if (!turned(most)) return std::nullopt;
  std::int64_t low = 0;  // has not turned
  std::int64_t high = most;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (turned(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace memwall
