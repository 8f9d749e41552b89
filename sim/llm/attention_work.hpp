// What the attention operators of a cycle work on, for each reach of the model.
#pragma once

#include "sim/base/affine.hpp"
#include "sim/hw/operators.hpp"
#include "sim/llm/batch_shape.hpp"

namespace memwall {

struct AttentionWork {
  Affine context;  ///< keys that the decoding sequences read, all together
  PrefillWork prefill;
};

/// `reach` is the place of the operator's limited reach among the model's; -1 where it attends to everything.
[[nodiscard]] inline AttentionWork attention_work(const BatchShape& shape, int reach) {
  // Every decoding sequence reads one more key in each following cycle, unless its window is full.
  AttentionWork work;
  work.context = {static_cast<double>(shape.decode_context), static_cast<double>(shape.decode_sequences)};
  work.prefill = {static_cast<double>(shape.prefill_tokens), static_cast<double>(shape.prefill_pairs),
                  static_cast<double>(shape.prefill_context)};
  if (reach < 0) return work;
  const ReachSum& sum = shape.reaches[static_cast<std::size_t>(reach)];
  work.context = {static_cast<double>(sum.decode_context), static_cast<double>(sum.growing), sum.horizon};
  work.prefill.pairs = static_cast<double>(sum.prefill_pairs);
  work.prefill.context = static_cast<double>(sum.prefill_context);
  return work;
}

}  // namespace memwall
