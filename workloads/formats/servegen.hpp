// ServeGen's clients (alibaba/ServeGen): per window a rate, a burstiness and distributions of lengths, from which
// requests are drawn.
#pragma once

#include <vector>

#include "workloads/formats/trace_format.hpp"

namespace memwall {

/// One row of a client's trace.csv.
struct ServeGenWindow {
  double start_s = 0;
  double rate_per_s = 0;
  enum class Family : std::uint8_t { idle, gamma, weibull } family = Family::idle;
  double shape = 1;

  /// Requests in a window of so many seconds.
  [[nodiscard]] std::int64_t requests(double seconds) const;
};

struct ServeGenWindows {
  std::vector<ServeGenWindow> windows;  ///< by start
  double seconds = 600;                 ///< length of each
};

/// Reads a client's trace.csv. Throws InputError that names the line of every fault (at most 20).
[[nodiscard]] ServeGenWindows read_servegen_windows(const TraceFile& file);

/// Token counts with their probabilities, as a distribution function.
struct ServeGenLengths {
  std::vector<double> values;      ///< ascending
  std::vector<double> cumulative;  ///< up to 1
  [[nodiscard]] bool empty() const { return values.empty(); }
  /// The smallest value whose cumulative probability reaches `u` in (0, 1).
  [[nodiscard]] double at(double u) const;
};

/// Reads "{18: 0.017, 20: 0.5}", the text of a Python dictionary. False where it is none.
[[nodiscard]] bool read_servegen_lengths(std::string_view text, ServeGenLengths& out);

[[nodiscard]] OpenRows read_servegen_keys(Reader& reader);
[[nodiscard]] bool recognise_servegen(std::string_view name, std::string_view beginning);

}  // namespace memwall
