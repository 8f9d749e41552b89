// Traces in the form of vidur (microsoft/vidur): CSV with seconds from the start.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_vidur_keys(Reader& reader);
[[nodiscard]] bool recognise_vidur(std::string_view name, std::string_view beginning);

}  // namespace memwall
