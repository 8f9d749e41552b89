// The Azure LLM inference traces of 2023, 2024 and 2025 (Azure/AzurePublicDataset): CSV with a wall clock.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_azure_keys(Reader& reader);
[[nodiscard]] bool recognise_azure(std::string_view name, std::string_view beginning);

}  // namespace memwall
