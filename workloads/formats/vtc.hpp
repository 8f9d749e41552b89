// The arena trace of the VTC paper (Ying1123/VTC-artifact): tenants and their adapters.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_vtc_keys(Reader& reader);
[[nodiscard]] bool recognise_vtc(std::string_view name, std::string_view beginning);

}  // namespace memwall
