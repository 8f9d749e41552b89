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

std::vector<RequestRoute> one_route(std::unique_ptr<Router> router) {
  std::vector<RequestRoute> routes(1);
  routes[0].entry.router = std::move(router);
  return routes;
}

}  // namespace

Cluster::Cluster(std::vector<PoolSetup> pools, std::vector<WorkloadSetup> workloads, std::unique_ptr<Router> router,
                 Sink& sink)
    : Cluster(std::move(pools), std::move(workloads), one_route(std::move(router)), std::nullopt, sink) {}

Cluster::Cluster(std::vector<PoolSetup> pools, std::vector<WorkloadSetup> workloads, std::vector<RequestRoute> routes,
                 const std::optional<HandoverRules>& rules, Sink& sink)
    : pools_(std::move(pools)),
      workloads_(std::move(workloads)),
      routes_(std::move(routes)),
      sink_(sink),
      rules_(rules) {
  if (rules_) apart_ = std::make_unique<HandoverSink>(sink, *rules_);
  Sink& records = apart_ ? static_cast<Sink&>(*apart_) : sink;
  EndListener& listener = *this;
  for (std::size_t p = 0; p < pools_.size(); ++p) {
    for (std::int32_t i = 0; i < pools_[p].replicas; ++i) {
      const ReplicaId id{static_cast<std::int32_t>(replicas_.size())};
      replicas_.push_back(std::make_unique<Replica>(id, pools_[p].engine, *pools_[p].program, records, listener));
      pool_of_.push_back(p);
    }
  }
  place_replicas();
  queue_.resize(workloads_.size() + replicas_.size() + 2);
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    adapters_.push_back(adapter_keys(*workloads_[i].source));
    refresh_source(i);
  }
}

void Cluster::place_replicas() {
  if (routes_.size() == 1 && routes_[0].entry.replicas.empty()) {
    for (const auto& replica : replicas_) routes_[0].entry.replicas.push_back(replica->id());
  }
  places_.resize(replicas_.size());
  for (std::size_t r = 0; r < routes_.size(); ++r) {
    const auto place = [&](const Choosers& choosers, bool decode) {
      for (std::size_t i = 0; i < choosers.replicas.size(); ++i)
        places_[static_cast<std::size_t>(choosers.replicas[i].value)] = {r, {static_cast<std::int32_t>(i)}, decode};
    };
    place(routes_[r].entry, false);
    place(routes_[r].decode, true);
  }
  open_links();
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
  const std::size_t route = route_of(request);
  if (route == routes_.size()) {
    unrouted(request);
  } else if (!routes_[route].decode.replicas.empty()) {
    arrive_apart(route, std::move(request));
  } else {
    const Choosers& entry = routes_[route].entry;
    const ReplicaId replica = entry.replicas[static_cast<std::size_t>(entry.router->pick(request).value)];
    const Client client(request);
    if (const auto slot = give(replica, std::move(request), 0, false)) watch(client, replica, *slot);
  }
}

std::size_t Cluster::route_of(const Request& request) const {
  std::size_t route = 0;
  while (route < routes_.size() && routes_[route].accepts && !routes_[route].accepts(request)) ++route;
  return route;
}

/// Tells its router and gives the request to the engine.
std::optional<Slot> Cluster::give(ReplicaId id, Request request, std::int64_t external, bool gated) {
  const Place& place = places_[static_cast<std::size_t>(id.value)];
  RequestRoute& route = routes_[place.route];
  (place.decode ? route.decode : route.entry).router->joined(place.position, request);
  const auto slot = replica(id).arrive(std::move(request), now_, external, gated);
  refresh_replica(static_cast<std::size_t>(id.value));
  return slot;
}

// No pool takes it: it is refused like a request that no engine could hold.
void Cluster::unrouted(const Request& request) {
  RequestRecord record;
  record.id = request.id;
  record.pool = {-1};
  record.replica = {-1};
  record.arrival = request.arrival;
  record.finish = now_;
  record.input_tokens = request.input_tokens;
  record.workload = request.workload;
  record.session = request.session;
  record.status = Status::rejected;
  record.labels = request.labels;
  sink_.request(record);
  told_end(request, {now_, Status::rejected, 0});
}

// Where the request is now, for its client that may give up and for its source that may cancel it.
void Cluster::watch(const Client& client, ReplicaId replica, Slot slot) {
  const bool cancels = workloads_[static_cast<std::size_t>(client.workload)].source->cancels();
  if (!cancels && client.gives_up == Time::never()) return;
  Leaver leaver{client.gives_up, client.id, replica, slot, Status::timed_out};
  if (cancels) {
    const auto [place, fresh] = cancellable_.try_emplace({client.workload, client.ticket}, leaver);
    if (!fresh) {
      leavers_.erase(place->second);
      place->second.replica = replica;
      place->second.slot = slot;
      leaver = place->second;
    }
  }
  leavers_.erase(leaver);
  if (leaver.when != Time::never()) leavers_.insert(leaver);
  refresh_leavers();
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

void Cluster::ended(ReplicaId id, const Request& request, const Ending& ending) {
  const Place& place = places_[static_cast<std::size_t>(id.value)];
  RequestRoute& route = routes_[place.route];
  (place.decode ? route.decode : route.entry).router->left(place.position, request);
  if (const TiersSetup& tiers = pool_of(id).tiers; tiers.at_finish && ending.status == Status::completed) {
    write(id, 0,
          shareable_blocks(request, pool_of(id).engine.scheduler.block_size,
                           request.input_tokens + ending.output_tokens - 1),
          now_);
  }
  if (apart_) {
    if (const auto handover = apart_->handovers.find(request.id); handover != apart_->handovers.end()) {
      end_apart(id, handover->second, ending);
      apart_->handovers.erase(handover);
      return;
    }
  }
  told_end(request, ending);
}

/// Tells the source, and forgets who might have given the request up.
void Cluster::told_end(const Request& request, const Ending& ending) {
  ++ended_;
  last_end_ = std::max(last_end_, ending.when);
  const auto workload = static_cast<std::size_t>(request.workload);
  RequestSource& source = *workloads_[workload].source;
  Leaver leaver{request.gives_up, request.id, {0}, 0, Status::timed_out};
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

/// What is still being written when the last request has ended is nobody's time.
bool Cluster::nobody_waits() const {
  if (ended_ != arrived_) return false;
  for (std::size_t owner = 0; owner <= workloads_.size() + replicas_.size(); ++owner) {
    if (queue_.contains(owner)) return false;
  }
  return true;
}

void Cluster::run(const std::function<void(Time, std::int64_t)>& progress) {
  std::uint64_t events = 0;
  while (!queue_.empty()) {
    const std::size_t owner = queue_.top();
    const EventKey key = queue_.top_key();
    if (owner > workloads_.size() + replicas_.size() && nobody_waits()) break;
    law(key.time >= now_, "simulated time went back");
    now_ = key.time;
    if (owner < workloads_.size()) {
      arrival(owner);
    } else if (owner == workloads_.size() + replicas_.size()) {
      take_away();
    } else if (owner > workloads_.size() + replicas_.size()) {
      transferred(now_);
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
