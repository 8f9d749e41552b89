#include "sim/serve/kv/extent_pool.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

ExtentPool::ExtentPool(std::int64_t blocks, std::int64_t block_size, bool caching)
    : capacity_(blocks - 1), block_size_(block_size), caching_(caching), free_(blocks - 1), extents_(1), index_(64) {
  law(blocks >= 2, "a KV cache needs a block beside the null block");
  free_without_content(0, 0, capacity_);
}

ExtentPool::Id ExtentPool::new_extent() {
  if (unused_extents_.empty()) {
    extents_.emplace_back();
    return static_cast<Id>(extents_.size() - 1);
  }
  const Id id = unused_extents_.back();
  unused_extents_.pop_back();
  at(id) = {};
  return id;
}

void ExtentPool::unlink(Id id) {
  at(at(id).before).after = at(id).after;
  at(at(id).after).before = at(id).before;
}

void ExtentPool::link_after(Id place, Id id) {
  at(id).before = place;
  at(id).after = at(place).after;
  at(at(place).after).before = id;
  at(place).after = id;
}

// Puts blocks that nobody can hit behind `place` in the free list, into `neighbour` if that is of the same kind.
void ExtentPool::free_without_content(Id neighbour, Id place, std::int64_t blocks) {
  if (blocks == 0) return;
  if (neighbour != 0 && at(neighbour).run == none) {
    at(neighbour).blocks += blocks;
    return;
  }
  const Id id = new_extent();
  at(id).blocks = blocks;
  link_after(place, id);
}

ExtentPool::Id ExtentPool::add_to_run(std::uint64_t name, std::int64_t first, std::int64_t blocks) {
  const Id id = new_extent();
  Id place = index_.find(name);
  if (place < 0) {
    if (unused_runs_.empty()) {
      place = static_cast<Id>(runs_.size());
      runs_.emplace_back();
    } else {
      place = unused_runs_.back();
      unused_runs_.pop_back();
    }
    run(place) = {name, none, none};
    index_.put(name, place);
  }
  Run& home = run(place);
  Extent& extent = at(id);
  extent.first = first;
  extent.blocks = blocks;
  extent.run = place;
  extent.older = home.newest;
  (home.newest == none ? home.oldest : at(home.newest).newer) = id;
  home.newest = id;
  return id;
}

void ExtentPool::remove_from_run(Id id) {
  const Extent& extent = at(id);
  Run& home = run(extent.run);
  (extent.older == none ? home.oldest : at(extent.older).newer) = extent.newer;
  (extent.newer == none ? home.newest : at(extent.newer).older) = extent.older;
  if (home.oldest != none) return;
  index_.erase(home.name);
  unused_runs_.push_back(extent.run);
}

// Leaves the first `blocks` blocks in the extent; the rest becomes one of its own, which is returned. In the free list
// a sequence's blocks stand last one first, so the rest stands in front.
ExtentPool::Id ExtentPool::split(Id id, std::int64_t blocks) {
  const Id rest = new_extent();
  Extent& front = at(id);
  Extent& back = at(rest);
  back = front;
  front.blocks = blocks;
  back.first += blocks;
  back.blocks -= blocks;
  front.rest = rest;
  back.older = id;
  (front.newer == none ? run(front.run).newest : at(front.newer).older) = rest;
  front.newer = rest;
  if (front.holders == 0) link_after(front.before, rest);
  return rest;
}

/// The blocks `first` to `first + blocks - 1` of the extent, or of what it was split into, as an extent.
ExtentPool::Id ExtentPool::cut(Id id, std::int64_t first, std::int64_t blocks) {
  while (first >= at(id).end()) id = at(id).rest;
  if (first > at(id).first) id = split(id, first - at(id).first);
  if (blocks < at(id).blocks) (void)split(id, blocks);
  return id;
}

/// Notes the longest stretch of cached blocks of a run from block `first` on, at most `blocks`; returns its length. Of
/// several copies of a block the one that was filled first is hit.
std::int64_t ExtentPool::match(const Run& run, std::int64_t first, std::int64_t blocks) {
  std::int64_t next = first;
  const std::int64_t end = first + blocks;
  while (next < end) {
    std::int64_t until = end;
    Id id = run.oldest;
    for (; id != none; id = at(id).newer) {
      const Extent& extent = at(id);
      if (extent.first <= next && next < extent.end()) break;
      if (extent.first > next) until = std::min(until, extent.first);
    }
    if (id == none) break;
    until = std::min(until, at(id).end());
    found_.push_back({id, next, until - next});
    next = until;
  }
  return next - first;
}

