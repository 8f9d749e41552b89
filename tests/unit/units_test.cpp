#include "sim/base/units.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

double read(std::string_view text, Dimension dimension) {
  const units::Parsed parsed = units::parse(text, dimension);
  INFO(text << ": " << parsed.problem);
  REQUIRE(parsed.value.has_value());
  return *parsed.value;
}

std::string problem(std::string_view text, Dimension dimension) {
  const units::Parsed parsed = units::parse(text, dimension);
  INFO(text);
  CHECK_FALSE(parsed.value.has_value());
  return parsed.problem;
}

constexpr std::array dimensions = {
    Dimension{},
    Seconds::dimension,
    Bytes::dimension,
    Flops::dimension,
    Joules::dimension,
    Dollars::dimension,
    PerSecond::dimension,
    BytesPerSecond::dimension,
    FlopsPerSecond::dimension,
    Watts::dimension,
    DollarsPerSecond::dimension,
    Joules::dimension - Bytes::dimension,
    Joules::dimension - Flops::dimension,
    Dollars::dimension - Joules::dimension,
    Dollars::dimension - Bytes::dimension,
    Metres::dimension,
    SquareMetres::dimension,
    SquareMetres::dimension - Bytes::dimension,
    SquareMetres::dimension - FlopsPerSecond::dimension,
    Watts::dimension - SquareMetres::dimension,
    Dimension{} - SquareMetres::dimension,
    Seconds::dimension - Metres::dimension,
};

}  // namespace

TEST_CASE("a decimal prefix gives the double nearest to what is written") {
  // A product with 1e-6 would round a second time and miss some of these by a unit in the last place.
  CHECK(read("12.6 us", Seconds::dimension) == 12.6e-6);
  CHECK(read("3.64us", Seconds::dimension) == 3.64e-6);
  CHECK(read("0.3 ns", Seconds::dimension) == 0.3e-9);
  CHECK(read("7 ps", Seconds::dimension) == 7e-12);
  CHECK(read("3.35 TB/s", BytesPerSecond::dimension) == 3.35e12);
  CHECK(read("989 TFLOP/s", FlopsPerSecond::dimension) == 989e12);
  CHECK(read("1.1e3 kB", Bytes::dimension) == 1.1e6);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto digits = 1 + random_bits({.request = i}) % 999999;
    const std::string text = std::to_string(digits);
    CHECK(read(text + " ps", Seconds::dimension) == std::stod(text + "e-12"));
  }
}

TEST_CASE("units of every kind") {
  CHECK(read("2 min", Seconds::dimension) == 120);
  CHECK(read("1.5 h", Seconds::dimension) == 5400);
  CHECK(read("2 d", Seconds::dimension) == 172800);
  CHECK(read("80 GB", Bytes::dimension) == 80e9);
  CHECK(read("80 GiB", Bytes::dimension) == 80.0 * 1073741824.0);
  CHECK(read("16 KiB", Bytes::dimension) == 16384);
  CHECK(read("1 PiB", Bytes::dimension) == 0x1p50);
  CHECK(read("400 Gbit/s", BytesPerSecond::dimension) == 50e9);
  CHECK(read("8 bit", Bytes::dimension) == 1);
  CHECK(read("1 EFLOP/s", FlopsPerSecond::dimension) == 1e18);
  CHECK(read("700 W", Watts::dimension) == 700);
  CHECK(read("1.2 MW", Watts::dimension) == 1.2e6);
  CHECK(read("4 pJ", Joules::dimension) == 4e-12);
  CHECK(read("1 kWh", Joules::dimension) == 3.6e6);
  CHECK(read("2.5 USD/h", DollarsPerSecond::dimension) == 2.5 / 3600);
  CHECK(read("30 /min", PerSecond::dimension) == 0.5);
  CHECK(read("12 /s", PerSecond::dimension) == 12);
  CHECK(read("12/s", PerSecond::dimension) == 12);
  CHECK(read("4 pJ/bit", Joules::dimension - Bytes::dimension) == Approx(32e-12).epsilon(1e-15));
  CHECK(read("0.36 USD/kWh", Dollars::dimension - Joules::dimension) == Approx(1e-7).epsilon(1e-15));
  CHECK(read("5", Dimension{}) == 5);
}

TEST_CASE("blanks around and between are optional, the number takes an exponent") {
  CHECK(read("  3.35TB/s ", BytesPerSecond::dimension) == 3.35e12);
  CHECK(read("1e3 ms", Seconds::dimension) == 1);
  CHECK(read("1E-3s", Seconds::dimension) == 1e-3);
  CHECK(read("1EB", Bytes::dimension) == 1e18);
  CHECK(read(".5 s", Seconds::dimension) == 0.5);
  CHECK(read("5. s", Seconds::dimension) == 5);
  CHECK(read("1e0000000001 s", Seconds::dimension) == 10);
  CHECK(read("0e999 s", Seconds::dimension) == 0);
}

