// Scenarios of candidates, and runs of them.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/metrics/results.hpp"
#include "sim/scenario/run.hpp"
#include "tools/plan/layout.hpp"
#include "tools/plan/reason.hpp"

namespace memwall::tools::plan {

/// The scenario that a plan starts from: one pool of equal replicas whose device, size and number are chosen anew.
struct Base {
  std::string path;
  std::vector<std::string> edits;  ///< of the file, before those of a candidate
  LoadedScenario loaded;           ///< with the edits
  const Catalogue* catalogue = nullptr;
  std::vector<std::string> prices;  ///< "id=2.5 USD/h": in place of those of device files
};

/// Throws InputError where the scenario is wrong.
[[nodiscard]] Base open_base(std::string path, std::vector<std::string> edits, const Catalogue& catalogue,
                             std::vector<std::string> prices);

/// Throws InputError where it has several pools, or replicas of two groups of devices: their layouts are not varied.
void require_one_pool(const Base& base);

/// So many replicas of a layout under the traffic times a factor.
struct Fleet {
  const Layout* layout = nullptr;
  std::int64_t replicas = 1;
  double rate_factor = 1;
};

/// The edits that make the scenario of a fleet out of the base's file. What the scenario says of its own device alone
/// (package, cost, power_cap, count, streamed weights) is left out where another device takes its place.
[[nodiscard]] std::vector<std::string> fleet_edits(const Base& base, const Fleet& fleet);
/// Read with these edits. Throws InputError as a scenario file does.
[[nodiscard]] LoadedScenario load_fleet(const Base& base, const Fleet& fleet);

/// What every plan must do beside meeting the scenario's SLOs.
struct Demands {
  double attainment = 0;  ///< share of the requests that arrived and were good, at least
};

/// How a run of a fleet went.
struct Trial {
  std::vector<Verdict> verdicts;  ///< of the scenario's SLOs
  std::optional<double> load;     ///< arrival rate over capacity
  double arrivals_s = 0;          ///< from the start of the run to the last arrival
  double requests_per_s = 0;      ///< completed
  double output_tokens_per_s = 0;
  double attainment = 0;
  std::int64_t arrived = 0;
  std::int64_t completed = 0;
  std::int64_t refused = 0;          ///< rejected or failed
  double capital_usd_per_hour = 0;   ///< 0 where unknown
  double energy_usd_per_hour = 0;    ///< power that is not part of a rent
  double usd_per_mtok_output = 0;    ///< all cost over generated tokens
  std::optional<double> mean_watts;  ///< of all devices
  Tier bottleneck = Tier::idle;      ///< of the largest share of busy time
  double bottleneck_share = 0;
  Tier runner_up = Tier::idle;                            ///< next in line where the bottleneck were infinitely fast
  Limit limit = Limit::no_demand;                         ///< that most often kept batches from growing
  std::array<std::int64_t, basis_names.size()> inputs{};  ///< numbers that it rests on, by basis
  Rejection rejection;                                    ///< Reason::none where it met everything

  [[nodiscard]] bool passed() const { return rejection.reason == Reason::none; }
  [[nodiscard]] double usd_per_hour() const { return capital_usd_per_hour + energy_usd_per_hour; }
};

/// Changes what was loaded before it runs; empty: nothing.
using Adjust = std::function<void(LoadedScenario&)>;

/// Runs the fleet. Depends on nothing but its arguments, so that several threads may each run one.
[[nodiscard]] Trial try_fleet(const Base& base, const Fleet& fleet, const Demands& demands, const Adjust& adjust = {});

/// Runs a scenario that was loaded from the base, whatever was changed in it.
[[nodiscard]] Trial try_scenario(const Base& base, const LoadedScenario& loaded, const Demands& demands);

/// "ttft p99".
[[nodiscard]] std::string bound_name(const SloBound& bound);
/// The bound that decides: one that is missed before all that are met, then the largest observed over limit. Null where
/// there is no bound.
[[nodiscard]] const Verdict* tightest(const std::vector<Verdict>& verdicts);

}  // namespace memwall::tools::plan
