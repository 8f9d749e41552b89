// What the program carries inside itself equals the files it was made from, whatever they hold.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "sim/base/embedded.hpp"
#include "tests/catch.hpp"

namespace memwall {
std::span<const EmbeddedFile> embedded_samples();
}

using namespace memwall;

namespace {

std::string on_disk(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

EmbeddedFile sample(const std::string& name) {
  const auto files = embedded_samples();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const EmbeddedFile& file) { return file.path == "tests/embed/files/" + name; });
  INFO(name);
  REQUIRE(found != files.end());
  return *found;
}

}  // namespace

TEST_CASE("every embedded file equals the file on disk, byte by byte") {
  const std::filesystem::path root(MEMWALL_SOURCE_DIR);
  for (const EmbeddedFile& file : embedded_samples()) {
    INFO(file.path);
    CHECK(on_disk(root / file.path) == file.text);
  }
}

TEST_CASE("every file of the folder is embedded, ordered by its path from the project's root") {
  std::vector<std::string> expected;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(MEMWALL_SOURCE_DIR) + "/tests/embed/files")) {
    expected.push_back("tests/embed/files/" + entry.path().filename().string());
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> found;
  for (const EmbeddedFile& file : embedded_samples()) found.emplace_back(file.path);
  CHECK(found == expected);
}

TEST_CASE("the samples are those that could break a copy: empty, larger than a literal, all bytes") {
  CHECK(sample("empty.json").text.empty());
  CHECK(sample("long.json").text.size() > 65536);
  const std::string_view bytes = sample("bytes.bin").text;
  REQUIRE(bytes.size() == 512);
  for (std::size_t i = 0; i < bytes.size(); ++i) CHECK(static_cast<unsigned char>(bytes[i]) == i % 256);
}
