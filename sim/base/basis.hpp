// Where a number comes from. Every figure that enters a result carries its basis and its source.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace memwall {

enum class Basis : std::uint8_t {
  measured,     ///< read off silicon, or fitted to such readings
  vendor,       ///< the vendor's specification or claim
  estimate,     ///< third-party analysis, or arithmetic on other entries
  placeholder,  ///< no public source; a result that rests on it says so
};

inline constexpr std::array<std::string_view, 4> basis_names = {"measured", "vendor", "estimate", "placeholder"};
constexpr std::string_view name(Basis basis) { return basis_names[static_cast<std::size_t>(basis)]; }

/// A closed interval of plausible values, in the same unit as the value it belongs to.
struct Range {
  double low = 0;
  double high = 0;
};

/// A value with where it comes from.
template <class T>
struct Sourced {
  T value{};
  Basis basis = Basis::placeholder;
  std::string source;
  std::optional<Range> range;
};

/// One line of a report's list of assumptions.
struct Provenance {
  std::string name;   ///< JSON pointer inside its file, prefixed with the thing it belongs to
  std::string value;  ///< as text with its unit
  Basis basis = Basis::placeholder;
  std::string source;
  std::optional<Range> range;
};

}  // namespace memwall
