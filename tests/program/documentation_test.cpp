// Every command that the documentation shows is run. A page that shows what no longer works fails here.
#include <sstream>

#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

struct Command {
  std::string page;
  int line = 0;
  std::vector<std::string> words;  ///< behind the program's name
};

/// Words of a shell line as far as documentation needs it: quotes, and a comment at the end.
std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == ' ' || c == '\t') {
      if (inside) words.push_back(word);
      word.clear();
      inside = false;
    } else if (c == '#' && !inside) {
      break;
    } else {
      word += c;
      inside = true;
    }
  }
  REQUIRE(quote == 0);
  if (inside) words.push_back(word);
  return words;
}

/// The program's commands in fenced blocks of a page. A line that ends in a backslash goes on in the next.
std::vector<Command> commands_of(const std::string& text, const std::string& page) {
  std::vector<Command> commands;
  std::istringstream lines(text);
  bool fenced = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::string start = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    if (start.rfind("```", 0) == 0) {
      fenced = !fenced;
      continue;
    }
    if (!fenced) continue;
    const int first = number;
    for (std::string more; !line.empty() && line.back() == '\\' && std::getline(lines, more); ++number) {
      line.pop_back();
      line += more;
    }
    // Only commands are split into words: other lines are not written for a shell.
    const bool prompt = start.rfind("$ ", 0) == 0;
    const std::string command = prompt ? start.substr(2) : start;
    if (command.rfind("memwall", 0) != 0 && command.rfind("build/release/tools/memwall", 0) != 0) continue;
    std::vector<std::string> words = shell_words(line.substr(line.find(command.substr(0, command.find(' ')))));
    if (words.empty() || (words.front() != "memwall" && words.front() != "build/release/tools/memwall")) continue;
    words.erase(words.begin());
    commands.push_back({page, first, std::move(words)});
  }
  return commands;
}

std::vector<Path> pages() {
  const Path root = MEMWALL_SOURCE_DIR;
  std::vector<Path> out = {root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// A folder that looks like the project's, so that what commands write stays out of the project.
Path stand_in(const std::string& name) {
  const Path folder = scratch(name);
  for (const auto& entry : std::filesystem::directory_iterator(MEMWALL_SOURCE_DIR)) {
    const std::string file = entry.path().filename();
    if (file.front() == '.' || file.rfind("build", 0) == 0 || file == "results" || file == "out") continue;
    std::filesystem::create_symlink(entry.path(), folder / file);
  }
  return folder;
}

}  // namespace

TEST_CASE("every command of README.md and docs works as shown") {
  const Path folder = stand_in("documentation");
  std::size_t run = 0;
  for (const Path& page : pages()) {
    for (const Command& command : commands_of(read_text(page), page.filename())) {
      std::string shown;
      for (const std::string& word : command.words) shown += " " + word;
      const Ended ended = run_program(command.words, folder);
      INFO(command.page << ":" << command.line << ": memwall" << shown << "\n" << ended.err);
      // A program that was built without npm has no pages, and says so.
      const bool without_pages = ended.err.find("was built without its HTML pages") != std::string::npos;
      CHECK((ended.code == 0 || without_pages));
      ++run;
    }
  }
  CHECK(run >= 2);
}

TEST_CASE("commands are found in fenced blocks and nowhere else") {
  const auto commands = commands_of(
      "memwall outside\n```sh\nmemwall run a.json --set '/x=2 /s' # why\nls\n$ build/release/tools/memwall model \\\n"
      "  name\nmemwalls\n```\nmemwall outside\n",
      "page");
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].line == 3);
  CHECK(commands[0].words == std::vector<std::string>{"run", "a.json", "--set", "/x=2 /s"});
  CHECK(commands[1].words == std::vector<std::string>{"model", "name"});
}
