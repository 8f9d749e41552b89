#include "sim/scenario/run.hpp"

#include <filesystem>
#include <utility>

#include "sim/scenario/build_routes.hpp"

namespace memwall {
namespace {

/// Hands everything on to all who listen, and remembers when the last request arrived.
class Broadcast final : public Sink {
 public:
  Broadcast(Sink& first, const std::vector<Sink*>& others) : first_(first), others_(others) {}
  void cycles(const CycleSpan& span) override {
    first_.cycles(span);
    for (Sink* each : others_) each->cycles(span);
  }
  void idle(const IdleSpan& span) override {
    first_.idle(span);
    for (Sink* each : others_) each->idle(span);
  }
  void request(const RequestRecord& record) override {
    if (record.arrival > last_) last_ = record.arrival;
    first_.request(record);
    for (Sink* each : others_) each->request(record);
  }
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t plan_change) override {
    first_.segment(replica, first_cycle, cycles, ramps, plan_change);
    for (Sink* each : others_) each->segment(replica, first_cycle, cycles, ramps, plan_change);
  }
  void token_gap(ReplicaId replica, Int128 gap) override {
    first_.token_gap(replica, gap);
    for (Sink* each : others_) each->token_gap(replica, gap);
  }
  [[nodiscard]] Time last_arrival() const { return last_; }

 private:
  Sink& first_;
  const std::vector<Sink*>& others_;
  Time last_;
};

CollectorSetup collector_setup(const Scenario& scenario, const Built& built, const RunOptions& options) {
  CollectorSetup setup;
  for (const BuiltPool& pool : built.pools) {
    setup.pools.push_back({pool.spec.name, pool.devices(), pool.spec.engines(), pool.engine.scheduler.num_blocks - 1});
  }
  const std::string model = scenario.models.size() == 1 ? scenario.models.begin()->second.config : std::string();
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& workload = scenario.workloads[i];
    setup.workloads.push_back(
        {model, workload.tenant, workload.class_name, workload.slo, built.workloads[i].source->names()});
  }
  setup.requests_csv = options.requests_csv;
  setup.cycles_csv = options.cycles_csv;
  setup.cycle_row = options.cycle_row;
  setup.cycle_rows = options.every_cycle ? CycleRows::all : CycleRows::leaps;
  return setup;
}

}  // namespace

Document scenario_of(Document document) {
  json::Node& root = document.root();
  const json::Node* scenario = root.find("scenario");
  if (scenario != nullptr && root.find("digest") != nullptr) {
    json::Node taken = *scenario;
    root = std::move(taken);
  }
  return document;
}

Document scenario_document(const std::string& path) { return scenario_of(Document::load(path)); }

LoadedScenario load_scenario(const std::string& path, const Catalogue& catalogue, const RunOptions& options) {
  return load_scenario(scenario_document(path), path, catalogue, options);
}

LoadedScenario load_scenario(Document document, const std::string& path, const Catalogue& catalogue,
                             const RunOptions& options) {
  LoadedScenario loaded{scenario_of(std::move(document)), {}, {}, {}};
  std::vector<std::string> edits = options.set;
  // As an edit, so that the bounds of the key hold for it too and the report shows it.
  if (options.seed) edits.push_back("/seed=" + std::to_string(*options.seed));
  loaded.document.set(edits);
  loaded.build.base_directory = std::filesystem::path(path).parent_path().string();
  loaded.build.directories = catalogue.search;
  loaded.build.directories.insert(loaded.build.directories.begin(), loaded.build.base_directory);
  loaded.build.reference = options.reference;
  loaded.build.every_cycle = options.every_cycle;
  ReadOutcome read = loaded.document.read(
      [&](Reader& reader) { loaded.scenario = read_scenario(reader, catalogue, loaded.build.directories); });
  loaded.resolved = std::move(read.resolved);
  return loaded;
}

Outcome run(const Scenario& scenario, const Catalogue& catalogue, const BuildOptions& build_options,
            const RunOptions& options) {
  Outcome outcome;
  outcome.built = build(scenario, catalogue, build_options);
  Collector collector(collector_setup(scenario, outcome.built, options));
  Broadcast sink(collector, options.listeners);
  std::vector<RequestRoute> routes = build_routes(scenario, outcome.built);
  Cluster cluster(pool_setups(outcome.built), std::move(outcome.built.workloads), std::move(routes),
                  handover_rules(scenario), sink);
  cluster.run(options.progress);
  collector.finish();
  outcome.results = collector.results(cluster.now() - Time{});
  outcome.arrivals = sink.last_arrival() - Time{};
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    outcome.notes.push_back(cluster.source(i).notes());
    outcome.closed_loop = outcome.closed_loop || cluster.source(i).closed_loop();
  }
  for (std::size_t i = 0; i < outcome.built.pools.size(); ++i) outcome.tiers.push_back(cluster.tier_totals(i));
  for (const auto& replica : cluster.replicas()) {
    outcome.cycles += replica->totals().cycles;
    outcome.events += replica->totals().events;
  }
  return outcome;
}

}  // namespace memwall
