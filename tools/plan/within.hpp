// The most goodput within a budget of money, power and devices: isocost and isopower.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/plan/goodput.hpp"
#include "tools/plan/search.hpp"

namespace memwall::tools::plan {

/// What may not be passed. At least one is given.
struct Budget {
  std::optional<double> usd_per_hour;
  std::optional<double> watts;  ///< that devices may draw: their caps, or board powers
  std::int64_t max_devices = 64;
};

/// A layout with as many replicas as the budget holds.
struct Entry {
  std::size_t offer = 0;
  std::int64_t replicas = 0;
  double usd_at_most = 0;            ///< an hour, with all the power paid for that it may draw
  double requests_at_most = 0;       ///< a second, by the estimate of capacity
  std::optional<HighestRate> found;  ///< absent: not run
  Rejection rejection;               ///< why it is not the one with the most; Reason::none: it is
};

struct Within {
  std::vector<Offer> offers;
  std::vector<Entry> entries;       ///< an offer each: the most goodput first, then what was not run
  std::optional<std::size_t> best;  ///< of `entries`
  std::size_t runs = 0;
};

/// Goodput of every layout that the budget holds, in the order of what their capacity allows; one whose capacity is
/// below a goodput found is not run. Throws InputError for traffic without a rate.
[[nodiscard]] Within most_within(const Base& base, std::vector<Offer> offers, const Traffic& traffic,
                                 const Budget& budget, const Demands& demands, const Parallel& parallel);

[[nodiscard]] std::string within_text(const Within& within, const Budget& budget, std::size_t top);
[[nodiscard]] std::string within_json(const Within& within);

}  // namespace memwall::tools::plan
