// From a scenario to the parts that run: devices, memory plans, engines, sources.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/memory_plan.hpp"
#include "sim/llm/model.hpp"
#include "sim/llm/split_memory.hpp"
#include "sim/llm/split_program.hpp"
#include "sim/scenario/spec.hpp"
#include "sim/serve/cluster.hpp"

namespace memwall {

/// The second group of devices of a pool's replicas, as built.
struct BuiltFeedForward {
  std::shared_ptr<const DeviceModel> device;
  std::shared_ptr<const Interconnect> interconnect;  ///< null where one device, or none of them, shares a layer
  Deployment deployment;
  SplitMemory memory;
};

/// A pool with everything that was derived for it, for the report and for `explain`.
struct BuiltPool {
  PoolSpec spec;
  std::shared_ptr<const DeviceModel> device;
  ModelShape model;
  Deployment deployment;
  MemoryPlan memory;
  EngineSpec engine;
  CycleOverheads overheads;
  std::optional<Watts> power_cap;    ///< that one device keeps to; absent where its energy is not known
  std::optional<DevicePrice> price;  ///< of one device; absent where nobody says it

  std::int64_t devices_per_replica = 1;          ///< of the pool's own device
  std::optional<BuiltFeedForward> feed_forward;  ///< set where `spec.feed_forward` is

  /// Of both groups.
  [[nodiscard]] std::int64_t devices() const {
    return spec.replicas * (devices_per_replica + (feed_forward ? feed_forward->memory.devices : 0));
  }
};

struct Built {
  std::vector<BuiltPool> pools;
  std::shared_ptr<const Interconnect> interconnect;  ///< null where every replica is one device
  std::vector<WorkloadSetup> workloads;
  std::optional<KvTransferSpec> kv_transfer;
  std::string data_version;            ///< hash of the files of devices, links and models, see versions.hpp
  std::vector<Provenance> provenance;  ///< every number that came from a catalogue or is an assumption of ours
};

struct BuildOptions {
  bool reference = false;    ///< one cycle an event
  bool every_cycle = false;  ///< cycles.csv has a row a cycle
  std::string base_directory;
  std::vector<std::string> directories;  ///< of relative paths, the base directory first
};

/// Throws InputError when something does not fit or cannot be opened: a model that the devices cannot hold, with the
/// sum written out; a trace that is missing or unusable.
[[nodiscard]] Built build(const Scenario& scenario, const Catalogue& catalogue, const BuildOptions& options);

/// Host time of a cycle where the scenario does not say it, as a scenario writes it.
[[nodiscard]] std::string_view default_schedule_time(bool asynchronous);

/// The same for sampling, for each sequence.
[[nodiscard]] std::string_view default_sampling_time();

/// What prices the cycles of a pool's replicas.
[[nodiscard]] std::unique_ptr<CyclePricer> cycle_pricer(const BuiltPool& pool,
                                                        std::shared_ptr<const Interconnect> interconnect);

/// The same for a pool whose replicas have two groups of devices.
[[nodiscard]] SplitProgram split_program(const BuiltPool& pool, std::shared_ptr<const Interconnect> interconnect);

/// The pools as the cluster wants them.
[[nodiscard]] std::vector<PoolSetup> pool_setups(const Built& built);

}  // namespace memwall
