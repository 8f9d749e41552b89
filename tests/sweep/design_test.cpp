// Axes and designs: what the words of --vary mean, and which points they make.
#include "tools/sweep/design.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/refusal.hpp"
#include "tools/sweep/axis.hpp"

using namespace memwall;
using namespace memwall::tools::sweep;

namespace {

std::string told_of(const std::string& axis) {
  return test::refusal_of([&] { (void)parse_axis(axis); });
}

using Texts = std::vector<std::string>;

double number(const std::string& value) { return number_of(value)->number; }

}  // namespace

TEST_CASE("a list of values is divided by commas outside of brackets and quotes") {
  CHECK(parse_axis("/seed=1,2,3").values == Texts{"1", "2", "3"});
  CHECK(parse_axis("/a=1 /s, 2 /s").values == Texts{"1 /s", "2 /s"});
  CHECK(parse_axis("/a=[1,2],[3]").values == Texts{"[1,2]", "[3]"});
  CHECK(parse_axis(R"(/a={"x": 1, "y": "},"},{"x": 2})").values == Texts{R"({"x": 1, "y": "},"})", R"({"x": 2})"});
  CHECK(parse_axis("/a=h100_sxm").values == Texts{"h100_sxm"});
  // A text may hold colons and equals signs.
  CHECK(parse_axis("/path=a:b=c,d").values == Texts{"a:b=c", "d"});
}

TEST_CASE("a range has its ends exactly, and even steps between them") {
  CHECK(parse_axis("/a=0:1:5").values == Texts{"0", "0.25", "0.5", "0.75", "1"});
  CHECK(parse_axis("/a=1:16:5:log /s").values == Texts{"1 /s", "2 /s", "4 /s", "8 /s", "16 /s"});
  CHECK(parse_axis("/a=1:1000:4:log:int").values == Texts{"1", "10", "100", "1000"});
}

TEST_CASE("units behind a range go to every value") {
  CHECK(parse_axis("/a=10:-10:3 %").values == Texts{"10%", "0%", "-10%"});
  CHECK(parse_axis("/a=1:2:2 TB/s").values == Texts{"1 TB/s", "2 TB/s"});
}

TEST_CASE("words that are no axis are refused with what would be right") {
  const std::string form = "a range is lo:hi:n[:log][:int][ unit], such as \"1:16:5:log /s\"";
  CHECK(told_of("rate=1") == "--vary rate=1: write /json/pointer=a,b,c or /json/pointer=lo:hi:n[:log][:int][ unit]");
  CHECK(told_of("/rate") == "--vary /rate: write /json/pointer=a,b,c or /json/pointer=lo:hi:n[:log][:int][ unit]");
  CHECK(told_of("/rate=") == "--vary /rate=: has no values");
  CHECK(told_of("/rate=1,,2") == "--vary /rate=1,,2: has an empty value; values are divided by single commas");
  CHECK(told_of("/rate=1,2,1") == "--vary /rate=1,2,1: has the value 1 twice");
  CHECK(told_of("/rate=1:2:3:4") == "--vary /rate=1:2:3:4: " + form);
  CHECK(told_of("/rate=1:x:3") == "--vary /rate=1:x:3: " + form);
  CHECK(told_of("/rate=1:9:0") == "--vary /rate=1:9:0: 0 steps: a range has 2 to 1000000");
  CHECK(told_of("/rate=1:9:1") == "--vary /rate=1:9:1: 1 steps: a range has 2 to 1000000");
  CHECK(told_of("/rate=0:9:3:log") ==
        "--vary /rate=0:9:3:log: a range that is even in the logarithm has both ends above 0");
  CHECK(told_of("/rate=3:3:3") == "--vary /rate=3:3:3: both ends of the range are the same; write the value alone");
  CHECK(told_of("/rate=1:3:9:int") == "--vary /rate=1:3:9:int: has the value 1 twice; whole numbers allow fewer steps");
}

TEST_CASE("all faults of all axes are told, two axes of one place among them") {
  CHECK(test::refusal_of([] {
          (void)parse_axes({"/a=", "/b=1", "/b=2", "/b/c=3", "d"});
        }) ==
        "--vary /a=: has no values\n"
        "--vary d: write /json/pointer=a,b,c or /json/pointer=lo:hi:n[:log][:int][ unit]\n"
        "--vary /b: two axes have this pointer; write all values behind one\n"
        "--vary /b/c: lies inside of /b, which is an axis too");
}

