#include "sim/serve/kv/counted_blocks.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

CountedBlocks::CountedBlocks(std::int64_t blocks, std::int64_t block_size, bool caching)
    : capacity_(blocks - 1), block_size_(block_size), caching_(caching), free_(blocks - 1) {
  law(blocks >= 2, "a KV cache needs a block beside the null block");
  push_back_unwanted(capacity_);
}

void CountedBlocks::push_front_unwanted(std::int64_t count) {
  if (count == 0) return;
  if (!runs_.empty() && runs_.front().owner == nobody) {
    runs_.front().high += count;
  } else {
    runs_.push_front({nobody, count - 1, 0});
  }
}

void CountedBlocks::push_back_unwanted(std::int64_t count) {
  if (count == 0) return;
  if (!runs_.empty() && runs_.back().owner == nobody) {
    runs_.back().high += count;
  } else {
    runs_.push_back({nobody, count - 1, 0});
  }
}

// Of two copies of a block the one that was registered first is found; it is also nearer to the head.
CountedBlocks::Runs::iterator CountedBlocks::find(std::int64_t owner, std::int64_t block) {
  return std::find_if(runs_.begin(), runs_.end(), [owner, block](const Run& run) {
    return run.owner == owner && run.low <= block && block <= run.high;
  });
}

PrefixHit CountedBlocks::find_prefix(Sequence& sequence, std::int64_t tokens) {
  found_ = 0;
  if (wanted_ == 0 || sequence.preemptions == 0) return {};
  const std::int64_t most = tokens / block_size_;
  const std::int64_t owner = sequence.request.id.value;
  while (found_ < most) {
    const auto run = find(owner, found_);
    if (run == runs_.end()) break;
    found_ = std::min(most, run->high + 1);
  }
  return {found_, found_};
}

void CountedBlocks::take_prefix(Sequence& sequence) {
  const std::int64_t owner = sequence.request.id.value;
  for (std::int64_t block = 0; block < found_;) {
    const auto run = find(owner, block);
    const std::int64_t last = std::min(found_ - 1, run->high);
    if (block > run->low) {
      runs_.insert(std::next(run), {owner, block - 1, run->low});
      ++wanted_;
    }
    run->low = last + 1;
    if (run->count() == 0) {
      runs_.erase(run);
      --wanted_;
    }
    block = last + 1;
  }
  free_ -= found_;
  sequence.held += found_;
  sequence.registered = sequence.held;
  found_ = 0;
}

void CountedBlocks::grow(Sequence& sequence, std::int64_t blocks) {
  sequence.held += blocks;
  grow_unnamed(blocks);
}

void CountedBlocks::grow_unnamed(std::int64_t blocks) {
  law(blocks <= free_, "more KV blocks were taken than are free");
  free_ -= blocks;
  while (blocks > 0) {
    Run& head = runs_.front();
    const std::int64_t taken = std::min(blocks, head.count());
    head.high -= taken;
    blocks -= taken;
    if (head.count() == 0) {
      if (head.owner != nobody) --wanted_;
      runs_.pop_front();
    }
  }
}

void CountedBlocks::register_full(Sequence& sequence, std::int64_t tokens) {
  const std::int64_t full = tokens / block_size_;
  sequence.next_full = (full + 1) * block_size_;
  if (caching_) sequence.registered = std::max(sequence.registered, full);
}

// Full blocks go to the back of the free list, last one first; the others to its front.
void CountedBlocks::release(Sequence& sequence) {
  push_front_unwanted(sequence.held - sequence.registered);
  const bool comes_back = sequence.known < sequence.finish_at;
  if (sequence.registered > 0 && comes_back) {
    runs_.push_back({sequence.request.id.value, sequence.registered - 1, 0});
    ++wanted_;
  } else {
    push_back_unwanted(sequence.registered);
  }
  free_ += sequence.held;
  sequence.held = 0;
  sequence.registered = 0;
}

}  // namespace memwall
