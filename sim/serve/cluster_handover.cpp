// Requests that are prefilled by one replica and go on at another: who has them, and what moves between the two.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/serve/cluster.hpp"

namespace memwall {
namespace {

std::int64_t blocks_for(std::int64_t tokens, std::int64_t block_size) { return (tokens + block_size - 1) / block_size; }

}  // namespace

// Every replica has one port out and one port in; between them nothing is narrower.
void Cluster::open_links() {
  std::vector<BytesPerSecond> links;
  if (rules_) {
    for (int direction = 0; direction < 2; ++direction) {
      for (const std::size_t pool : pool_of_) links.push_back(pools_[pool].port.bandwidth);
    }
  }
  open_tiers(links);
  if (links.empty()) return;
  transfers_ = std::make_unique<Transfers>(std::move(links));
  for (const RequestRoute& route : routes_) {
    const auto replicas = std::max<std::size_t>(1, route.decode.replicas.size());
    const RouterSetup setup;
    // Remembers as much of each replica as llm-d's index does.
    decode_index_.emplace_back(static_cast<std::int32_t>(replicas), setup.block_size, 31250);
  }
}

void Cluster::arrive_apart(std::size_t number, Request request) {
  RequestRoute& route = routes_[number];
  const bool early = rules_->push || rules_->local_below > 0;
  const ReplicaId position = early ? route.decode.router->pick(request) : ReplicaId{-1};
  const ReplicaId decode = early ? route.decode.replicas[static_cast<std::size_t>(position.value)] : ReplicaId{-1};
  if (rules_->local_below > 0) {
    const bool local = stays_local(number, request, position);
    decode_index_[number].note(position.value, request, request.input_tokens + request.output_tokens);
    if (local) {
      const Client client(request);
      if (const auto slot = give(decode, std::move(request), 0, false)) watch(client, decode, *slot);
      return;
    }
  }
  Request part = prefill_part(request);
  const bool ends_here = !part.hands_over;
  const ReplicaId prefill = route.entry.replicas[static_cast<std::size_t>(route.entry.router->pick(request).value)];
  Handover& handover = apart_->handovers[request.id];
  handover.request = std::move(request);
  handover.route = number;
  handover.prefill = prefill;
  handover.decode = decode;
  const RequestId id = handover.request.id;
  const auto slot = give(prefill, std::move(part), 0, false);
  if (!slot) return;  // refused, and forgotten
  handover.prefill_slot = *slot;
  watch(Client(handover.request), prefill, *slot);
  if (!rules_->push || ends_here) return;
  const auto decode_slot = to_decode(handover, handover.request.input_tokens, true);
  // Refused by the decode side: the handover is gone then, and took the prefill part with it.
  if (const auto place = apart_->handovers.find(id); place != apart_->handovers.end())
    place->second.decode_slot = decode_slot;
}

bool Cluster::stays_local(std::size_t route, const Request& request, ReplicaId position) const {
  const std::int64_t known = decode_index_[route].match(position.value, request) * RouterSetup{}.block_size;
  return request.input_tokens - known < rules_->local_below;
}

/// The request as the prefill side has it: one token long, unless that token is all that its client wants.
Request Cluster::prefill_part(const Request& request) const {
  Request part = request;
  if (!rules_->first_token_at_decode && request.output_tokens == 1) return part;
  part.hands_over = true;
  part.output_tokens = part.max_tokens = 1;
  part.stops_by_eos = false;
  return part;
}

/// The request as the decode side has it: the first token, where it is made before, is the end of its prompt.
Request Cluster::decode_part(const Request& request) const {
  Request part = request;
  if (rules_->first_token_at_decode) return part;
  part.input_tokens += 1;
  part.output_tokens -= 1;
  part.max_tokens -= 1;
  return part;
}

std::optional<Slot> Cluster::to_decode(Handover& handover, std::int64_t external, bool gated) {
  return give(handover.decode, decode_part(handover.request), external, gated);
}

std::int64_t Cluster::decode_block(const Handover& handover) const {
  return pool_of(handover.decode).engine.scheduler.block_size;
}

void Cluster::prefilled(ReplicaId id, const Request& request, std::int64_t tokens, Time now) {
  const TiersSetup& tiers = pool_of(id).tiers;
  if (!tiers.tiers.empty() && !tiers.at_finish)
    write(id, 0,
          shareable_blocks(request, pool_of(id).engine.scheduler.block_size, std::min(tokens, request.input_tokens)),
          now);
  if (!rules_ || !rules_->push || !request.hands_over) return;
  const auto place = apart_->handovers.find(request.id);
  if (place == apart_->handovers.end()) return;
  Handover& handover = place->second;
  handover.computed_blocks = std::max(handover.computed_blocks, tokens / decode_block(handover));
  send(handover, now);
}

void Cluster::hands_over(ReplicaId id, Slot, const Sequence& sequence, Time now) {
  const Place& place = places_[static_cast<std::size_t>(id.value)];
  Handover& handover = apart_->handovers.at(sequence.request.id);
  routes_[place.route].entry.router->left(place.position, sequence.request);
  handover.computed_all = true;
  if (const TiersSetup& tiers = pool_of(id).tiers; tiers.at_finish) {
    write(id, 0,
          shareable_blocks(handover.request, pool_of(id).engine.scheduler.block_size, handover.request.input_tokens),
          now);
  }
  RequestRecord& part = handover.prefill_part;
  part.first_scheduled = sequence.first_scheduled;
  part.first_token = sequence.first_token + sequence.late;
  part.cached_tokens = sequence.cached_tokens;
  part.preemptions = sequence.preemptions;
  // A sequence that was preempted with its last cycle in flight has no blocks any more: the other side computes anew.
  const bool keeps = sequence.state == SequenceState::leaving;
  if (!keeps) handover.prefill_slot.reset();
  if (rules_->push) {
    handover.computed_blocks = blocks_for(handover.request.input_tokens, decode_block(handover));
    watch(Client(handover.request), handover.decode, *handover.decode_slot);
    send(handover, now);
    return;
  }
  if (handover.decode.value < 0) {
    Choosers& decode = routes_[place.route].decode;
    handover.decode = decode.replicas[static_cast<std::size_t>(decode.router->pick(handover.request).value)];
  }
  const auto decode_slot = to_decode(handover, keeps ? handover.request.input_tokens : 0, false);
  if (!decode_slot) return;
  handover.decode_slot = decode_slot;
  watch(Client(handover.request), handover.decode, *decode_slot);
}

void Cluster::loading(ReplicaId id, Slot slot, const Sequence& sequence, std::int64_t tokens, Time now) {
  const bool apart = apart_ && places_[static_cast<std::size_t>(id.value)].decode;
  const bool handed = tokens == 0 || sequence.external_tokens > 0 || sequence.gated;
  if (!apart || !handed) {
    load(id, slot, sequence, tokens, now);
    return;
  }
  const auto place = apart_->handovers.find(sequence.request.id);
  if (place == apart_->handovers.end()) return;
  Handover& handover = place->second;
  const std::int64_t size = decode_block(handover);
  const std::int64_t all = blocks_for(handover.request.input_tokens, size);
  handover.decode_ready = true;
  handover.loads = tokens > 0 || sequence.gated;
  handover.hit_blocks = all - std::min(all, blocks_for(tokens, size));
  handover.sent_blocks = handover.hit_blocks;
  if (!rules_->push) handover.computed_blocks = all;
  send(handover, now);
}

/// Sets off what has been computed, is not there yet, and has a place to go to.
void Cluster::send(Handover& handover, Time now) {
  if (!handover.decode_ready) return;
  const CachePort& port = pool_of(handover.decode).port;
  const std::int64_t blocks = std::max<std::int64_t>(0, handover.computed_blocks - handover.sent_blocks);
  if (blocks == 0 && !handover.computed_all) return;
  Bytes bytes = port.block * static_cast<double>(blocks);
  // States and windows exist in their last form only when the whole prompt is computed.
  if (handover.computed_all && handover.loads) bytes = bytes + port.sequence;
  const int from = static_cast<int>(handover.prefill.value);
  const int into = static_cast<int>(replicas_.size()) + static_cast<int>(handover.decode.value);
  const auto number = transfers_->start(now, bytes, {{from, 1.0}, {into, 1.0}}, rules_->latency);
  on_their_way_.emplace(number, handover.request.id);
  handover.sent_blocks = std::max(handover.sent_blocks, handover.computed_blocks);
  if (handover.loads) handover.first_byte = std::min(handover.first_byte, now);
  ++handover.open;
  refresh_transfers();
}

void Cluster::transferred(Time now) {
  for (const Transfers::Number number : transfers_->advance(now)) {
    const auto place = on_their_way_.find(number);
    if (place == on_their_way_.end()) {
      tier_job_done(number, now);
      continue;
    }
    const RequestId id = place->second;
    on_their_way_.erase(place);
    Handover& handover = apart_->handovers.at(id);
    --handover.open;
    if (handover.loads) handover.last_byte = now;
    if (handover.open == 0 && handover.computed_all) done_with_prefill(handover, now);
  }
  refresh_transfers();
}

/// The decode side has everything: it goes on, and the prefill side gets its blocks back.
void Cluster::done_with_prefill(Handover& handover, Time now) {
  if (handover.loads) {
    replica(handover.decode).load_finished(*handover.decode_slot, now);
    refresh_replica(static_cast<std::size_t>(handover.decode.value));
  }
  if (handover.prefill_slot) {
    replica(handover.prefill).release(*handover.prefill_slot, now);
    handover.prefill_slot.reset();
    refresh_replica(static_cast<std::size_t>(handover.prefill.value));
  }
}

/// The request has ended at one side, whatever its status; the other side forgets it.
void Cluster::end_apart(ReplicaId id, Handover& handover, Ending ending) {
  for (auto place = on_their_way_.begin(); handover.open > 0 && place != on_their_way_.end();) {
    if (place->second != handover.request.id) {
      ++place;
      continue;
    }
    transfers_->stop(now_, place->first);
    place = on_their_way_.erase(place);
  }
  refresh_transfers();
  if (id == handover.decode && handover.prefill_slot) {
    Replica& prefill = replica(handover.prefill);
    if (handover.computed_all) {
      prefill.release(*handover.prefill_slot, now_);
    } else {
      const Place& place = places_[static_cast<std::size_t>(handover.prefill.value)];
      routes_[place.route].entry.router->left(place.position, prefill_part(handover.request));
      prefill.drop(*handover.prefill_slot, now_);
    }
    refresh_replica(static_cast<std::size_t>(handover.prefill.value));
  }
  if (id == handover.prefill && handover.decode_slot) {
    const Place& place = places_[static_cast<std::size_t>(handover.decode.value)];
    routes_[place.route].decode.router->left(place.position, decode_part(handover.request));
    replica(handover.decode).drop(*handover.decode_slot, now_);
    refresh_replica(static_cast<std::size_t>(handover.decode.value));
  }
  const bool shown = handover.computed_all && !rules_->first_token_at_decode && ending.status != Status::rejected;
  if (id == handover.decode && shown) ending.output_tokens += 1;
  if (id == handover.prefill && rules_->first_token_at_decode) ending.output_tokens = 0;
  told_end(handover.request, ending);
}

void Cluster::refresh_transfers() {
  const std::size_t owner = workloads_.size() + replicas_.size() + 1;
  const Time next = transfers_->next();
  if (next == Time::never()) {
    queue_.remove(owner);
  } else {
    queue_.set(owner, {next, Rank::transfer});
  }
}

}  // namespace memwall
