// Colours and progress, for a terminal alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/time.hpp"

namespace memwall::tools {

/// Whether what is written to this descriptor may be coloured: a terminal shows it, it can do more than print, and the
/// user has not set NO_COLOR (no-color.org).
[[nodiscard]] bool colours_wanted(int descriptor);

/// The text in the nearest of the 216 colours of terminals to "#rrggbb".
[[nodiscard]] std::string painted(std::string_view text, std::string_view colour);

/// "  12.5 s simulated, 300 of 1000 requests, 250/s, 2.8 s left"; `total` where it is known.
[[nodiscard]] std::string progress_line(Time now, std::int64_t ended, std::optional<std::int64_t> total, double wall_s);

/// A line on stderr that tells how far a run is, where stderr is a terminal.
class Progress {
 public:
  Progress(bool wanted, std::optional<std::int64_t> total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(Time now, std::int64_t ended);

 private:
  bool wanted_;
  std::optional<std::int64_t> total_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace memwall::tools
