// Traces in the form of splitwise-sim (Mutinifni/splitwise-sim): CSV with seconds.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_splitwise_keys(Reader& reader);
[[nodiscard]] bool recognise_splitwise(std::string_view name, std::string_view beginning);

}  // namespace memwall
