// The part of an operator that one of several devices does, where a layer is laid out on them.
#pragma once

#include "sim/llm/operators.hpp"

namespace memwall {

/// An equal part of the work: every device holds and multiplies one of `devices` (a fraction is possible: a device that
/// several layers share). Throws LogicError for a collective, which no laid-out model has.
[[nodiscard]] Work share_of(const Work& work, double devices);

/// Whether a schedule has to fill for it: products, attention and recurrences, but not the small passes between them.
[[nodiscard]] inline bool is_matrix_operator(const Work& work) { return !std::holds_alternative<Elementwise>(work); }

}  // namespace memwall
