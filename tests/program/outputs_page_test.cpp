// docs/outputs.md shows what the program writes: its examples are made again and compared, and every column and field
// that exists is explained. MEMWALL_UPDATE=1 writes the examples into the page.
#include <cstdlib>
#include <sstream>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const Path page_path = Path(MEMWALL_SOURCE_DIR) / "docs" / "outputs.md";

/// Where the example of a file stands in the page: the text of the fenced block behind its marker.
struct Block {
  std::size_t begin;
  std::size_t end;
};

Block block_of(const std::string& page, const std::string& file) {
  INFO("example of " << file);
  const std::size_t marker = page.find("<!-- example: " + file + " -->");
  REQUIRE(marker != std::string::npos);
  const std::size_t fence = page.find("```", marker);
  REQUIRE(fence != std::string::npos);
  const std::size_t begin = page.find('\n', fence) + 1;
  const std::size_t end = page.find("```", begin);
  REQUIRE(end != std::string::npos);
  return {begin, end};
}

/// The long list of assumptions is shown by its first two entries.
std::string shortened(const std::string& summary) {
  std::istringstream lines(summary);
  std::string out;
  int entries = -1;
  for (std::string line; std::getline(lines, line);) {
    if (line == "  \"assumptions\": [") entries = 0;
    if (entries >= 0 && line == "    {" && ++entries == 3) out += "    ...\n";
    if (line == "  ],") entries = -1;
    if (entries < 3) out += line + "\n";
  }
  return out;
}

std::string keys_of(const std::string& text) {
  std::string keys;
  if (text.empty()) return keys;
  for (const json::Member& member : json::parse(text, "performance.json").root.members) keys += member.key + "\n";
  return keys;
}

/// Names of fields at every depth. The scenario is the user's, and tiers and memory terms are names of things.
void field_names(const json::Node& node, std::vector<std::string>& names) {
  for (const json::Node& item : node.items) field_names(item, names);
  for (const json::Member& member : node.members) {
    names.push_back(member.key);
    const bool free = member.key == "scenario" || member.key == "memory" || member.key == "utilisation" ||
                      member.key == "engine" || member.key == "contents" || member.key == "joules_by_tier" ||
                      member.key.find("_share") != std::string::npos;
    if (!free) field_names(member.value, names);
  }
}

}  // namespace

TEST_CASE("the examples of docs/outputs.md are what the program writes") {
  const Path folder = scratch("outputs_page");
  const Ended ended = run_program({"run", "scenarios/examples/outputs.json", "--quiet", "--out", folder.string()});
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  const bool update = std::getenv("MEMWALL_UPDATE") != nullptr;
  std::string page = read_text(page_path);
  for (const std::string file : {"summary.json", "machine.json", "performance.json", "requests.csv", "cycles.csv"}) {
    INFO(file << "; MEMWALL_UPDATE=1 writes the examples into the page");
    std::string text = read_text(folder / file);
    REQUIRE(!text.empty());
    if (file == "summary.json") text = shortened(text);
    const Block block = block_of(page, file);
    const std::string shown = page.substr(block.begin, block.end - block.begin);
    if (file == "performance.json") {
      // Wall time and memory are those of a machine; their names are not.
      if (keys_of(shown) == keys_of(text)) continue;
      CHECK(update);
    } else if (!update) {
      CHECK(shown == text);
    }
    page.replace(block.begin, block.end - block.begin, text);
  }
  if (update) write_text(page_path, page);
}

TEST_CASE("every column and every field that the program writes is explained in docs/outputs.md") {
  const Path folder = scratch("outputs_names");
  const Ended ended = run_program({"run", "scenarios/examples/outputs.json", "--quiet", "--out", folder.string()});
  REQUIRE(ended.code == 0);
  std::vector<std::string> names;
  for (const std::string file : {"requests.csv", "cycles.csv"}) {
    std::istringstream header(read_text(folder / file).substr(0, read_text(folder / file).find('\n')));
    for (std::string column; std::getline(header, column, ',');) names.push_back(column);
  }
  for (const std::string file : {"summary.json", "machine.json", "performance.json"}) {
    field_names(json::parse(read_text(folder / file), file).root, names);
  }
  REQUIRE(names.size() > 100);
  const std::string page = read_text(page_path);
  // The examples themselves explain nothing.
  std::string prose;
  bool fenced = false;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) fenced = !fenced;
    if (!fenced) prose += line + "\n";
  }
  for (const std::string& name : names) {
    INFO(name);
    CHECK(prose.find("`" + name + "`") != std::string::npos);
  }
}
