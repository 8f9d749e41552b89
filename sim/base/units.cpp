#include "sim/base/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall::units {
namespace {

/// A unit as 10^exponent * multiplier / divisor base units. The decimal exponent is kept apart because it is added to
/// the number's own exponent before the number is converted: "12.6 us" is then the double nearest to 12.6e-6, and not
/// one that a product rounded a second time.
struct Unit {
  std::string_view name;
  int exponent = 0;
  double multiplier = 1;
  double divisor = 1;
};

constexpr double kibi = 1024;

// The first unit of a list is its base unit.
constexpr std::array time_units = {Unit{"s"},      Unit{"ps", -12},    Unit{"ns", -9},     Unit{"us", -6},
                                   Unit{"ms", -3}, Unit{"min", 0, 60}, Unit{"h", 0, 3600}, Unit{"d", 0, 86400}};
constexpr std::array data_units = {Unit{"B"},
                                   Unit{"kB", 3},
                                   Unit{"MB", 6},
                                   Unit{"GB", 9},
                                   Unit{"TB", 12},
                                   Unit{"PB", 15},
                                   Unit{"EB", 18},
                                   Unit{"KiB", 0, kibi},
                                   Unit{"MiB", 0, kibi* kibi},
                                   Unit{"GiB", 0, kibi* kibi* kibi},
                                   Unit{"TiB", 0, kibi* kibi* kibi* kibi},
                                   Unit{"PiB", 0, kibi* kibi* kibi* kibi* kibi},
                                   Unit{"bit", 0, 1, 8},
                                   Unit{"kbit", 3, 1, 8},
                                   Unit{"Mbit", 6, 1, 8},
                                   Unit{"Gbit", 9, 1, 8},
                                   Unit{"Tbit", 12, 1, 8},
                                   Unit{"Pbit", 15, 1, 8}};
constexpr std::array work_units = {Unit{"FLOP"},      Unit{"kFLOP", 3},  Unit{"MFLOP", 6}, Unit{"GFLOP", 9},
                                   Unit{"TFLOP", 12}, Unit{"PFLOP", 15}, Unit{"EFLOP", 18}};
constexpr std::array energy_units = {Unit{"J"},           Unit{"pJ", -12},      Unit{"nJ", -9},      Unit{"uJ", -6},
                                     Unit{"mJ", -3},      Unit{"kJ", 3},        Unit{"MJ", 6},       Unit{"GJ", 9},
                                     Unit{"Wh", 0, 3600}, Unit{"kWh", 3, 3600}, Unit{"MWh", 6, 3600}};
constexpr std::array power_units = {Unit{"W"},     Unit{"uW", -6}, Unit{"mW", -3},
                                    Unit{"kW", 3}, Unit{"MW", 6},  Unit{"GW", 9}};
constexpr std::array money_units = {Unit{"USD"}};
constexpr std::array length_units = {Unit{"m"}, Unit{"nm", -9}, Unit{"um", -6}, Unit{"mm", -3}, Unit{"km", 3}};
constexpr std::array area_units = {Unit{"m2"}, Unit{"um2", -12}, Unit{"mm2", -6}};
constexpr std::array work_rate_units = {Unit{"FLOP/s"}, Unit{"GFLOP/s", 9}, Unit{"TFLOP/s", 12}, Unit{"PFLOP/s", 15}};
constexpr std::array no_units = {Unit{""}};
constexpr std::array rate_units = {Unit{"s"}, Unit{"min", 0, 60}, Unit{"h", 0, 3600}, Unit{"d", 0, 86400}};

/// What may stand before and after the stroke. No stroke where `below` is empty.
struct Family {
  std::span<const Unit> above;
  std::span<const Unit> below;
  std::string_view shown_below;  ///< the denominator that `format` prints
  std::string_view example;
};

struct Row {
  Dimension dimension;
  Family family;
};

constexpr std::array rows = {
    Row{{}, {no_units, {}, "", "1"}},
    Row{Seconds::dimension, {time_units, {}, "", "2 ms"}},
    Row{Bytes::dimension, {data_units, {}, "", "80 GB"}},
    Row{Flops::dimension, {work_units, {}, "", "2 GFLOP"}},
    Row{Joules::dimension, {energy_units, {}, "", "4 pJ"}},
    Row{Dollars::dimension, {money_units, {}, "", "30000 USD"}},
    Row{PerSecond::dimension, {no_units, rate_units, "s", "12 /s"}},
    Row{BytesPerSecond::dimension, {data_units, rate_units, "s", "3.35 TB/s"}},
    Row{FlopsPerSecond::dimension, {work_units, rate_units, "s", "989 TFLOP/s"}},
    Row{Watts::dimension, {power_units, {}, "", "700 W"}},
    Row{DollarsPerSecond::dimension, {money_units, rate_units, "h", "2.5 USD/h"}},
    Row{Joules::dimension - Bytes::dimension, {energy_units, data_units, "bit", "4 pJ/bit"}},
    Row{Joules::dimension - Flops::dimension, {energy_units, work_units, "FLOP", "0.5 pJ/FLOP"}},
    Row{Dollars::dimension - Joules::dimension, {money_units, energy_units, "kWh", "0.1 USD/kWh"}},
    Row{Metres::dimension, {length_units, {}, "", "2 m"}},
    Row{SquareMetres::dimension, {area_units, {}, "", "814 mm2"}},
    Row{SquareMetres::dimension - Bytes::dimension, {area_units, data_units, "MB", "0.4 mm2/MB"}},
    Row{SquareMetres::dimension - FlopsPerSecond::dimension,
        {area_units, work_rate_units, "TFLOP/s", "0.3 mm2/TFLOP/s"}},
    Row{Watts::dimension - SquareMetres::dimension, {power_units, area_units, "mm2", "0.8 W/mm2"}},
    Row{Dimension{} - SquareMetres::dimension, {no_units, area_units, "mm2", "0.001 /mm2"}},
    Row{Seconds::dimension - Metres::dimension, {time_units, length_units, "m", "4.75 ns/m"}},
    Row{Dollars::dimension - Bytes::dimension, {money_units, data_units, "GB", "0.02 USD/GB"}},
};

const Family& family_of(Dimension dimension) {
  for (const Row& row : rows) {
    if (row.dimension == dimension) return row.family;
  }
  throw LogicError("no unit is known for this dimension");
}

const Unit* find(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

Unit quotient(const Unit& above, const Unit& below) {
  return {"", above.exponent - below.exponent, above.multiplier * below.divisor, above.divisor * below.multiplier};
}

std::optional<Unit> find_unit(const Family& family, std::string_view text) {
  if (family.below.empty()) {
    const Unit* unit = find(family.above, text);
    return unit == nullptr ? std::nullopt : std::optional(*unit);
  }
  const std::size_t stroke = text.find('/');
  if (stroke == std::string_view::npos) return std::nullopt;
  const Unit* above = find(family.above, text.substr(0, stroke));
  const Unit* below = find(family.below, text.substr(stroke + 1));
  if (above == nullptr || below == nullptr) return std::nullopt;
  return quotient(*above, *below);
}

/// Every unit that fits, for a message; where the numerator has many, only with the customary denominator.
std::string listing(const Family& family) {
  std::string out;
  const auto add = [&out](std::string_view above, std::string_view stroke, std::string_view below) {
    out += out.empty() ? "" : ", ";
    out += above;
    out += stroke;
    out += below;
  };
  for (const Unit& above : family.above) {
    if (family.below.empty()) {
      add(above.name, "", "");
    } else if (family.above.size() > 1) {
      add(above.name, "/", family.shown_below);
    } else {
      for (const Unit& below : family.below) add(above.name, "/", below.name);
    }
  }
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Parsed refuse(std::string problem) { return {std::nullopt, std::move(problem)}; }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string advice(const Family& family) { return "write for example " + quoted(family.example); }

/// The number at the front of a text: its digits, its decimal exponent, and where it ends.
struct Literal {
  std::string_view digits;
  long exponent = 0;
  std::size_t length = 0;
};

std::size_t digits_at(std::string_view text, std::size_t from) {
  const std::size_t end = text.find_first_not_of("0123456789", from);
  return (end == std::string_view::npos ? text.size() : end) - from;
}

std::optional<Literal> literal_at_front(std::string_view text) {
  const std::size_t whole = digits_at(text, 0);
  std::size_t end = whole;
  std::size_t decimals = 0;
  if (end < text.size() && text[end] == '.') {
    decimals = digits_at(text, end + 1);
    end += 1 + decimals;
  }
  if (whole + decimals == 0) return std::nullopt;
  Literal literal{text.substr(0, end), 0, end};
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t from = end + 1;
    const bool negative = from < text.size() && text[from] == '-';
    if (from < text.size() && (text[from] == '-' || text[from] == '+')) ++from;
    const std::size_t count = digits_at(text, from);
    if (count > 0) {
      const auto parsed = std::from_chars(text.data() + from, text.data() + from + count, literal.exponent);
      // Whatever does not fit here is far outside of double precision too, and `convert` refuses it.
      constexpr long absurd = 1'000'000'000;
      if (parsed.ec != std::errc{} || literal.exponent > absurd) literal.exponent = absurd;
      if (negative) literal.exponent = -literal.exponent;
      literal.length = from + count;
    }
  }
  return literal;
}

/// The nearest double to the literal in base units; nothing where it overflows, or vanishes without being zero.
std::optional<double> convert(const Literal& literal, const Unit& unit) {
  const std::string text = std::string(literal.digits) + "e" + std::to_string(literal.exponent + unit.exponent);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    const bool zero = literal.digits.find_first_of("123456789") == std::string_view::npos;
    return zero ? std::optional(0.0) : std::nullopt;
  }
  const double scaled = value * unit.multiplier / unit.divisor;
  if (!std::isfinite(scaled) || (scaled == 0 && value != 0)) return std::nullopt;
  return scaled;
}

/// Gb/s, Mb, Gbps: b is read as bits by some and as bytes by others, which differ by a factor of eight.
std::optional<std::string> ambiguous(std::string_view whole, std::string_view unit, bool per_time) {
  std::string_view stem = unit;
  if (stem.ends_with("/s")) stem.remove_suffix(2);
  if (stem.ends_with("ps")) stem.remove_suffix(2);
  if (!stem.ends_with('b') || stem.size() > 2) return std::nullopt;
  stem.remove_suffix(1);
  const std::string prefix = stem == "K" ? "k" : std::string(stem);
  if (!prefix.empty() && std::string_view("kMGTPE").find(prefix) == std::string_view::npos) return std::nullopt;
  const std::string suffix = per_time ? "/s" : "";
  return quoted(whole) + " is ambiguous; write " + prefix + "B" + suffix + " for bytes or " + prefix + "bit" + suffix +
         " for bits";
}

std::string six_digits(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 6);
  return {buffer.data(), result.ptr};
}

