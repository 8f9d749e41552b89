#include "sim/serve/cluster.hpp"

#include <algorithm>

namespace memwall {

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
  for (std::size_t i = 0; i < workloads_.size(); ++i) refresh_source(i);
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
  const ReplicaId replica = router_->pick(request);
  router_->joined(replica);
  const Time gives_up = request.gives_up;
  const RequestId id = request.id;
  const auto slot = replicas_[static_cast<std::size_t>(replica.value)]->arrive(std::move(request), now_);
  if (gives_up != Time::never() && slot) {
    impatient_.insert({gives_up, id, replica, *slot});
    refresh_impatient();
  }
  refresh_replica(static_cast<std::size_t>(replica.value));
}

void Cluster::refresh_impatient() {
  const std::size_t owner = workloads_.size() + replicas_.size();
  if (impatient_.empty()) {
    queue_.remove(owner);
  } else {
    queue_.set(owner, {impatient_.begin()->when, Rank::abort});
  }
}

void Cluster::client_gives_up() {
  const Impatient client = *impatient_.begin();
  const auto replica = static_cast<std::size_t>(client.replica.value);
  replicas_[replica]->give_up(client.slot, now_);
  refresh_replica(replica);
}

void Cluster::ended(ReplicaId replica, const Request& request, Time when) {
  ++ended_;
  last_end_ = std::max(last_end_, when);
  router_->left(replica);
  if (request.gives_up != Time::never()) {
    impatient_.erase({request.gives_up, request.id, replica, 0});
    refresh_impatient();
  }
  const auto workload = static_cast<std::size_t>(request.workload);
  workloads_[workload].source->ended(request, when);
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
      client_gives_up();
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
