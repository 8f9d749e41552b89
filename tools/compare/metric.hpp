// The one number by which winners are told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/compare/contender.hpp"

namespace memwall::tools::compare {

/// The measure that a user names by its pointer into summary.json or by its name in the table. Throws InputError where
/// it is neither, or where nobody can say whether more of it is better.
[[nodiscard]] Measure measure_called(const std::string& name);

/// The measure that a user names; without a name, dollars for a million output tokens where every contender that ran
/// has a price, else output tokens/s of a device.
[[nodiscard]] Measure measure_for(const std::optional<std::string>& name, const std::vector<Contender>& contenders);

}  // namespace memwall::tools::compare
