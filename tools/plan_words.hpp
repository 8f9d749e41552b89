// The words of `memwall plan`: its options, and what their texts stand for. All throw InputError for texts that are
// wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/quantity.hpp"
#include "tools/options.hpp"
#include "tools/plan/layout.hpp"
#include "tools/plan/windows.hpp"

namespace memwall::tools {

[[nodiscard]] Options plan_options();

/// The parts of a list between commas.
[[nodiscard]] std::vector<std::string> words_of(const std::string& list);
/// A list of whole numbers from 1 on.
[[nodiscard]] std::vector<std::int64_t> whole_numbers(const Arguments& given, const std::string& option,
                                                      std::vector<std::int64_t> fallback);
[[nodiscard]] std::int64_t positive(const Arguments& given, const std::string& option, std::int64_t fallback);
/// A text with a unit, above zero, in SI units; the option must be given.
[[nodiscard]] double quantity(const Arguments& given, const std::string& option, Dimension dimension);
/// A number from 0 to 1; 0 where it is not given.
[[nodiscard]] double share(const Arguments& given, const std::string& option);
[[nodiscard]] std::vector<double> growth_factors(const std::string& list);
[[nodiscard]] plan::Stretch windows(const Arguments& given, double last_arrival_s);
/// Options that ask for two things at once, or that would change nothing, are refused.
void require_one_way(const Arguments& given);
/// The same of a scenario with several pools, whose devices are not chosen.
void require_pools_alone(const Arguments& given);
/// The scenario's own settings, then every combination of those of --max-num-seqs and --max-num-batched-tokens.
[[nodiscard]] std::vector<plan::EngineSettings> engine_settings(const Arguments& given);
/// "id=2.5 USD/h", as they were given.
[[nodiscard]] std::vector<std::string> prices(const Arguments& given);

}  // namespace memwall::tools
