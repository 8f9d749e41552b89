#include "sim/serve/cluster.hpp"

#include <algorithm>

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

std::vector<std::uint64_t> adapter_keys(const RequestSource& source) {
  std::vector<std::uint64_t> keys;
  for (const std::string& name : source.names().adapters) keys.push_back(Hasher().add("adapter").add(name).value());
  return keys;
}

}  // namespace

Cluster::Cluster(std::vector<PoolSetup> pools, std::vector<WorkloadSetup> workloads, std::unique_ptr<Router> router,
                 Sink& sink)
    : pools_(std::move(pools)), workloads_(std::move(workloads)), router_(std::move(router)) {
  EndListener& listener = *this;
  for (const PoolSetup& pool : pools_) {
    for (std::int32_t i = 0; i < pool.replicas; ++i) {
      const ReplicaId id{static_cast<std::int32_t>(replicas_.size())};
      replicas_.push_back(std::make_unique<Replica>(id, pool.engine, *pool.program, sink, listener));
    }
  }
  queue_.resize(workloads_.size() + replicas_.size() + 1);
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    adapters_.push_back(adapter_keys(*workloads_[i].source));
    refresh_source(i);
  }
}

void Cluster::refresh_source(std::size_t workload) {
  const Time next = workloads_[workload].source->next_arrival();
  if (next == Time::never()) {
    queue_.remove(workload);
  } else {
    queue_.set(workload, {next, Rank::arrival});
  }
}

void Cluster::refresh_replica(std::size_t replica) {
  const std::size_t owner = workloads_.size() + replica;
  if (const auto wake = replicas_[replica]->wake()) {
    queue_.set(owner, *wake);
  } else {
    queue_.remove(owner);
  }
}

void Cluster::arrival(std::size_t workload) {
  Request request = workloads_[workload].source->pop();
  request.id = RequestId{arrived_++};
  request.workload = static_cast<std::int32_t>(workload);
  refresh_source(workload);
  tell_adapters_apart(request);
  const ReplicaId replica = router_->pick(request);
  router_->joined(replica);
  Leaver leaver{request.gives_up, request.id, replica, 0, Status::timed_out};
  const std::int64_t ticket = request.ticket;
  const bool cancels = workloads_[workload].source->cancels();
  const std::int32_t owner = request.workload;
  const auto slot = replicas_[static_cast<std::size_t>(replica.value)]->arrive(std::move(request), now_);
  if (slot) {
    leaver.slot = *slot;
    if (cancels) cancellable_.emplace(std::pair{owner, ticket}, leaver);
    if (leaver.when != Time::never()) {
      leavers_.insert(leaver);
      refresh_leavers();
    }
  }
  refresh_replica(static_cast<std::size_t>(replica.value));
}

// An adapter changes the keys and values that a token leaves in the cache, so blocks are shared within one adapter
// alone (vLLM hashes the name of the LoRA into its block hashes: vllm/v1/core/kv_cache_utils.py,
// generate_block_hash_extra_keys).
void Cluster::tell_adapters_apart(Request& request) const {
  if (request.labels.adapter < 0) return;
  const auto& keys = adapters_[static_cast<std::size_t>(request.workload)];
  const auto adapter = static_cast<std::size_t>(request.labels.adapter);
  law(adapter < keys.size(), "a request has an adapter that its source does not name");
  for (TokenRange& range : request.prompt) range.stream = combine(keys[adapter], range.stream);
}

void Cluster::refresh_leavers() {
  const std::size_t owner = workloads_.size() + replicas_.size();
  if (leavers_.empty()) {
    queue_.remove(owner);
  } else {
    queue_.set(owner, {leavers_.begin()->when, Rank::abort});
  }
}

void Cluster::take_away() {
  const Leaver leaver = *leavers_.begin();
  const auto replica = static_cast<std::size_t>(leaver.replica.value);
  replicas_[replica]->give_up(leaver.slot, now_, leaver.why);
  refresh_replica(replica);
}

void Cluster::cancel(std::int32_t workload, std::int64_t ticket, Time when) {
  const auto place = cancellable_.find({workload, ticket});
  law(place != cancellable_.end(), "a source cancels requests of its own that are under way");
  Leaver& leaver = place->second;
  if (leaver.when <= when) return;
  leavers_.erase(leaver);
  leaver.when = when;
  leaver.why = Status::aborted;
  leavers_.insert(leaver);
}

void Cluster::ended(ReplicaId replica, const Request& request, const Ending& ending) {
  ++ended_;
  last_end_ = std::max(last_end_, ending.when);
  router_->left(replica);
  const auto workload = static_cast<std::size_t>(request.workload);
  RequestSource& source = *workloads_[workload].source;
  Leaver leaver{request.gives_up, request.id, replica, 0, Status::timed_out};
  if (source.cancels()) {
    const auto place = cancellable_.find({request.workload, request.ticket});
    if (place != cancellable_.end()) {
      leaver = place->second;
      cancellable_.erase(place);
    }
  }
  if (leaver.when != Time::never()) leavers_.erase(leaver);
  source.ended_as(request, ending);
  if (source.cancels()) {
    for (const std::int64_t ticket : source.take_cancelled()) cancel(request.workload, ticket, ending.when);
  }
  if (leaver.when != Time::never() || source.cancels()) refresh_leavers();
  refresh_source(workload);
}

void Cluster::run(const std::function<void(Time, std::int64_t)>& progress) {
  std::uint64_t events = 0;
  while (!queue_.empty()) {
    const std::size_t owner = queue_.top();
    const EventKey key = queue_.top_key();
    law(key.time >= now_, "simulated time went back");
    now_ = key.time;
    if (owner < workloads_.size()) {
      arrival(owner);
    } else if (owner == workloads_.size() + replicas_.size()) {
      take_away();
    } else {
      Replica& replica = *replicas_[owner - workloads_.size()];
      if (key.rank == Rank::result) {
        replica.results(now_);
      } else {
        replica.start(now_);
      }
      refresh_replica(owner - workloads_.size());
    }
    if (progress && (++events & 0xffff) == 0) progress(now_, ended_);
  }
  law(ended_ == arrived_, "a request was lost: not every arrival has ended");
  // The last token may come out after the last event.
  now_ = std::max(now_, last_end_);
  for (const auto& replica : replicas_) replica->close(now_);
}

}  // namespace memwall