double scale(const Unit& unit) {
  double power = 1;
  for (int i = 0; i < std::abs(unit.exponent); ++i) power *= 10;
  return unit.exponent < 0 ? unit.multiplier / power / unit.divisor : unit.multiplier * power / unit.divisor;
}

}  // namespace

Parsed parse(std::string_view text, Dimension dimension) {
  const Family& family = family_of(dimension);
  const std::string_view trimmed = trim(text);
  if (trimmed.empty()) return refuse("the text is empty; " + advice(family));
  if (trimmed.front() == '-') return refuse(quoted(trimmed) + " is negative; write a value of at least 0");
  const std::optional<Literal> literal = literal_at_front(trimmed);
  if (!literal) return refuse(quoted(trimmed) + " does not begin with a finite number; " + advice(family));

  const std::string_view name = trim(trimmed.substr(literal->length));
  if (name.empty() && dimension != Dimension{}) return refuse(quoted(trimmed) + " has no unit; " + advice(family));
  const std::optional<Unit> unit = find_unit(family, name);
  if (!unit) {
    const bool data = dimension.data == 1;
    if (const auto problem = ambiguous(trimmed, name, dimension.time == -1); data && problem) return refuse(*problem);
    if (dimension == Dimension{}) return refuse(quoted(trimmed) + " has a unit where a plain number is meant");
    return refuse("the unit " + quoted(name) + " of " + quoted(trimmed) + " does not fit; " + advice(family) +
                  "; units that fit: " + listing(family));
  }
  const std::optional<double> value = convert(*literal, *unit);
  if (!value) return refuse(quoted(trimmed) + " is outside the range of double precision; " + advice(family));
  return {value, {}};
}

