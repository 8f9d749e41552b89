// What a run's tokens cost.
#pragma once

#include <string>

#include "sim/base/basis.hpp"
#include "sim/scenario/run.hpp"

namespace memwall {

/// US dollars. Absent prices make the cost unknown, not free.
struct CostReport {
  bool known = false;
  std::string unknown;                 ///< why not, as a sentence
  double capital_usd_per_hour = 0;     ///< rent, or purchases spread over their years of use
  double energy_usd_per_hour = 0;      ///< power that is not part of a rent
  bool energy_is_board_power = false;  ///< some device's energy is unknown and its board power was paid for
  double usd_per_mtok_input = 0;       ///< a million prompt tokens, at their share of the time
  double usd_per_mtok_output = 0;      ///< a million generated tokens, at theirs
  double usd_per_mtok_total = 0;       ///< all of it over prompt and generated tokens alike
  double usd_per_mtok_generated = 0;   ///< all of it over generated tokens alone
  Basis basis = Basis::measured;       ///< the weakest of its prices

  [[nodiscard]] double usd_per_hour() const { return capital_usd_per_hour + energy_usd_per_hour; }
};

/// Cost of all devices over the run. Where input and output are told apart it is divided by the critical seconds of
/// prefill and decode, idle time falling on both in that proportion.
[[nodiscard]] CostReport cost_of(const Outcome& outcome);

}  // namespace memwall
