// How files of the project look. Every rule is tried on the whole project and on a made-up offender, so that a rule
// that finds nothing is known to be able to find something.
#include <algorithm>
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/tidy/source_text.hpp"

using namespace memwall::tidy;

namespace {

const std::vector<std::string> everything = {"sim", "hw_models", "workloads", "tools", "tests"};

Faults length(const SourceFile& file) {
  const std::size_t lines = lines_of(file.text).size();
  if (lines <= 400) return {};
  return {fault(file, lines, "a file tells one story in at most 400 lines")};
}

Faults header_shape(const SourceFile& file) {
  Faults faults;
  if (!ends_with(file.path, ".hpp")) return faults;
  if (!starts_with(file.text, "// "))
    faults.push_back(fault(file, 1, "a header begins with a comment: what it is for"));
  if (!holds("\n" + file.text, "\n#pragma once\n")) faults.push_back(fault(file, 1, "a header needs #pragma once"));
  return faults;
}

Faults unfinished(const SourceFile& file) {
  // Put together so that this file does not hold the words itself.
  const std::string first = std::string("TO") + "DO";
  const std::string second = std::string("FIX") + "ME";
  Faults faults;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!holds(lines[i], first) && !holds(lines[i], second)) continue;
    faults.push_back(fault(file, i + 1, "unfinished work belongs in an issue, not in the source"));
  }
  return faults;
}

Faults whole_std(const SourceFile& file) {
  return by_line(file, [](const std::string& line) -> std::string {
    const auto words = words_of(line);
    const std::vector<std::string> wrong = {"using", "namespace", "std"};
    const bool found = std::search(words.begin(), words.end(), wrong.begin(), wrong.end()) != words.end();
    return found && !holds(line, "std::") ? "import single names of std or none" : "";
  });
}

/// The library that a heavy header belongs to; empty for any other line.
std::string heavy(const std::string& line) {
  if (!holds(line, "#include")) return "";
  for (const std::string family : {"nlohmann/", "boost/graph/", "boost/program_options", "Eigen/", "simdjson"}) {
    if (holds(line, "<" + family) || holds(line, "\"" + family)) return family;
  }
  return "";
}

/// A heavy header costs seconds in every file that sees it; so no header passes it on, and one .cpp a folder hides it.
Faults heavy_headers(const std::vector<SourceFile>& files) {
  Faults faults;
  std::map<std::string, std::set<std::string>> users;  // library and folder -> files
  for (const SourceFile& file : files) {
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    for (const std::string& line : code_lines(file.text)) {
      const std::string family = heavy(line);
      if (family.empty()) continue;
      if (ends_with(file.path, ".hpp")) faults.push_back(file.path + ": " + family + " must stay behind a .cpp");
      users[family + " in " + folder].insert(file.path);
    }
  }
  for (const auto& [what, paths] : users) {
    if (paths.size() < 2) continue;
    std::string message = what + ": one file may include it, not";
    for (const std::string& path : paths) message += " " + path;
    faults.push_back(message);
  }
  return faults;
}

/// Paths of one machine, which begin at the root; what stands before the first slash tells those inside the project
/// apart.
Faults machine_paths(const SourceFile& file) {
  Faults faults;
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const std::string name : {"work", "root", "tmp"}) {
      const std::string path = "/" + name + "/";
      for (std::size_t at = lines[i].find(path); at != std::string::npos; at = lines[i].find(path, at + 1)) {
        const std::string before = at == 0 ? " " : lines[i].substr(at - 1, 1);
        const bool inside = !words_of(before).empty() || before == "." || before == "}" || before == ")";
        if (!inside) faults.push_back(fault(file, i + 1, path + " is a path of one machine"));
      }
    }
  }
  return faults;
}

void check_none(const Faults& faults) {
  INFO(listed(faults));
  CHECK(faults.empty());
}

}  // namespace

TEST_CASE("the project's files look as the house wants them") {
  const auto files = project_files();
  const auto sources = sources_in(files, everything);
  REQUIRE(!sources.empty());
  check_none(over(sources, length));
  check_none(over(sources, header_shape));
  check_none(over(sources, unfinished));
  check_none(over(sources, whole_std));
  check_none(heavy_headers(sources_in(files, {"sim", "hw_models", "workloads", "tools"})));
  check_none(over(files, machine_paths));
}

TEST_CASE("a file of 401 lines is too long") {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "int a;\n";
  CHECK(length({"x.cpp", text}).empty());
  CHECK(length({"x.cpp", text + "int b;\n"}).size() == 1);
}

TEST_CASE("a header without its first sentence or its guard is told") {
  CHECK(header_shape({"x.hpp", "// What it is.\n#pragma once\n"}).empty());
  CHECK(header_shape({"x.hpp", "#pragma once\nint a;\n"}).size() == 1);
  CHECK(header_shape({"x.hpp", "// What it is.\nint a;\n"}).size() == 1);
}

TEST_CASE("promises and whole imports are told") {
  CHECK(unfinished({"x.cpp", std::string("int a;\n// TO") + "DO later"}) ==
        Faults{"x.cpp:2: unfinished work belongs in an issue, not in the source"});
  CHECK(whole_std({"x.cpp", std::string("using  namespace") + " std;"}).size() == 1);
  CHECK(whole_std({"x.cpp", "using namespace std::literals;\n// using namespace std;"}).empty());
}

TEST_CASE("a heavy header is told where a header shows it or a second file wants it") {
  CHECK(
      heavy_headers({{"sim/a/x.cpp", "#include <nlohmann/json.hpp>"}, {"sim/b/x.cpp", "#include <nlohmann/json.hpp>"}})
          .empty());
  CHECK(heavy_headers({{"sim/a/x.hpp", "#include <nlohmann/json_fwd.hpp>"}}) ==
        Faults{"sim/a/x.hpp: nlohmann/ must stay behind a .cpp"});
  CHECK(heavy_headers({{"sim/a/x.cpp", "#include <Eigen/Dense>"}, {"sim/a/y.cpp", "#include <Eigen/Core>"}}) ==
        Faults{"Eigen/ in sim/a: one file may include it, not sim/a/x.cpp sim/a/y.cpp"});
}

TEST_CASE("a path of one machine is told, a path of the project is not") {
  const std::string folder = "tmp";
  CHECK(machine_paths({"x.md", "see \"/" + folder + "/x\""}).size() == 1);
  CHECK(machine_paths({"x.md", "/" + folder + "/x"}).size() == 1);
  CHECK(machine_paths({"x.md", "sim/" + folder + "/x and ${HOME}/" + folder + "/x"}).empty());
}
