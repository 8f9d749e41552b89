// A fleet through time: as many replicas as each window of the workload needs, against as many as the busiest one does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

/// A stretch of the workload, served by itself: queues do not carry over from the one before.
struct Window {
  double from_s = 0;
  double to_s = 0;
  std::int64_t requests = 0;
  std::int64_t replicas = 0;  ///< fewest that meet everything; 0 where nothing arrives
  std::optional<Trial> run;   ///< with these
  std::optional<Trial> peak;  ///< with those of the busiest window
  Rejection rejection;        ///< where not even the most replicas meet everything

  [[nodiscard]] double hours() const { return (to_s - from_s) / 3600; }
  [[nodiscard]] double rate() const { return static_cast<double>(requests) / (to_s - from_s); }
};

/// The first seconds of the workload, and the windows that they are cut into.
struct Stretch {
  double period_s = 0;
  double window_s = 0;
};

struct Schedule {
  Layout layout;
  Feasible found;
  std::vector<Window> windows;
  std::int64_t peak_replicas = 0;  ///< of the busiest window
  double oracle_usd = 0;           ///< of a scheduler that knows each window beforehand and changes at once
  double static_usd = 0;           ///< of as many replicas as the busiest window needs, all the time
  double peak_to_mean = 0;         ///< of the rates of windows
  std::size_t runs = 0;

  [[nodiscard]] bool holds() const;
};

/// Cuts the workload, its traffic times a factor, into windows. No autoscaler is cheaper than the oracle, because it
/// knows less and needs time to start replicas. Throws InputError for closed loops and where there are too many
/// windows.
[[nodiscard]] Schedule schedule(const Base& base, const Layout& layout, std::int64_t most_replicas, double rate_factor,
                                Stretch stretch, const Demands& demands, const Parallel& parallel);

[[nodiscard]] std::string schedule_text(const Schedule& schedule);
[[nodiscard]] std::string schedule_csv(const Schedule& schedule);

}  // namespace memwall::tools::plan
