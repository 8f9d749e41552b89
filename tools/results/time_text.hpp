// Times as a person reads them.
#pragma once

#include <string>

namespace memwall::tools {

/// A time with a fitting unit, four significant digits: "7.316 ms".
[[nodiscard]] std::string time_text(double seconds);

}  // namespace memwall::tools
