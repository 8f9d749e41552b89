// Text as JSON inside of HTML, so that what a user wrote is shown and never run.
#pragma once

#include <string>
#include <string_view>

namespace memwall::tools::page {

/// A JSON text in quotes. `<`, `>` and `&` are written as \u00XX, so that it may stand inside of a script element.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace memwall::tools::page
