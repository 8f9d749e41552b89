// What the program says about itself fits a screen, has an example, and completes.
#include <sstream>

#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

/// Names in the first column of `memwall --help`.
std::vector<std::string> verbs() {
  std::vector<std::string> out;
  std::istringstream lines(run_program({"--help"}).out);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("  memwall ", 0) == 0) out.push_back(line.substr(10, line.find(' ', 10) - 10));
  }
  // The last one is the example.
  if (!out.empty()) out.pop_back();
  return out;
}

void fits_a_screen(const std::vector<std::string>& words) {
  std::string shown;
  for (const std::string& word : words) shown += " " + word;
  INFO("memwall" << shown);
  const Ended ended = run_program(words);
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(ended.out.find("Example") != std::string::npos);
  std::size_t count = 0;
  std::istringstream lines(ended.out);
  for (std::string line; std::getline(lines, line); ++count) {
    INFO(line);
    CHECK(line.size() <= 100);
  }
  CHECK(count <= 40);
  CHECK(count >= 3);
}

}  // namespace

TEST_CASE("the help of every verb fits a screen and has an example") {
  REQUIRE(verbs().size() >= 12);
  fits_a_screen({"--help"});
  for (const std::string& verb : verbs()) fits_a_screen({verb, "--help"});
  for (const char* part : {"stats", "convert", "generate"}) fits_a_screen({"trace", part, "--help"});
}

TEST_CASE("completion and the manual know every verb and the options of its help") {
  const std::string bash = run_program({"completion", "bash"}).out;
  const std::string zsh = run_program({"completion", "zsh"}).out;
  const std::string man = run_program({"man"}).out;
  for (const std::string& verb : verbs()) {
    INFO(verb);
    CHECK(bash.find("    " + verb + ") ") != std::string::npos);
    CHECK(zsh.find("    " + verb + ")\n") != std::string::npos);
    CHECK(man.find(".SS " + verb + "\n") != std::string::npos);
    std::istringstream words(run_program({verb, "--help"}).out);
    for (std::string line; std::getline(words, line);) {
      if (line.rfind("  --", 0) != 0) continue;
      const std::string option = line.substr(2, line.find(' ', 2) - 2);
      INFO(option);
      CHECK(bash.find(option) != std::string::npos);
      CHECK(zsh.find("'*" + option + "[") != std::string::npos);
      std::string roff = option;
      for (std::size_t at = roff.find('-'); at != std::string::npos; at = roff.find('-', at + 2)) roff.insert(at, "\\");
      CHECK(man.find(".B " + roff) != std::string::npos);
    }
  }
}

TEST_CASE("bash takes the completion, and it completes verbs, options and parts") {
  const auto completed = [](const std::string& line, const std::string& count) {
    const std::string program = MEMWALL_PROGRAM;
    const std::string script = "source <(" + program + " completion bash); COMP_WORDS=(memwall " + line +
                               "); COMP_CWORD=" + count + "; _memwall; echo \"${COMPREPLY[*]}\"";
    const Path file = scratch("completion") / "out";
    const std::string command = "bash -c '" + script + "' >" + file.string() + " 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    return read_text(file);
  };
  CHECK(completed("val", "1") == "validate\n");
  CHECK(completed("run --see", "2") == "--seed\n");
  CHECK(completed("trace c", "2") == "convert\n");
}

TEST_CASE("a shell that is not known is refused with a suggestion") {
  const Ended ended = run_program({"completion", "bsh"});
  CHECK(ended.code == 2);
  CHECK(ended.err == "memwall: completion bsh: did you mean \"bash\"? known: bash, zsh\n");
  CHECK(run_program({"man", "run"}).err == "memwall: no words are wanted; usage: memwall man\n");
}
