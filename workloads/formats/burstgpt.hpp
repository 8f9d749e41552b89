// BurstGPT, releases 1 to 3 (HPMLL/BurstGPT; Wang et al., KDD 2025): CSV in seconds, failed requests among its rows.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_burstgpt_keys(Reader& reader);
[[nodiscard]] bool recognise_burstgpt(std::string_view name, std::string_view beginning);

}  // namespace memwall
