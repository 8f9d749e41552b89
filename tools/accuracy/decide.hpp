// From a measured row to a run that can be simulated, or to the reason why it cannot.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sim/llm/catalogue.hpp"
#include "tools/accuracy/measured_table.hpp"
#include "tools/accuracy/serving_case.hpp"

namespace memwall::accuracy {

/// Why a row is not simulated. Equal texts are counted together.
struct Unsupported {
  std::string reason;
};

using Decision = std::variant<ServingCase, Unsupported>;

[[nodiscard]] Decision decide(const MeasuredRow& row, const ModelCatalogue& models);

/// The same for a logged run, called "device_model".
[[nodiscard]] Decision decide(const std::string& run, const std::vector<LoggedRequest>& requests,
                              const ModelCatalogue& models);

}  // namespace memwall::accuracy
