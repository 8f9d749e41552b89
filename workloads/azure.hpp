// The Azure LLM inference traces of 2023, 2024 and 2025 (Azure/AzurePublicDataset): CSV with a wall clock.
#pragma once

#include "workloads/trace_format.hpp"

namespace memwall {

[[nodiscard]] FormatKeys azure_keys();
[[nodiscard]] FormatKeys read_azure_keys(Reader& reader);

}  // namespace memwall
