// Numbers of devices that are known within a range, and draws from those ranges.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/compare/sheet.hpp"

namespace memwall::tools::compare {

/// A number of a device's file with a range. Two scenarios on the same device share it.
struct RangedNumber {
  std::string device;   ///< as scenarios name it
  std::string pointer;  ///< in its file
  double low = 0;       ///< in SI units
  double high = 0;
  std::string high_text;  ///< as the file writes it
  bool whole = false;     ///< a count: value and range are whole numbers without a unit, up to more than 1

  [[nodiscard]] std::string name() const { return pointer.substr(1) + " of " + device; }
  friend bool operator==(const RangedNumber& a, const RangedNumber& b) {
    return a.device == b.device && a.pointer == b.pointer;
  }
};

/// A device with every number of its file that has a range, apart from those of its package.
struct DeviceRanges {
  std::string device;
  std::vector<std::string> directories;  ///< where a file of the user's is looked for
  std::vector<RangedNumber> numbers;
};

/// What a scenario's devices leave open: numbers with a range, in the order of its pools and their files, and the
/// placeholders without one ("name of device"). Numbers that the scenario states itself are neither.
struct OpenNumbers {
  std::vector<RangedNumber> ranged;
  std::vector<std::string> boundless;
  std::vector<DeviceRanges> devices;
};

/// Throws InputError where the scenario is wrong.
[[nodiscard]] OpenNumbers open_numbers(const Sheet& sheet, const Catalogue& catalogue);

/// One draw of all numbers. Numbers are drawn apart from each other, and a device whose draw contradicts itself, such
/// as more power without work than the board may draw, is drawn again: `attempt` counts that, by device.
struct Draw {
  std::uint64_t seed = 1;
  std::uint64_t index = 0;
  std::map<std::string, std::uint64_t> attempt;

  /// What is drawn of a number, as a share of the high end of its range: log-uniform where both ends are above zero,
  /// because such ranges are known as factors and a rate must be drawn as its inverse would be; uniform from zero;
  /// counts are rounded. It depends on nothing but the draw and the number, so that scenarios which share the number
  /// get the same.
  [[nodiscard]] double share(const RangedNumber& number) const;
};

/// Draws until the files of all devices can be read with what was drawn.
[[nodiscard]] Draw consistent_draw(std::uint64_t seed, std::uint64_t index, const std::vector<DeviceRanges>& devices,
                                   const Catalogue& catalogue);

/// The share of the high end as a text with the file's unit.
[[nodiscard]] std::string drawn_text(const RangedNumber& number, double share);

/// The sheet with all of these numbers as drawn.
[[nodiscard]] Sheet with_draw(const Sheet& sheet, const std::vector<RangedNumber>& numbers, const Draw& draw);

}  // namespace memwall::tools::compare
