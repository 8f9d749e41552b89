// What is bound together in one package: dies, interposer, memory stacks; what it holds, what it costs, what is
// scrapped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

enum class InterposerKind : std::uint8_t { silicon, bridges, organic, wafer };
inline constexpr std::array<std::string_view, 4> interposer_names = {"silicon", "bridges", "organic", "wafer"};

using PerSquareMetre = Quantity<Dimension{.length = -2}>;

/// A package as its file describes it. Prices are those of parts that passed their tests before assembly.
struct Package {
  std::int64_t dies = 1;
  Sourced<Metres> die_edge;    ///< of one die, the longer side, along which memory stacks stand
  Sourced<Dollars> die_price;  ///< of one good die
  Sourced<double> die_attach;  ///< chance that placing a die spoils nothing
  InterposerKind interposer = InterposerKind::silicon;
  Sourced<SquareMetres> interposer_area;
  Sourced<PerSquareMetre> interposer_defects;  ///< that spoil it
  Sourced<Dollars> interposer_price;           ///< with assembly
  std::int64_t full_stacks = 0;                ///< with which the device's memory, bandwidth and price are stated
  std::int64_t stacks = 0;                     ///< with which it is built
  std::int64_t stack_height = 8;               ///< layers of a stack
  Sourced<Dollars> stack_price;                ///< of one good stack
  Sourced<double> stack_attach;                ///< chance that placing a stack spoils nothing
  Sourced<Metres> edge_per_stack;              ///< of die edge that the wiring of a stack needs
  Sourced<BytesPerSecond> die_to_die;          ///< one direction between neighbouring dies; zero for one die

  /// Stacks for which the dies have room: along two edges of each die.
  [[nodiscard]] std::int64_t most_stacks() const;
  /// exp(-D0 A), the Poisson yield of an area with random defects.
  [[nodiscard]] double interposer_yield() const;
  /// Chance that a package with so many stacks works: interposer x attached dies x attached stacks.
  [[nodiscard]] double yield(std::int64_t with_stacks) const;
  /// All its parts, once.
  [[nodiscard]] Dollars parts(std::int64_t with_stacks) const;
  /// Parts over yield: what is spoiled is paid by what works, because no part can be taken off again.
  [[nodiscard]] Dollars cost(std::int64_t with_stacks) const { return parts(with_stacks) / yield(with_stacks); }
  /// Cost of spoiled packages for each good one.
  [[nodiscard]] Dollars scrap(std::int64_t with_stacks) const { return cost(with_stacks) - parts(with_stacks); }
  /// Of the packages whose dies and interposer work, those on which exactly `missing` of the stacks failed, and which
  /// can be sold with fewer: binomial in the chance of attachment.
  [[nodiscard]] double share_missing(std::int64_t missing) const;

  /// Of the memory and bandwidth that the file states, what this many stacks have.
  [[nodiscard]] double memory_share() const {
    return full_stacks == 0 ? 1 : static_cast<double>(stacks) / static_cast<double>(full_stacks);
  }
  /// The same of the price: in proportion to the cost of a good package.
  [[nodiscard]] double price_share() const { return full_stacks == 0 ? 1 : cost(stacks) / cost(full_stacks); }
};

/// Reads the object "package" of a device file. `stacks` in place of the file's own number, where given. Faults go to
/// the reader: more stacks than the edges have room for, chances outside 0 to 1.
[[nodiscard]] Package read_package(Reader& reader, std::optional<std::int64_t> stacks);

}  // namespace memwall
