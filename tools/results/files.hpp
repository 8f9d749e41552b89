// Whole files in and out, as verbs of the program need them.
#pragma once

#include <string>
#include <string_view>

namespace memwall::tools {

/// Throws InputError where it cannot be read.
[[nodiscard]] std::string read_file(const std::string& path);

/// The file gets its name when all of it is written. Throws InputError where it cannot be.
void write_file(const std::string& path, std::string_view text);

}  // namespace memwall::tools
