// What a terminal gets and a pipe does not, and NO_COLOR.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

/// What the program prints where a terminal shows both streams; `script` (util-linux) makes one. Nothing without it.
std::string on_terminal(const std::string& environment, const std::string& words) {
  const Path file = scratch("terminal") / "out";
  const std::string command = "cd " + std::string(MEMWALL_SOURCE_DIR) + " && " + environment + " script -qec '" +
                              MEMWALL_PROGRAM + " " + words + "' /dev/null >" + file.string() + " 2>&1 </dev/null";
  return std::system(command.c_str()) == 0 ? read_text(file) : std::string();
}

}  // namespace

TEST_CASE("bars are coloured on a terminal, and not with NO_COLOR, on a dumb terminal, or in a pipe") {
  const std::string words = "run scenarios/quickstart.json";
  CHECK(run_program({"run", "scenarios/quickstart.json"}).out.find('\033') == std::string::npos);
  const std::string plain = on_terminal("NO_COLOR=1 TERM=xterm", words);
  if (plain.empty()) {
    WARN("skipped: script (Debian package bsdutils) makes no terminal here");
    return;
  }
  CHECK(plain.find("digest ") != std::string::npos);
  CHECK(plain.find('\033') == std::string::npos);
  CHECK(on_terminal("TERM=dumb", words).find('\033') == std::string::npos);
  const std::string coloured = on_terminal("env -u NO_COLOR TERM=xterm", words);
  CHECK(coloured.find("\033[38;5;") != std::string::npos);
  CHECK(coloured.find("#\033[0m") != std::string::npos);
}

TEST_CASE("progress tells rate and what is left on a terminal, and nothing in a pipe") {
  const std::string words = "run scenarios/quickstart.json --set /workload/requests=60000";
  CHECK(run_program({"run", "scenarios/quickstart.json", "--set", "/workload/requests=60000"}).err == "");
  const std::string shown = on_terminal("TERM=xterm", words);
  if (shown.empty()) {
    WARN("skipped: script (Debian package bsdutils) makes no terminal here");
    return;
  }
  CHECK(shown.find(" of 60000 requests, ") != std::string::npos);
  CHECK(shown.find(" left") != std::string::npos);
  CHECK(on_terminal("TERM=xterm", words + " --quiet").find(" simulated, ") == std::string::npos);
}
