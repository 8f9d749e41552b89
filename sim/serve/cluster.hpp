// Replicas, routers and sources on one clock: the only place where simulated time moves.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "sim/des/indexed_heap.hpp"
#include "sim/metrics/record.hpp"
#include "sim/serve/event.hpp"
#include "sim/serve/replica.hpp"
#include "sim/serve/router/router.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

/// A pool to be built: equal replicas that share one pricer.
struct PoolSetup {
  EngineSpec engine;
  std::int32_t replicas = 1;
  std::unique_ptr<CyclePricer> program;
};

/// One stream of requests.
struct WorkloadSetup {
  std::unique_ptr<RequestSource> source;
};

/// Everything that changes with time. Runs until every source is exhausted and every request has ended.
class Cluster final : private EndListener {
 public:
  /// The router sees all replicas of all pools, in the order of the pools. `sink` outlives the cluster.
  Cluster(std::vector<PoolSetup> pools, std::vector<WorkloadSetup> workloads, std::unique_ptr<Router> router,
          Sink& sink);

  /// Runs to the end. Calls `progress(now, requests ended)` about every 65,536 events when it is set.
  void run(const std::function<void(Time, std::int64_t)>& progress = {});

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::int64_t arrived() const { return arrived_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Replica>>& replicas() const { return replicas_; }
  [[nodiscard]] const RequestSource& source(std::size_t workload) const { return *workloads_[workload].source; }

 private:
  void ended(ReplicaId replica, const Request& request, const Ending& ending) override;
  void arrival(std::size_t workload);
  void tell_adapters_apart(Request& request) const;
  void take_away();
  void cancel(std::int32_t workload, std::int64_t ticket, Time when);
  void refresh_source(std::size_t workload);
  void refresh_replica(std::size_t replica);
  void refresh_leavers();

  std::vector<PoolSetup> pools_;
  std::vector<WorkloadSetup> workloads_;
  std::unique_ptr<Router> router_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  /// Requests under way that their clients will not wait for, the next one first.
  struct Leaver {
    Time when;
    RequestId id;
    ReplicaId replica;
    Slot slot;
    Status why;
    friend bool operator<(const Leaver& a, const Leaver& b) { return a.when != b.when ? a.when < b.when : a.id < b.id; }
  };
  std::set<Leaver> leavers_;
  /// Requests under way that their sources may cancel, by workload and ticket.
  std::map<std::pair<std::int32_t, std::int64_t>, Leaver> cancellable_;
  std::vector<std::vector<std::uint64_t>> adapters_;  ///< by workload: what stands for each of its adapters
  IndexedHeap<EventKey> queue_;                       ///< owners: workloads first, then replicas, then the leavers
  Time now_;
  Time last_end_;  ///< of a request, which may be later than the last event
  std::int64_t arrived_ = 0;
  std::int64_t ended_ = 0;
};

}  // namespace memwall
