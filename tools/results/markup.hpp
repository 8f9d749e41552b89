// Text inside of HTML, SVG and other XML, so that what a user wrote is shown and never run.
#pragma once

#include <string>
#include <string_view>

namespace memwall::tools {

/// For element content and for attributes in quotes. Control characters are left out but for line ends and tabs,
/// because XML 1.0 has no place for them, not even escaped.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace memwall::tools
