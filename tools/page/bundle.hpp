// The libraries that draw the charts of a page, as one script that the program carries.
#pragma once

#include <string_view>

namespace memwall::tools::page {

/// Vega, Vega-Lite and Vega-Embed with their licences; empty in a program that was built without npm.
[[nodiscard]] std::string_view bundle();

}  // namespace memwall::tools::page
