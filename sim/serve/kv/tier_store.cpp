#include "sim/serve/kv/tier_store.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

TierStore::TierStore(std::int64_t capacity, Duration time_to_live)
    : capacity_(capacity), time_to_live_(time_to_live), entries_(1) {
  law(capacity >= 1, "a tier holds at least one block");
}

void TierStore::unlink(Id id) {
  at(at(id).before).after = at(id).after;
  at(at(id).after).before = at(id).before;
}

void TierStore::link_last(Id id) {
  at(id).before = at(0).before;
  at(id).after = 0;
  at(at(0).before).after = id;
  at(0).before = id;
}

void TierStore::touch(Id id, Time now) {
  unlink(id);
  link_last(id);
  at(id).used = now;
}

bool TierStore::expired(const Entry& entry, Time now) const {
  return entry.pins == 0 && now - entry.used > time_to_live_;
}

// What has outlived its time goes when somebody looks, and its rent ends when its time did.
void TierStore::pass(Time now) {
  totals_.block_seconds += static_cast<double>(totals_.held) * (now - counted_until_).seconds();
  counted_until_ = now;
  for (Id id = at(0).after; id != 0;) {
    const Id next = at(id).after;
    if (at(id).pins == 0) {
      if (!expired(at(id), now)) break;
      const std::int64_t blocks = at(id).hi - at(id).lo;
      totals_.block_seconds -= static_cast<double>(blocks) * (now - at(id).used - time_to_live_).seconds();
      totals_.expired += blocks;
      lose(id, blocks);
    }
    id = next;
  }
}

void TierStore::lose(Id id, std::int64_t blocks) {
  Entry& entry = at(id);
  entry.hi -= blocks;
  entry.read_hi = std::min(entry.read_hi, entry.hi);
  totals_.held -= blocks;
  totals_.evicted += blocks;
  drop_if_empty(id);
}

void TierStore::drop_if_empty(Id id) {
  if (at(id).hi > at(id).lo || at(id).pins > 0) return;
  unlink(id);
  index_.erase(at(id).run);
  unused_.push_back(id);
}

std::int64_t TierStore::readable(std::uint64_t run, std::int64_t first, std::int64_t blocks, Time now) const {
  const Id id = index_.find(run);
  if (id < 0 || expired(at(id), now)) return 0;
  const Entry& entry = at(id);
  if (first < entry.read_lo || first >= entry.read_hi) return 0;
  return std::min(blocks, entry.read_hi - first);
}

RunPiece TierStore::reserve(const RunPiece& piece, Time now, std::vector<RunPiece>& gone) {
  pass(now);
  Id id = index_.find(piece.run);
  if (id < 0) {
    if (unused_.empty()) {
      id = static_cast<Id>(entries_.size());
      entries_.emplace_back();
    } else {
      id = unused_.back();
      unused_.pop_back();
    }
    at(id) = {};
    at(id).run = piece.run;
    at(id).lo = at(id).hi = at(id).read_lo = at(id).read_hi = piece.lo;
    index_.put(piece.run, id);
    link_last(id);
  } else if (piece.hi < at(id).lo || piece.lo > at(id).hi) {
    // Two stretches with a gap between them: the new one takes the place of the old, which no prefix can reach, or
    // which goes on where the new one has not come to.
    if (at(id).pins > 0) return {piece.run, piece.lo, piece.lo};
    totals_.held -= at(id).hi - at(id).lo;
    totals_.evicted += at(id).hi - at(id).lo;
    at(id).lo = at(id).hi = at(id).read_lo = at(id).read_hi = piece.lo;
  }
  touch(id, now);
  // New blocks stand behind those that are there, or in front of them.
  RunPiece part{piece.run, std::max(piece.lo, at(id).hi), std::max(piece.hi, at(id).hi)};
  if (piece.lo < at(id).lo) part = {piece.run, piece.lo, at(id).lo};
  const std::int64_t wanted = part.blocks();
  ++at(id).pins;
  for (Id victim = at(0).after; victim != 0 && totals_.held + wanted > capacity_;) {
    const Id next = at(victim).after;
    if (at(victim).pins == 0) {
      const std::int64_t blocks = std::min(at(victim).hi - at(victim).lo, totals_.held + wanted - capacity_);
      gone.push_back({at(victim).run, at(victim).hi - blocks, at(victim).hi});
      lose(victim, blocks);
    }
    victim = next;
  }
  const std::int64_t room = std::min(wanted, capacity_ - totals_.held);
  totals_.refused += wanted - room;
  // A part of what stands in front would leave a gap.
  const bool in_front = part.hi == at(id).lo && part.lo < at(id).lo && at(id).hi > at(id).lo;
  const std::int64_t taken = in_front && room < wanted ? 0 : room;
  part.hi = part.lo + taken;
  if (taken > 0) {
    if (in_front) {
      at(id).lo = part.lo;
    } else {
      at(id).hi = part.hi;
    }
    totals_.stored += taken;
    totals_.held += taken;
    totals_.peak = std::max(totals_.peak, totals_.held);
    return part;
  }
  --at(id).pins;
  drop_if_empty(id);
  return part;
}

void TierStore::written(const RunPiece& piece, Time now) {
  const Id id = index_.find(piece.run);
  law(id >= 0 && at(id).pins > 0 && piece.lo >= at(id).lo && piece.hi <= at(id).hi,
      "only what has room in a tier can be written");
  Entry& entry = at(id);
  // Writes may end in another order than they began. What stands across a gap, in front or behind, counts when
  // nothing is under way any more; until then what is being read stays readable.
  if (entry.read_hi == entry.read_lo) {
    entry.read_lo = piece.lo;
    entry.read_hi = piece.hi;
  } else if (piece.lo <= entry.read_hi && piece.hi >= entry.read_lo) {
    entry.read_lo = std::min(entry.read_lo, piece.lo);
    entry.read_hi = std::max(entry.read_hi, piece.hi);
  }
  unpin(id, now);
}

void TierStore::unpin(Id id, Time now) {
  Entry& entry = at(id);
  touch(id, now);
  if (--entry.pins > 0) return;
  entry.read_lo = entry.lo;
  entry.read_hi = entry.hi;
}

void TierStore::read_begins(const RunPiece& piece, Time now) {
  const Id id = index_.find(piece.run);
  law(readable(piece.run, piece.lo, piece.blocks(), now) == piece.blocks(), "nothing is read that was not written");
  ++at(id).pins;
  touch(id, now);
  totals_.read += piece.blocks();
}

void TierStore::read_done(const RunPiece& piece, Time now) {
  const Id id = index_.find(piece.run);
  law(id >= 0 && at(id).pins > 0, "a read that ends has begun");
  unpin(id, now);
}

const TierTotals& TierStore::totals(Time now) {
  pass(now);
  law(totals_.held + totals_.evicted == totals_.stored && totals_.held >= 0 && totals_.held <= capacity_,
      "a tier holds what was stored less what was evicted, and no more than it can");
  return totals_;
}

}  // namespace memwall
