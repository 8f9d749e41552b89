// Changes to a document from outside of its file: `--set /json/pointer=value`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/config/json.hpp"

namespace memwall::json {

/// What faults name as the file of a value that was set from outside.
inline constexpr std::string_view override_file = "--set";

/// Sets the value at a JSON pointer (RFC 6901). The value is JSON where it parses as JSON, else a text, so that `2 s`
/// needs no second pair of quotes. Missing members of objects along the path are made; a list index must exist. Returns
/// what is wrong, in which case the tree is unchanged; nothing when it is done.
[[nodiscard]] std::optional<Fault> set_value(Node& root, std::string_view pointer, std::string_view value);

/// Applies each "/json/pointer=value" in order; throws InputError with the faults of all of them.
void apply_overrides(Node& root, const std::vector<std::string>& edits);

}  // namespace memwall::json
