// Whole runs for the laws: a scenario as text or file, through the same catalogue as the program's, to every record.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/metrics/digest.hpp"
#include "sim/scenario/build_routes.hpp"
#include "sim/scenario/run.hpp"
#include "sim/serve/cluster.hpp"
#include "sim/serve/router/router.hpp"
#include "tools/catalogue.hpp"

namespace memwall::test {

inline std::string project_file(const std::string& path) { return std::string(MEMWALL_SOURCE_DIR) + "/" + path; }

/// A scenario given as text; relative paths in it resolve against the project's folder.
inline LoadedScenario scenario_of(std::string_view text, const RunOptions& options = {}) {
  const Catalogue catalogue = tools::program_catalogue();
  LoadedScenario loaded{Document::parse(text, "law.json"), {}, {}, {}};
  loaded.document.set(options.set);
  loaded.build.base_directory = MEMWALL_SOURCE_DIR;
  loaded.build.directories = {loaded.build.base_directory};
  loaded.build.reference = options.reference;
  loaded.build.every_cycle = options.every_cycle;
  ReadOutcome read = loaded.document.read(
      [&](Reader& reader) { loaded.scenario = read_scenario(reader, catalogue, loaded.build.directories); });
  loaded.resolved = std::move(read.resolved);
  if (options.seed) loaded.scenario.seed = *options.seed;
  return loaded;
}

/// Keeps request records and the digest; cycles go to whoever wants them.
class Records : public Sink {
 public:
  void cycles(const CycleSpan& span) override {
    if (on_cycles) on_cycles(span);
  }
  void idle(const IdleSpan&) override {}
  void request(const RequestRecord& record) override {
    requests.push_back(record);
    digest.request(record);
  }
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t plan_change) override {
    if (on_segment) on_segment(first_cycle, cycles, ramps);
    digest.segment(replica, first_cycle, cycles, ramps, plan_change);
  }
  void token_gap(ReplicaId, Int128) override {}

  std::vector<RequestRecord> requests;  ///< in the order in which they ended
  Digest digest;
  std::function<void(const CycleSpan&)> on_cycles;
  std::function<void(std::int64_t first_cycle, std::int64_t cycles, const TierRamps&)> on_segment;
};

/// Runs to the end. `prepare` sees what was built before the clock starts.
inline void run_into(const LoadedScenario& loaded, Records& records,
                     const std::function<void(const Built&)>& prepare = {}) {
  Built built = build(loaded.scenario, tools::program_catalogue(), loaded.build);
  if (prepare) prepare(built);
  std::vector<RequestRoute> routes = build_routes(loaded.scenario, built);
  Cluster cluster(pool_setups(built), std::move(built.workloads), std::move(routes), handover_rules(loaded.scenario),
                  records);
  cluster.run();
}

inline Records run_records(const LoadedScenario& loaded) {
  Records records;
  run_into(loaded, records);
  return records;
}

/// Records by request id.
inline std::vector<RequestRecord> by_id(std::vector<RequestRecord> requests) {
  std::sort(requests.begin(), requests.end(),
            [](const RequestRecord& a, const RequestRecord& b) { return a.id < b.id; });
  return requests;
}

}  // namespace memwall::test
