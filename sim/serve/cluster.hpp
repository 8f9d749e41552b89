// Replicas, routers and sources on one clock: the only place where simulated time moves.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/des/indexed_heap.hpp"
#include "sim/metrics/record.hpp"
#include "sim/serve/event.hpp"
#include "sim/serve/handover.hpp"
#include "sim/serve/kv/tiers.hpp"
#include "sim/serve/replica.hpp"
#include "sim/serve/route.hpp"
#include "sim/serve/source.hpp"

namespace memwall {

/// What a replica of a pool needs to take over caches, or to give them away.
struct CachePort {
  BytesPerSecond bandwidth;  ///< of all its devices together, each direction
  Bytes block;               ///< of one cache block on all its devices: latents and copied heads count on each
  Bytes sequence;            ///< beside the blocks of a sequence, likewise
};

/// A pool to be built: equal replicas that share one pricer.
struct PoolSetup {
  EngineSpec engine;
  std::int32_t replicas = 1;
  std::unique_ptr<CyclePricer> program;
  CachePort port;    ///< where prefill is apart from decode or there are tiers
  TiersSetup tiers;  ///< below the device's memory
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
  /// Routes name replicas by their ids, which count over the pools. With `rules` those that have replicas for decode
  /// alone hand requests over.
  Cluster(std::vector<PoolSetup> pools, std::vector<WorkloadSetup> workloads, std::vector<RequestRoute> routes,
          const std::optional<HandoverRules>& rules, Sink& sink);

  /// Runs to the end. Calls `progress(now, requests ended)` about every 65,536 events when it is set.
  void run(const std::function<void(Time, std::int64_t)>& progress = {});

