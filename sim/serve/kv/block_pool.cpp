#include "sim/serve/kv/block_pool.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"

namespace memwall {
namespace {

/// Extends the hashes of the sequence to its first `blocks` blocks. The hash of a block covers all tokens before it.
void extend_hashes(Sequence& sequence, std::int64_t blocks, std::int64_t block_size) {
  while (static_cast<std::int64_t>(sequence.hashes.size()) < blocks) {
    const auto block = static_cast<std::int64_t>(sequence.hashes.size());
    const ContentRun content = sequence.content.at(sequence.request, block, block_size);
    const std::int64_t count = std::min(content.blocks, blocks - block);
    for (std::int64_t i = 0; i < count; ++i) {
      sequence.hashes.push_back(combine(content.run, static_cast<std::uint64_t>(content.index + i)));
    }
  }
}

}  // namespace

BlockPool::BlockPool(std::int64_t blocks, std::int64_t block_size, bool caching)
    : blocks_(static_cast<std::size_t>(blocks)),
      index_(caching ? static_cast<std::size_t>(blocks) : 1),
      block_size_(block_size),
      free_(blocks - 1),
      caching_(caching) {
  law(blocks >= 2, "a block pool needs a block beside the null block");
  const auto last = static_cast<std::int32_t>(blocks - 1);
  for (std::int32_t id = 0; id <= last; ++id) {
    at(id).after = id == last ? 0 : id + 1;
    at(id).before = id == 0 ? last : id - 1;
  }
}

void BlockPool::unlink(std::int32_t id) {
  at(at(id).before).after = at(id).after;
  at(at(id).after).before = at(id).before;
  --free_;
}

void BlockPool::link_after(std::int32_t place, std::int32_t id) {
  at(id).before = place;
  at(id).after = at(place).after;
  at(at(place).after).before = id;
  at(place).after = id;
  ++free_;
}

PrefixHit BlockPool::find_prefix(Sequence& sequence, std::int64_t tokens) {
  found_.clear();
  if (!caching_) return {};
  const std::int64_t full = tokens / block_size_;
  PrefixHit hit;
  for (std::int64_t i = 0; i < full; ++i) {
    // Hashes are extended a stretch at a time: most look-ups end early, the long ones should not hash twice.
    const auto have = static_cast<std::int64_t>(sequence.hashes.size());
    if (i >= have) extend_hashes(sequence, std::min(full, have + 32), block_size_);
    const std::int32_t id = index_.find(sequence.hashes[static_cast<std::size_t>(i)]);
    if (id < 0) break;
    found_.push_back(id);
    ++hit.blocks;
    if (at(id).holders == 0) ++hit.unheld;
  }
  return hit;
}

void BlockPool::take_prefix(Sequence& sequence) {
  for (const std::int32_t id : found_) {
    if (at(id).holders++ == 0) unlink(id);
    sequence.blocks.push_back(id);
  }
  sequence.held += static_cast<std::int64_t>(found_.size());
  sequence.registered = sequence.held;
  found_.clear();
}

void BlockPool::grow(Sequence& sequence, std::int64_t blocks) {
  law(blocks <= free_, "more KV blocks were taken than are free");
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int32_t id = blocks_.front().after;
    unlink(id);
    if (at(id).hashed) forget(id);
    at(id).holders = 1;
    sequence.blocks.push_back(id);
  }
  sequence.held += blocks;
}

void BlockPool::grow_unnamed(std::int64_t) { throw LogicError("blocks with identity are taken by somebody"); }

void BlockPool::register_full(Sequence& sequence, std::int64_t tokens) {
  const std::int64_t full = tokens / block_size_;
  sequence.next_full = (full + 1) * block_size_;
  if (!caching_) return;
  if (full > static_cast<std::int64_t>(sequence.hashes.size())) extend_hashes(sequence, full, block_size_);
  for (; sequence.registered < full; ++sequence.registered) {
    const auto i = static_cast<std::size_t>(sequence.registered);
    const std::int32_t id = sequence.blocks[i];
    const std::uint64_t hash = sequence.hashes[i];
    at(id).hash = hash;
    at(id).hashed = true;
    at(id).twin = -1;
    std::int32_t other = index_.find(hash);
    if (other < 0) {
      index_.put(hash, id);
      continue;
    }
    while (at(other).twin >= 0) other = at(other).twin;
    at(other).twin = id;
  }
}

void BlockPool::forget(std::int32_t id) {
  Block& block = at(id);
  block.hashed = false;
  const std::int32_t head = index_.find(block.hash);
  if (head == id) {
    if (block.twin >= 0) {
      index_.put(block.hash, block.twin);
    } else {
      index_.erase(block.hash);
    }
    return;
  }
  std::int32_t other = head;
  while (at(other).twin != id) other = at(other).twin;
  at(other).twin = block.twin;
}

void BlockPool::release(Sequence& sequence) {
  std::int32_t front = 0;  // unhashed blocks go to the front as one run that keeps its order
  for (std::size_t i = sequence.blocks.size(); i-- > 0;) {
    const std::int32_t id = sequence.blocks[i];
    if (--at(id).holders > 0) continue;
    if (at(id).hashed) {
      link_after(blocks_.front().before, id);
    } else {
      link_after(front, id);
      front = id;
    }
  }
  sequence.blocks.clear();
  sequence.held = 0;
  sequence.registered = 0;
}

}  // namespace memwall
