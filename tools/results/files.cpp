#include "tools/results/files.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/base/atomic_file.hpp"
#include "sim/base/error.hpp"

namespace memwall::tools {

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw InputError(path + ": cannot be read");
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file{std::filesystem::path(path)};
  file.append(text);
  file.commit();
}

}  // namespace memwall::tools
