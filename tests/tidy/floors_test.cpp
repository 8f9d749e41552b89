// The architecture as a law: includes point down the floors, never up and never sideways.
#include <algorithm>
#include <map>
#include <optional>

#include "tests/catch.hpp"
#include "tests/tidy/source_text.hpp"

using namespace memwall::tidy;

namespace {

/// docs/architecture.md shows the same table as a picture.
const std::map<std::string, int> floor_of_folder = {
    {"sim/base", 0},  {"sim/config", 1}, {"sim/des", 1},      {"sim/hw", 1},    {"sim/metrics", 1}, {"sim/llm", 2},
    {"hw_models", 2}, {"sim/serve", 3},  {"sim/scenario", 4}, {"workloads", 4}, {"tools", 5}};

/// The folder of the architecture that a path belongs to; nothing when there is none.
std::optional<std::string> folder_of(std::string_view path) {
  for (const auto& [folder, floor] : floor_of_folder) {
    if (starts_with(path, folder + "/")) return folder;
  }
  return std::nullopt;
}

/// What an include in quotes names, or nothing for any other line.
std::optional<std::string> included(const std::string& line) {
  std::size_t at = line.find_first_not_of(" \t");
  if (at == std::string::npos || line[at] != '#') return std::nullopt;
  at = line.find_first_not_of(" \t", at + 1);
  if (at == std::string::npos || line.compare(at, 7, "include") != 0) return std::nullopt;
  const std::size_t open = line.find('"', at);
  const std::size_t close = open == std::string::npos ? open : line.find('"', open + 1);
  if (close == std::string::npos) return std::nullopt;
  return line.substr(open + 1, close - open - 1);
}

/// What is wrong with `from` including `to`; empty when nothing is.
std::string wrong_arrow(const std::string& from, const std::string& to) {
  const std::string arrow = from + " includes " + to + ": ";
  const auto source = folder_of(from);
  if (!source) return from + " is in no folder of the architecture; give it a floor or move it";
  const auto target = folder_of(to);
  if (!target) return arrow + "name project headers from the project's root, others in angle brackets";
  if (*source == *target) return "";
  const int upper = floor_of_folder.at(*source);
  const int lower = floor_of_folder.at(*target);
  if (starts_with(*source, "sim/") && !starts_with(*target, "sim/")) {
    return arrow + "sim/ must not see " + *target + ", which the tools pass in";
  }
  if (upper == lower) return arrow + "neighbours on floor " + std::to_string(upper) + " must not see each other";
  if (upper < lower) {
    return arrow + "floor " + std::to_string(upper) + " must not see floor " + std::to_string(lower);
  }
  return "";
}

std::vector<std::string> wrong_arrows(const std::vector<SourceFile>& files) {
  std::vector<std::string> faults;
  for (const SourceFile& file : files) {
    if (!folder_of(file.path)) faults.push_back(wrong_arrow(file.path, ""));
    for (const std::string& line : code_lines(file.text)) {
      const auto to = included(line);
      const std::string wrong = to ? wrong_arrow(file.path, *to) : "";
      if (!wrong.empty()) faults.push_back(wrong);
    }
  }
  return faults;
}

}  // namespace

TEST_CASE("every include of the project points down the floors") {
  const auto files = sources_in(project_files(), {"sim", "hw_models", "workloads", "tools"});
  REQUIRE(!files.empty());
  const auto faults = wrong_arrows(files);
  INFO(listed(faults));
  CHECK(faults.empty());
}

TEST_CASE("a made-up wrong arrow is told, in words") {
  const auto one = [](const std::string& path, const std::string& text) {
    const auto faults = wrong_arrows({{path, text}});
    return faults.empty() ? std::string("allowed") : faults.front();
  };
  CHECK(one("sim/hw/x.hpp", "#pragma once\n#include \"sim/serve/y.hpp\"\n") ==
        "sim/hw/x.hpp includes sim/serve/y.hpp: floor 1 must not see floor 3");
  CHECK(one("sim/hw/x.hpp", "#  include \"sim/des/y.hpp\"") ==
        "sim/hw/x.hpp includes sim/des/y.hpp: neighbours on floor 1 must not see each other");
  CHECK(one("workloads/x.cpp", "#include \"sim/scenario/y.hpp\"") ==
        "workloads/x.cpp includes sim/scenario/y.hpp: neighbours on floor 4 must not see each other");
  CHECK(one("sim/serve/x.cpp", "#include \"hw_models/a/y.hpp\"") ==
        "sim/serve/x.cpp includes hw_models/a/y.hpp: sim/ must not see hw_models, which the tools pass in");
  CHECK(one("sim/hw/x.cpp", "#include \"cost.hpp\"") ==
        "sim/hw/x.cpp includes cost.hpp: name project headers from the project's root, others in angle brackets");
  CHECK(one("sim/new/x.cpp", "int a;") ==
        "sim/new/x.cpp is in no folder of the architecture; give it a floor or move it");
}

TEST_CASE("right arrows are allowed") {
  CHECK(wrong_arrows({{"sim/serve/x.cpp", "#include \"sim/serve/x.hpp\"\n#include \"sim/llm/y.hpp\"\n#include <map>"}})
            .empty());
  CHECK(wrong_arrows({{"hw_models/a/x.cpp", "#include \"hw_models/b/x.hpp\"\n#include \"sim/hw/y.hpp\""}}).empty());
  CHECK(wrong_arrows({{"sim/hw/x.cpp", "// #include \"sim/serve/y.hpp\"\n/* #include \"tools/y.hpp\" */"}}).empty());
}