PrefixHit ExtentPool::find_prefix(Sequence& sequence, std::int64_t tokens) {
  found_.clear();
  if (!caching_) return {};
  const std::int64_t full = tokens / block_size_;
  PrefixHit hit;
  ContentCursor cursor;
  while (hit.blocks < full) {
    const ContentRun content = cursor.at(sequence.request, hit.blocks, block_size_);
    if (content.own && sequence.preemptions == 0) break;
    const Id place = index_.find(content.run);
    if (place < 0) break;
    const std::int64_t wanted = std::min(content.blocks, full - hit.blocks);
    const std::int64_t got = match(run(place), content.index, wanted);
    hit.blocks += got;
    if (got < wanted) break;
  }
  for (const Found& found : found_) {
    if (at(found.extent).holders == 0) hit.unheld += found.blocks;
  }
  return hit;
}

void ExtentPool::take_prefix(Sequence& sequence) {
  for (const Found& found : found_) {
    const Id id = cut(found.extent, found.first, found.blocks);
    if (at(id).holders++ == 0) {
      unlink(id);
      free_ -= found.blocks;
    }
    sequence.extents.push_back({id, found.blocks});
    sequence.held += found.blocks;
  }
  sequence.registered = sequence.shared = sequence.held;
  found_.clear();
}

void ExtentPool::grow(Sequence& sequence, std::int64_t blocks) {
  sequence.held += blocks;
  grow_unnamed(blocks);
}

void ExtentPool::grow_unnamed(std::int64_t blocks) {
  law(blocks <= free_, "more KV blocks were taken than are free");
  free_ -= blocks;
  while (blocks > 0) {
    const Id id = at(0).after;
    const std::int64_t taken = std::min(blocks, at(id).blocks);
    at(id).blocks -= taken;
    blocks -= taken;
    if (at(id).blocks > 0) continue;
    unlink(id);
    if (at(id).run != none) remove_from_run(id);
    unused_extents_.push_back(id);
  }
}

void ExtentPool::register_full(Sequence& sequence, std::int64_t tokens) {
  const std::int64_t full = tokens / block_size_;
  sequence.next_full = (full + 1) * block_size_;
  if (!caching_) return;
  while (sequence.registered < full) {
    const bool only_own = sequence.shared < sequence.registered;
    const ContentRun content =
        only_own ? ContentRun{} : sequence.content.at(sequence.request, sequence.registered, block_size_);
    if (only_own || content.own) {
      sequence.registered = full;
      return;
    }
    const std::int64_t blocks = std::min(content.blocks, full - sequence.registered);
    const Id id = add_to_run(content.run, content.index, blocks);
    at(id).holders = 1;
    sequence.extents.push_back({id, blocks});
    sequence.registered += blocks;
    sequence.shared += blocks;
  }
}

// Blocks without full content go to the front of the free list; the others to its back, last one first.
void ExtentPool::release(Sequence& sequence) {
  const std::int64_t unfilled = sequence.held - sequence.registered;
  free_without_content(at(0).after, 0, unfilled);
  free_ += unfilled;
  release_own(sequence);
  release_shared(sequence);
  sequence.extents.clear();
  sequence.content = {};
  sequence.held = sequence.registered = sequence.shared = 0;
}

void ExtentPool::release_own(Sequence& sequence) {
  const std::int64_t own = sequence.registered - sequence.shared;
  free_ += own;
  const bool comes_back = sequence.known < sequence.finish_at;
  if (!comes_back) {
    free_without_content(at(0).before, at(0).before, own);
    return;
  }
  parts_.clear();
  for (std::int64_t block = sequence.shared; block < sequence.registered;) {
    const ContentRun content = sequence.content.at(sequence.request, block, block_size_);
    const std::int64_t blocks = std::min(content.blocks, sequence.registered - block);
    parts_.push_back(add_to_run(content.run, content.index, blocks));
    block += blocks;
  }
  for (std::size_t i = parts_.size(); i-- > 0;) link_after(at(0).before, parts_[i]);
}

void ExtentPool::release_shared(Sequence& sequence) {
  for (std::size_t i = sequence.extents.size(); i-- > 0;) {
    // What was one extent when the sequence took it may have been split since.
    parts_.clear();
    std::int64_t left = sequence.extents[i].blocks;
    for (Id id = sequence.extents[i].extent; left > 0; id = at(id).rest) {
      parts_.push_back(id);
      left -= at(id).blocks;
    }
    for (std::size_t k = parts_.size(); k-- > 0;) {
      Extent& extent = at(parts_[k]);
      if (--extent.holders > 0) continue;
      free_ += extent.blocks;
      link_after(at(0).before, parts_[k]);
    }
  }
}

}  // namespace memwall
