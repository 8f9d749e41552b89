// What the tests of `accuracy` share: the catalogue that the program carries, and files of a test's own.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "sim/base/error.hpp"
#include "tools/accuracy/study.hpp"
#include "tools/catalogue.hpp"

namespace memwall::test {

using tools::program_catalogue;

/// A file that exists as long as this.
class OwnFile {
 public:
  OwnFile(const std::string& name, const std::string& text)
      : path_((std::filesystem::path(MEMWALL_BINARY_DIR) / ("accuracy_" + name)).string()) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~OwnFile() { std::filesystem::remove(path_); }
  OwnFile(const OwnFile&) = delete;
  OwnFile& operator=(const OwnFile&) = delete;

  /// With the label that faults show.
  [[nodiscard]] TraceFile file() const { return {path_, "measured.csv"}; }

 private:
  std::string path_;
};

/// What reading the file comes to: "accepted", or the faults.
inline std::string refusal(const TraceFile& file) {
  try {
    (void)accuracy::read_measured_table(file);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The same of a file with that text.
inline std::string refusal(const std::string& text) {
  const OwnFile own("refused.csv", text);
  return refusal(own.file());
}

}  // namespace memwall::test
