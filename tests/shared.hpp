// Reference data that stands beside the project on some machines and may not be copied into it. Tests that need it say
// that they were skipped where it is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace memwall::test {

/// Folder of reference data: $MEMWALL_SHARED, else `../shared` beside the checkout; nothing where neither exists.
inline std::optional<std::filesystem::path> shared(const std::string& needed_for) {
  const char* named = std::getenv("MEMWALL_SHARED");
  const std::filesystem::path folder = named != nullptr
                                           ? std::filesystem::path(named)
                                           : std::filesystem::path(MEMWALL_SOURCE_DIR).parent_path() / "shared";
  if (std::filesystem::is_directory(folder)) return folder;
  std::cout << "SKIPPED: " << needed_for << " needs reference data that is not on this machine\n";
  return std::nullopt;
}

}  // namespace memwall::test