  [[nodiscard]] Time now() const { return now_; }
  /// What the tiers of a pool have seen until now, the nearest first, summed over its replicas.
  [[nodiscard]] std::vector<TierTotals> tier_totals(std::size_t pool);
  [[nodiscard]] std::int64_t arrived() const { return arrived_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Replica>>& replicas() const { return replicas_; }
  [[nodiscard]] const RequestSource& source(std::size_t workload) const { return *workloads_[workload].source; }

 private:
  /// Requests under way that their clients will not wait for, the next one first.
  struct Leaver {
    Time when;
    RequestId id;
    ReplicaId replica;
    Slot slot;
    Status why;
    friend bool operator<(const Leaver& a, const Leaver& b) { return a.when != b.when ? a.when < b.when : a.id < b.id; }
  };
  /// Who may give a request up, or cancel it.
  struct Client {
    explicit Client(const Request& request)
        : id(request.id), gives_up(request.gives_up), workload(request.workload), ticket(request.ticket) {}
    RequestId id;
    Time gives_up;
    std::int32_t workload;
    std::int64_t ticket;
  };
  /// Where a replica stands among those of its route.
  struct Place {
    std::size_t route = 0;
    ReplicaId position;
    bool decode = false;
  };

  void ended(ReplicaId replica, const Request& request, const Ending& ending) override;
  void loading(ReplicaId replica, Slot slot, const Sequence& sequence, std::int64_t tokens, Time now) override;
  void prefilled(ReplicaId replica, const Request& request, std::int64_t tokens, Time now) override;
  void hands_over(ReplicaId replica, Slot slot, const Sequence& sequence, Time now) override;

  void arrival(std::size_t workload);
  std::optional<Slot> give(ReplicaId id, Request request, std::int64_t external, bool gated);
  [[nodiscard]] std::size_t route_of(const Request& request) const;
  void place_replicas();
  [[nodiscard]] bool nobody_waits() const;
  void unrouted(const Request& request);
  void tell_adapters_apart(Request& request) const;
  void take_away();
  void cancel(std::int32_t workload, std::int64_t ticket, Time when);
  void watch(const Client& client, ReplicaId replica, Slot slot);
  void told_end(const Request& request, const Ending& ending);
  void refresh_source(std::size_t workload);
  void refresh_replica(std::size_t replica);
  void refresh_leavers();

  // Prefill apart from decode (cluster_handover.cpp).
  void arrive_apart(std::size_t route, Request request);
  [[nodiscard]] bool stays_local(std::size_t route, const Request& request, ReplicaId position) const;
  [[nodiscard]] Request prefill_part(const Request& request) const;
  [[nodiscard]] Request decode_part(const Request& request) const;
  [[nodiscard]] std::int64_t decode_block(const Handover& handover) const;
  [[nodiscard]] std::optional<Slot> to_decode(Handover& handover, std::int64_t external, bool gated);
  void send(Handover& handover, Time now);
  void transferred(Time now);
  void done_with_prefill(Handover& handover, Time now);
  void end_apart(ReplicaId id, Handover& handover, Ending ending);
  void open_links();
  void refresh_transfers();
  // Tiers below the device's memory (cluster_tiers.cpp).
  void open_tiers(std::vector<BytesPerSecond>& links);
  [[nodiscard]] std::vector<const TierStore*> levels(ReplicaId id) const;
  [[nodiscard]] std::int64_t loadable(ReplicaId id, const Sequence& sequence, std::int64_t computed) const;
  [[nodiscard]] Seconds load_time(ReplicaId id, const std::vector<TierPart>& parts) const;
  void load(ReplicaId id, Slot slot, const Sequence& sequence, std::int64_t tokens, Time now);
  void write(ReplicaId id, std::size_t level, const std::vector<RunPiece>& pieces, Time now);
  void tier_job_done(Transfers::Number number, Time now);
  [[nodiscard]] const PoolSetup& pool_of(ReplicaId id) const {
    return pools_[pool_of_[static_cast<std::size_t>(id.value)]];
  }
  [[nodiscard]] Replica& replica(ReplicaId id) { return *replicas_[static_cast<std::size_t>(id.value)]; }

  std::vector<PoolSetup> pools_;
  std::vector<WorkloadSetup> workloads_;
  std::vector<RequestRoute> routes_;
  std::vector<Place> places_;  ///< by replica
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::set<Leaver> leavers_;
  /// Requests under way that their sources may cancel, by workload and ticket.
  std::map<std::pair<std::int32_t, std::int64_t>, Leaver> cancellable_;
  std::vector<std::vector<std::uint64_t>> adapters_;  ///< by workload: what stands for each of its adapters
  /// Owners: workloads first, then replicas, then the leavers, then the transfers.
  IndexedHeap<EventKey> queue_;
  Time now_;
  Time last_end_;  ///< of a request, which may be later than the last event
  std::int64_t arrived_ = 0;
  std::int64_t ended_ = 0;

  Sink& sink_;
  std::optional<HandoverRules> rules_;
  std::unique_ptr<HandoverSink> apart_;    ///< set where prefill is apart from decode
  std::vector<std::size_t> pool_of_;       ///< by replica
  std::vector<PrefixIndex> decode_index_;  ///< by route: contents at replicas that decode alone
  std::unique_ptr<Transfers> transfers_;   ///< links: out of each replica, then into each
  std::map<Transfers::Number, RequestId> on_their_way_;

  /// One transfer out of a tier or into it.
  struct TierJob {
    bool load = false;
    ReplicaId replica;
    std::size_t level = 0;
    std::vector<RunPiece> pieces;
    Slot slot = 0;  ///< of the load
    RequestId request;
  };
  /// A request that waits for one or several of them.
  struct TierLoad {
    std::int64_t open = 0;
    Time began;
  };
  std::vector<TierStore> stores_;
  std::vector<std::vector<std::size_t>> levels_;  ///< by replica: its stores, the nearest first
  int first_store_link_ = 0;                      ///< of each store: out, then in
  std::map<Transfers::Number, TierJob> tier_jobs_;
  std::map<RequestId, TierLoad> tier_loads_;
};

}  // namespace memwall
