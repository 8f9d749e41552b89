// What would let a result depend on anything but the scenario and its seed, and what only tools/ may do.
#include <algorithm>

#include "tests/catch.hpp"
#include "tests/tidy/source_text.hpp"

using namespace memwall::tidy;

namespace {

/// The clock, the environment and generators of others.
Faults outside_influence(const SourceFile& file) {
  return by_line(file, [](const std::string& line) -> std::string {
    const std::vector<std::string> wrong = {"rand",         "srand",  "random_device", "mt19937",        "mt19937_64",
                                            "system_clock", "getenv", "gettimeofday",  "random_shuffle", "localtime"};
    for (const std::string& word : words_of(line)) {
      if (std::find(wrong.begin(), wrong.end(), word) == wrong.end()) continue;
      return word +
             " differs from run to run or machine to machine; draw from sim/base/random.hpp, take the rest as input";
    }
    if (holds(line, "std::time(")) return "std::time differs from run to run";
    if (holds(line, "<random>")) return "distributions of <random> differ by library; use sim/base/random.hpp";
    return "";
  });
}

/// The C library picks variants of these by processor (sim/base/math.hpp).
Faults elementary_functions(const SourceFile& file) {
  if (starts_with(file.path, "sim/base/math.")) return {};
  return by_line(file, [](const std::string& line) -> std::string {
    for (const std::string name : {"exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "lgamma", "tgamma",
                                   "sin", "cos", "tan", "tanh", "erf", "erfc", "cbrt"}) {
      if (holds(line, "std::" + name + "(")) return "std::" + name + " differs by processor; use memwall::math";
    }
    return "";
  });
}

/// A library reports to its caller; only the program talks to the user.
Faults printing(const SourceFile& file) {
  return by_line(file, [](const std::string& line) -> std::string {
    for (const std::string name :
         {"std::cout", "std::cerr", "std::clog", "std::exit", "std::abort", "std::quick_exit", "fmt::print"}) {
      if (holds(line, name)) return name + ": below tools/ nothing prints or exits";
    }
    for (const std::string& word : words_of(line)) {
      if (word == "printf" || word == "fprintf" || word == "puts") return word + ": below tools/ nothing prints";
    }
    return "";
  });
}

Faults unordered(const SourceFile& file) {
  Faults faults;
  const auto code = code_lines(file.text);
  const auto lines = lines_of(file.text);
  for (std::size_t i = 0; i < code.size(); ++i) {
    const bool excused = i > 0 && holds(lines[i - 1], "order never reaches a result");
    if (!holds(code[i], "std::unordered_") || excused) continue;
    faults.push_back(fault(file, i + 1, "use an ordered container, or say above that 'order never reaches a result'"));
  }
  return faults;
}

void check_none(const Faults& faults) {
  INFO(listed(faults));
  CHECK(faults.empty());
}

std::size_t count(Rule rule, const std::string& text) { return rule({"sim/x/y.cpp", text}).size(); }

}  // namespace

TEST_CASE("nothing below tools/ lets a result depend on more than its input") {
  const auto files = project_files();
  const auto library = sources_in(files, {"sim", "hw_models", "workloads"});
  REQUIRE(!library.empty());
  check_none(over(library, outside_influence));
  check_none(over(library, elementary_functions));
  check_none(over(library, printing));
  check_none(over(sources_in(files, {"sim/serve", "sim/des"}), unordered));
}

TEST_CASE("clock, environment and foreign generators are told") {
  CHECK(
      outside_influence({"sim/x/y.cpp", "int a;\nint b = rand();"}) ==
      Faults{
          "sim/x/y.cpp:2: rand differs from run to run or machine to machine; draw from sim/base/random.hpp, take the "
          "rest as input"});
  CHECK(count(outside_influence, "std::chrono::system_clock::now();") == 1);
  CHECK(count(outside_influence, "std::getenv(\"A\");") == 1);
  CHECK(count(outside_influence, "#include <random>") == 1);
  CHECK(count(outside_influence, "#include \"sim/base/random.hpp\"\nint operand = grand(); // rand()") == 0);
}

TEST_CASE("elementary functions of the C library are told outside sim/base/math") {
  CHECK(count(elementary_functions, "double a = std::log(b);") == 1);
  CHECK(count(elementary_functions, "double a = math::log(b) + std::sqrt(c) + std::ceil(d);") == 0);
  CHECK(elementary_functions({"sim/base/math.cpp", "std::log(b);"}).empty());
}

TEST_CASE("printing and exiting are told") {
  CHECK(count(printing, "std::cerr << a;\nstd::exit(1);\nprintf(a);\nfmt::print(a);") == 4);
  CHECK(count(printing, "fmt::format(a); std::snprintf(b);") == 0);
}

TEST_CASE("an unordered container needs its excuse on the line above") {
  CHECK(count(unordered, "std::unordered_map<int, int> a;") == 1);
  CHECK(count(unordered, "// Looked up only: order never reaches a result.\nstd::unordered_map<int, int> a;") == 0);
  CHECK(count(unordered, "// order never reaches a result\nint b;\nstd::unordered_set<int> a;") == 1);
}