TEST_CASE("a grid has every combination once, the last axis running fastest") {
  const auto points = points_of({}, parse_axes({"/a=1,2", "/b=x,y,z"}));
  REQUIRE(points.size() == 6);
  Texts seen;
  for (const Parameters& point : points) seen.push_back(point[0].value + point[1].value);
  CHECK(seen == Texts{"1x", "1y", "1z", "2x", "2y", "2z"});
  CHECK(points[0][0].pointer == "/a");
}

TEST_CASE("a Latin hypercube takes every stratum of every axis once") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto points = points_of({DesignKind::latin, 50, seed}, parse_axes({"/a=0:1", "/b=1:1024:log"}));
    REQUIRE(points.size() == 50);
    std::set<int> first;
    std::set<int> second;
    for (const Parameters& point : points) {
      first.insert(static_cast<int>(number(point[0].value) * 50));
      second.insert(static_cast<int>(std::log2(number(point[1].value)) / 10 * 50));
    }
    CHECK(first.size() == 50);
    CHECK(second.size() == 50);
  }
}

TEST_CASE("the mean over a Latin hypercube varies less than over random points") {
  // For a sum of one function of each axis the variance of the mean falls from 1/n to 1/n^3 (McKay, Beckman, Conover
  // 1979; Stein 1987): here by a factor of n^2 = 400, of which a tenth is asked for.
  const auto axes = parse_axes({"/a=0:1", "/b=0:1"});
  const auto spread = [&](DesignKind kind) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      double mean = 0;
      for (const Parameters& point : points_of({kind, 20, seed}, axes)) {
        mean += (number(point[0].value) + number(point[1].value)) / 20;
      }
      sum += (mean - 1) * (mean - 1);
    }
    return sum / 40;
  };
  CHECK(spread(DesignKind::latin) < spread(DesignKind::random) / 40);
  // Of 20 draws from [0, 1) twice: 2 / 12 / 20, within five standard errors of 40 replications.
  CHECK(std::abs(spread(DesignKind::random) - 2.0 / 12 / 20) < 5 * 2.0 / 12 / 20 * std::sqrt(2.0 / 40));
}

TEST_CASE("a drawn point depends on the seed, the axis and its number alone") {
  const auto axes = parse_axes({"/a=0:1", "/b=x,y,z"});
  const auto few = points_of({DesignKind::random, 10, 7}, axes);
  const auto many = points_of({DesignKind::random, 20, 7}, axes);
  const auto other = points_of({DesignKind::random, 10, 8}, axes);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < few.size(); ++i) {
    CHECK(few[i][0].value == many[i][0].value);
    CHECK(few[i][1].value == many[i][1].value);
    if (few[i][0].value != other[i][0].value) ++changed;
  }
  CHECK(changed == few.size());
}

TEST_CASE("designs that have no points are refused") {
  const auto axes = parse_axes({"/a=0:1"});
  const auto grid = parse_axes({"/a=0:1:2"});
  CHECK(test::refusal_of([&] { (void)points_of({}, {}); }) ==
        "a sweep of no axis has no points; name one with --vary /json/pointer=a,b,c");
  CHECK(test::refusal_of([&] { (void)points_of({}, axes); }) ==
        "--vary /a=0:1: a grid wants the number of steps, as in lo:hi:n");
  CHECK(test::refusal_of([&] {
          (void)points_of({DesignKind::latin, 0, 1}, axes);
        }) == "--design latin: a sweep of no points; say how many with --points N");
  CHECK(test::refusal_of([&] {
          (void)points_of({DesignKind::latin, 5, 1}, grid);
        }) == "--vary /a=0:1:2: --points says how many are drawn; write the range as lo:hi");
  CHECK(test::refusal_of([&] {
          (void)points_of({DesignKind::grid, 5, 1}, grid);
        }) == "--points is for --design random and latin; a grid counts its own");
  CHECK(test::refusal_of([&] {
          (void)points_of({}, parse_axes({"/a=0:1:1001", "/b=0:1:1000"}));
        }) == "the sweep has 1001000 points; at most 1000000 are done");
  CHECK(test::refusal_of([&] { (void)design_kind("lattin"); }) ==
        "--design lattin: there is no such design; did you mean \"latin\"? known: grid, random, latin");
}
