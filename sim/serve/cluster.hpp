// Replicas, routers and sources on one clock: the only place where simulated time moves.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
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
  void ended(ReplicaId replica, const Request& request, Time when) override;
  void arrival(std::size_t workload);
  void client_gives_up();
  void refresh_source(std::size_t workload);
  void refresh_replica(std::size_t replica);
  void refresh_impatient();

  std::vector<PoolSetup> pools_;
  std::vector<WorkloadSetup> workloads_;
  std::unique_ptr<Router> router_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  /// Requests under way whose clients will give up, the next one first.
  struct Impatient {
    Time when;
    RequestId id;
    ReplicaId replica;
    Slot slot;
    friend bool operator<(const Impatient& a, const Impatient& b) {
      return a.when != b.when ? a.when < b.when : a.id < b.id;
    }
  };
  std::set<Impatient> impatient_;
  IndexedHeap<EventKey> queue_;  ///< owners: workloads first, then replicas, then the impatient
  Time now_;
  Time last_end_;  ///< of a request, which may be later than the last event
  std::int64_t arrived_ = 0;
  std::int64_t ended_ = 0;
};

}  // namespace memwall