std::string format(double value, Dimension dimension) {
  law(std::isfinite(value), "only a finite value can be written with a unit");
  const Family& family = family_of(dimension);
  Unit below;
  if (!family.below.empty()) below = *find(family.below, family.shown_below);

  // Only powers of a thousand of the base unit are prefixes of a display: no minutes, KiB, bits or watt-hours.
  std::vector<Unit> prefixes;
  for (const Unit& unit : family.above) {
    if (unit.multiplier == 1 && unit.divisor == 1) prefixes.push_back(unit);
  }
  std::stable_sort(prefixes.begin(), prefixes.end(),
                   [](const Unit& a, const Unit& b) { return a.exponent < b.exponent; });

  const auto count = [&](const Unit& above) { return value / scale(quotient(above, below)); };
  std::size_t chosen = 0;
  if (value == 0) {
    while (prefixes[chosen].exponent != 0) ++chosen;
  } else {
    // 999.9996 kB rounds to "1000 kB" in six digits; the next prefix then says the same in fewer.
    // Prefixes of areas lie a million apart: 1500 mm2 stays what it is.
    while (chosen + 1 < prefixes.size() && std::abs(count(prefixes[chosen])) >= 999.9995 &&
           std::abs(count(prefixes[chosen + 1])) >= 0.9999995) {
      ++chosen;
    }
  }
  std::string out = six_digits(count(prefixes[chosen]));
  if (dimension == Dimension{}) return out;
  out += " " + std::string(prefixes[chosen].name);
  if (!family.below.empty()) out += "/" + std::string(below.name);
  return out;
}

std::string_view example(Dimension dimension) { return family_of(dimension).example; }

std::string pattern(Dimension dimension) {
  const Family& family = family_of(dimension);
  const auto alternatives = [](std::span<const Unit> units) {
    std::string out;
    for (const Unit& unit : units) out += (out.empty() ? "" : "|") + std::string(unit.name);
    return units.size() == 1 ? out : "(" + out + ")";
  };
  std::string out = R"(^\s*([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*)" + alternatives(family.above);
  if (!family.below.empty()) out += "/" + alternatives(family.below);
  return out + R"(\s*$)";
}

}  // namespace memwall::units
