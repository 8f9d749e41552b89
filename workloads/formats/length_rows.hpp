// Files of length pairs without times (microsoft/vidur, project-etalon/etalon): a distribution, not an order.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_lengths_keys(Reader& reader);
[[nodiscard]] bool recognise_lengths(std::string_view name, std::string_view beginning);

}  // namespace memwall
