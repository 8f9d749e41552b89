// Drawings as Vega-Lite specifications with their data inside.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sim/config/json_writer.hpp"

namespace memwall::tools::compare {

/// A Vega-Lite 5 specification: `values` writes the rows of its data into an open list, `rest` is a JSON object of
/// everything beside the data.
[[nodiscard]] std::string vega_text(const std::function<void(JsonWriter&)>& values, std::string_view rest);

/// A field of a CSV file, in quotes where it needs them (RFC 4180).
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace memwall::tools::compare
