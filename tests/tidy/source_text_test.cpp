#include "tests/tidy/source_text.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/catch.hpp"

namespace memwall::tidy {
namespace {

namespace fs = std::filesystem;

// Kept equal to .gitignore by hand; a folder that is ignored by git but not here can only make the tests stricter.
bool ignored(const std::string& name) {
  return name == ".git" || name == "out" || name == "results" || name == ".cache" || name.rfind("build", 0) == 0;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where the literal that starts at `begin` ends (one past its last character). A quote between digits is a separator.
std::size_t end_of_literal(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  if (quote == '"' && begin > 0 && text[begin - 1] == 'R') {
    const std::size_t open = text.find('(', begin);
    if (open == std::string_view::npos) return text.size();
    const std::string close = ")" + std::string(text.substr(begin + 1, open - begin - 1)) + "\"";
    const std::size_t end = text.find(close, open);
    return end == std::string_view::npos ? text.size() : end + close.size();
  }
  std::size_t at = begin + 1;
  while (at < text.size() && text[at] != quote && text[at] != '\n') at += text[at] == '\\' ? 2U : 1U;
  return std::min(at + 1, text.size());
}

std::string without_comments(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool separator = text[at] == '\'' && at > 0 && word_character(text[at - 1]);
    std::size_t end = at + 1;
    bool comment = false;
    if (text.substr(at, 2) == "//") {
      end = std::min(text.find('\n', at), text.size());
      comment = true;
    } else if (text.substr(at, 2) == "/*") {
      const std::size_t close = text.find("*/", at + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
      comment = true;
    } else if ((text[at] == '"' || text[at] == '\'') && !separator) {
      end = end_of_literal(text, at);
    }
    for (const char c : text.substr(at, end - at)) out += comment && c != '\n' ? ' ' : c;
    at = end;
  }
  return out;
}

}  // namespace

std::vector<SourceFile> project_files() {
  const fs::path root(MEMWALL_SOURCE_DIR);
  std::vector<SourceFile> files;
  auto entry = fs::recursive_directory_iterator(root);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry.depth() == 0 && ignored(entry->path().filename().string())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && entry->path().filename() != ".git") {
      files.push_back({fs::relative(entry->path(), root).generic_string(), read(entry->path())});
    }
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<SourceFile> sources_in(const std::vector<SourceFile>& files, const std::vector<std::string>& folders) {
  std::vector<SourceFile> out;
  for (const SourceFile& file : files) {
    const fs::path extension = fs::path(file.path).extension();
    if (extension != ".hpp" && extension != ".cpp") continue;
    const bool inside = std::any_of(folders.begin(), folders.end(),
                                    [&](const std::string& folder) { return file.path.rfind(folder + "/", 0) == 0; });
    if (inside) out.push_back(file);
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> code_lines(std::string_view text) { return lines_of(without_comments(text)); }

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (word_character(c)) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }
bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string fault(const SourceFile& file, std::size_t line, const std::string& message) {
  return file.path + ":" + std::to_string(line) + ": " + message;
}

Faults by_line(const SourceFile& file, const std::function<std::string(const std::string&)>& wrong) {
  Faults faults;
  const auto lines = code_lines(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string message = wrong(lines[i]);
    if (!message.empty()) faults.push_back(fault(file, i + 1, message));
  }
  return faults;
}

Faults over(const std::vector<SourceFile>& files, Rule rule) {
  Faults all;
  for (const SourceFile& file : files) {
    for (std::string& one : rule(file)) all.push_back(std::move(one));
  }
  return all;
}

std::string listed(const Faults& faults) {
  std::string out;
  for (const std::string& one : faults) out += one + "\n";
  return out;
}

}  // namespace memwall::tidy

using namespace memwall::tidy;

TEST_CASE("comments are removed from code, and what only looks like one is not") {
  CHECK(code_lines("int a;  // b\nint c;") == std::vector<std::string>{"int a;      ", "int c;"});
  CHECK(code_lines("a /* b\nc */ d") == std::vector<std::string>{"a     ", "     d"});
  CHECK(code_lines("f(\"http://x\");") == std::vector<std::string>{"f(\"http://x\");"});
  CHECK(code_lines("f(\"\\\"//\");") == std::vector<std::string>{"f(\"\\\"//\");"});
  CHECK(code_lines("f('\"'); // g") == std::vector<std::string>{"f('\"');     "});
  CHECK(code_lines("1'000; // x'") == std::vector<std::string>{"1'000;      "});
  CHECK(code_lines("R\"(// \" )\"; // x") == std::vector<std::string>{"R\"(// \" )\";     "});
}

TEST_CASE("the project's files are found, sources among them, and nothing that was built") {
  const std::vector<SourceFile> files = project_files();
  const auto holds = [&](const std::string& path) {
    return std::any_of(files.begin(), files.end(), [&](const SourceFile& file) { return file.path == path; });
  };
  CHECK(holds("CMakeLists.txt"));
  CHECK(holds("sim/base/affine.hpp"));
  CHECK(holds("tests/tidy/source_text_test.cpp"));
  CHECK(std::none_of(files.begin(), files.end(),
                     [](const SourceFile& file) { return file.path.rfind("build", 0) == 0; }));
  CHECK(sources_in(files, {"sim"}).size() > 20);
}