TEST_CASE("what is no quantity is refused") {
  for (const std::string_view text : {"-1 s",
                                      "-0 s",
                                      "nan s",
                                      "inf s",
                                      "infinity",
                                      "0x10 s",
                                      "",
                                      " ",
                                      "s",
                                      "1e400 s",
                                      "1e308 d",
                                      "1e-400 s",
                                      "1e99999999999999999999 s",
                                      "1,5 s",
                                      "1 s s",
                                      "1 /s",
                                      "1 S",
                                      "1 m",
                                      "+1 s",
                                      "1 s/",
                                      "1 GB",
                                      "1..5 s",
                                      "1e s"}) {
    const std::string why = problem(text, Seconds::dimension);
    CHECK_FALSE(why.empty());
  }
  problem("1 KB", Bytes::dimension);
  problem("1 B/s/s", BytesPerSecond::dimension);
  problem("1 TB", BytesPerSecond::dimension);
  problem("1 s", Dimension{});
  problem("1 FLOPS", FlopsPerSecond::dimension);
}

TEST_CASE("bits and bytes are never guessed") {
  for (const std::string_view text : {"900 Gb/s", "900Gb/s", "100 Mb", "100 Gbps", "1 Tbps", "8 b"}) {
    const Dimension dimension = text.ends_with('s') ? BytesPerSecond::dimension : Bytes::dimension;
    CHECK(problem(text, dimension).find("is ambiguous") != std::string::npos);
  }
  CHECK(problem("900 Gb/s", Seconds::dimension).find("is ambiguous") == std::string::npos);
}

TEST_CASE("what is formatted reads back") {
  for (const Dimension dimension : dimensions) {
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const DrawKey key{.seed = 7, .request = i};
      const double mantissa = 1 + 9 * random_uniform(key);
      const double value =
          mantissa *
          std::stod("1e" + std::to_string(static_cast<int>(random_bits({.seed = 8, .request = i}) % 46) - 20));
      const std::string text = units::format(value, dimension);
      INFO(text);
      const double back = read(text, dimension);
      CHECK(back == Approx(value).epsilon(5.1e-6));
      CHECK(units::format(back, dimension) == text);
    }
    CHECK(read(units::format(0, dimension), dimension) == 0);
    CHECK(read(units::example(dimension), dimension) > 0);
  }
}

TEST_CASE("the prefix fits the value") {
  CHECK(units::format(BytesPerSecond{3.35e12}) == "3.35 TB/s");
  CHECK(units::format(Bytes{80e9}) == "80 GB");
  CHECK(units::format(Bytes{999999.7}) == "1 MB");
  CHECK(units::format(Bytes{999.999}) == "999.999 B");
  CHECK(units::format(Bytes{0}) == "0 B");
  CHECK(units::format(Seconds{12.6e-6}) == "12.6 us");
  CHECK(units::format(Seconds{7200}) == "7200 s");
  CHECK(units::format(DollarsPerSecond{2.5 / 3600}) == "2.5 USD/h");
  CHECK(units::format(PerSecond{12}) == "12 /s");
  CHECK(units::format(Watts{700}) == "700 W");
  CHECK(units::format(FlopsPerSecond{989.4e12}) == "989.4 TFLOP/s");
  CHECK(units::format(0.125, Dimension{}) == "0.125");
  CHECK_THROWS_AS(units::format(std::numeric_limits<double>::infinity(), Seconds::dimension), LogicError);
  CHECK_THROWS_AS(units::example(Dimension{.time = 3}), LogicError);
}

TEST_CASE("lengths and areas are read and shown in units that people use for them") {
  CHECK(read("2 m", Metres::dimension) == 2);
  CHECK(read("13 mm", Metres::dimension) == 13e-3);
  CHECK(read("814 mm2", SquareMetres::dimension) == 814e-6);
  CHECK(read("0.3 mm2/TFLOP/s", SquareMetres::dimension - FlopsPerSecond::dimension) == 0.3e-6 / 1e12);
  CHECK(read("4.75 ns/m", Seconds::dimension - Metres::dimension) == 4.75e-9);
  CHECK(units::format(2500e-6, SquareMetres::dimension) == "2500 mm2");
  CHECK(units::format(2.5, Metres::dimension) == "2.5 m");
}
