// Caches below the device's memory: what is written down, what is loaded back, and over which links.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/serve/cluster.hpp"

namespace memwall {

void Cluster::open_tiers(std::vector<BytesPerSecond>& links) {
  first_store_link_ = static_cast<int>(links.size());
  levels_.resize(replicas_.size());
  std::size_t first = 0;
  for (const PoolSetup& pool : pools_) {
    for (const TierSetup& tier : pool.tiers.tiers) {
      for (std::int32_t i = 0; i < pool.replicas; ++i) {
        if (i == 0 || !tier.shared) {
          stores_.emplace_back(tier.blocks, tier.time_to_live);
          links.push_back(tier.read);
          links.push_back(tier.write);
        }
        levels_[first + static_cast<std::size_t>(i)].push_back(stores_.size() - 1);
      }
    }
    if (!pool.tiers.tiers.empty()) {
      for (std::int32_t i = 0; i < pool.replicas; ++i) {
        const ReplicaId id{static_cast<std::int32_t>(first) + i};
        replica(id).set_lookup(
            [this, id](const Sequence& sequence, std::int64_t computed) { return loadable(id, sequence, computed); });
      }
    }
    first += static_cast<std::size_t>(pool.replicas);
  }
}

std::vector<const TierStore*> Cluster::levels(ReplicaId id) const {
  std::vector<const TierStore*> stores;
  for (const std::size_t store : levels_[static_cast<std::size_t>(id.value)]) stores.push_back(&stores_[store]);
  return stores;
}

/// Tokens that the tiers can give behind the first `computed` ones; none where it is quicker to compute them.
std::int64_t Cluster::loadable(ReplicaId id, const Sequence& sequence, std::int64_t computed) const {
  const PoolSetup& pool = pool_of(id);
  const std::int64_t size = pool.engine.scheduler.block_size;
  const auto parts =
      find_in_tiers(levels(id), sequence.request, size, computed / size, (sequence.known - 1) / size, now_);
  std::int64_t tokens = 0;
  for (const TierPart& part : parts) tokens += part.piece.blocks() * size;
  if (tokens < pool.tiers.least_tokens) return 0;
  if (pool.tiers.when_faster) {
    // The prefix as one chunk of a prompt, alone: what it would take if nobody else wanted the device.
    BatchShape shape;
    shape.add(computed, tokens, true, false, pool.engine.scheduler.reaches);
    shape.padded = pool.engine.padding.rows(shape.tokens);
    if (load_time(id, parts).value >= pool.program->price_from_scratch(shape).total().value) return 0;
  }
  return tokens;
}

/// Of a load that has all links for itself, one level after another.
Seconds Cluster::load_time(ReplicaId id, const std::vector<TierPart>& parts) const {
  const PoolSetup& pool = pool_of(id);
  Seconds time;
  std::vector<bool> used(pool.tiers.tiers.size(), false);
  for (const TierPart& part : parts) {
    const TierSetup& tier = pool.tiers.tiers[part.level];
    const BytesPerSecond rate = std::min(tier.read, pool.tiers.tiers.front().read);
    time += pool.port.block * static_cast<double>(part.piece.blocks()) / rate;
    if (!used[part.level]) time += Seconds{tier.latency.seconds()};
    used[part.level] = true;
  }
  return time;
}

void Cluster::load(ReplicaId id, Slot slot, const Sequence& sequence, std::int64_t tokens, Time now) {
  const PoolSetup& pool = pool_of(id);
  const std::int64_t size = pool.engine.scheduler.block_size;
  const auto parts = find_in_tiers(levels(id), sequence.request, size, (sequence.computed - tokens) / size,
                                   sequence.computed / size, now);
  TierLoad& waiting = tier_loads_[sequence.request.id];
  waiting.began = now;
  Tier slowest = Tier::idle;
  double longest = -1;
  StoreTokens loaded{};
  for (std::size_t level = 0; level < pool.tiers.tiers.size(); ++level) {
    TierJob job{true, id, level, {}, slot, sequence.request.id};
    std::vector<TierPart> own;
    std::int64_t blocks = 0;
    const std::size_t store = levels_[static_cast<std::size_t>(id.value)][level];
    for (const TierPart& part : parts) {
      if (part.level != level) continue;
      own.push_back(part);
      job.pieces.push_back(part.piece);
      blocks += part.piece.blocks();
      stores_[store].read_begins(part.piece, now);
    }
    if (blocks == 0) continue;
    // Whatever comes from below passes the nearest tier, or at least its link to the device.
    std::vector<FlowUse> route{{first_store_link_ + 2 * static_cast<int>(store), 1.0}};
    const std::size_t nearest = levels_[static_cast<std::size_t>(id.value)].front();
    if (nearest != store) route.push_back({first_store_link_ + 2 * static_cast<int>(nearest), 1.0});
    const TierSetup& tier = pool.tiers.tiers[level];
    const auto number =
        transfers_->start(now, pool.port.block * static_cast<double>(blocks), std::move(route), tier.latency);
    tier_jobs_.emplace(number, std::move(job));
    ++stores_[store].tally().loads;
    ++waiting.open;
    loaded[store_index(tier.kind)] += blocks * size;
    if (const double time = load_time(id, own).value; time > longest) {
      longest = time;
      slowest = tier.kind;
    }
  }
  law(waiting.open > 0, "a load that was promised to an engine has something to load");
  replica(id).loads_from(slot, slowest, loaded);
  refresh_transfers();
}

/// Writes what the tier does not have yet, as far as there is room, and what it loses for that further down.
void Cluster::write(ReplicaId id, std::size_t level, const std::vector<RunPiece>& pieces, Time now) {
  const PoolSetup& pool = pool_of(id);
  const std::size_t store = levels_[static_cast<std::size_t>(id.value)][level];
  TierJob job{false, id, level, {}, 0, {}};
  std::vector<RunPiece> gone;
  std::int64_t blocks = 0;
  for (const RunPiece& piece : pieces) {
    const RunPiece part = stores_[store].reserve(piece, now, gone);
    if (part.blocks() <= 0) continue;
    job.pieces.push_back(part);
    blocks += part.blocks();
  }
  if (blocks > 0) {
    const auto number = transfers_->start(now, pool.port.block * static_cast<double>(blocks),
                                          {{first_store_link_ + 2 * static_cast<int>(store) + 1, 1.0}},
                                          pool.tiers.tiers[level].latency);
    tier_jobs_.emplace(number, std::move(job));
    refresh_transfers();
  }
  const bool below = level + 1 < pool.tiers.tiers.size();
  if (!gone.empty() && below && pool.tiers.tiers[level + 1].at_eviction) write(id, level + 1, gone, now);
}

void Cluster::tier_job_done(Transfers::Number number, Time now) {
  const auto place = tier_jobs_.find(number);
  const TierJob job = std::move(place->second);
  tier_jobs_.erase(place);
  const PoolSetup& pool = pool_of(job.replica);
  TierStore& store = stores_[levels_[static_cast<std::size_t>(job.replica.value)][job.level]];
  if (!job.load) {
    for (const RunPiece& piece : job.pieces) store.written(piece, now);
    const bool below = job.level + 1 < pool.tiers.tiers.size();
    if (below && !pool.tiers.tiers[job.level + 1].at_eviction) write(job.replica, job.level + 1, job.pieces, now);
    return;
  }
  for (const RunPiece& piece : job.pieces) store.read_done(piece, now);
  if (job.level > 0) {
    // It came through the nearest tier, which keeps a copy where it has room.
    TierStore& nearest = stores_[levels_[static_cast<std::size_t>(job.replica.value)].front()];
    std::vector<RunPiece> gone;
    for (const RunPiece& piece : job.pieces) {
      const RunPiece part = nearest.reserve(piece, now, gone);
      if (part.blocks() > 0) nearest.written(part, now);
    }
    if (!gone.empty() && pool.tiers.tiers[1].at_eviction) write(job.replica, 1, gone, now);
  }
  const auto waiting = tier_loads_.find(job.request);
  if (--waiting->second.open > 0) return;
  store.tally().stalled_ps += (now - waiting->second.began).ps;
  tier_loads_.erase(waiting);
  // Its client may have given up meanwhile, and somebody else may have its place.
  Replica& engine = replica(job.replica);
  const Sequence& sequence = engine.scheduler().sequence(job.slot);
  if (sequence.request.id != job.request || sequence.state != SequenceState::loading) return;
  engine.load_finished(job.slot, now);
  refresh_replica(static_cast<std::size_t>(job.replica.value));
}

std::vector<TierTotals> Cluster::tier_totals(std::size_t pool) {
  std::vector<TierTotals> out(pools_[pool].tiers.tiers.size());
  for (std::size_t level = 0; level < out.size(); ++level) {
    std::set<std::size_t> seen;
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      if (pool_of_[i] != pool || !seen.insert(levels_[i][level]).second) continue;
      const TierTotals& one = stores_[levels_[i][level]].totals(now_);
      out[level].stored += one.stored;
      out[level].held += one.held;
      out[level].peak += one.peak;
      out[level].evicted += one.evicted;
      out[level].expired += one.expired;
      out[level].read += one.read;
      out[level].refused += one.refused;
      out[level].loads += one.loads;
      out[level].block_seconds += one.block_seconds;
      out[level].stalled_ps += one.stalled_ps;
    }
  }
  return out;
}

}  // namespace memwall
