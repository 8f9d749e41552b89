// What the scheduler has to do with caches elsewhere: loads under way, and blocks that wait for a reader.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/serve/scheduler/vllm.hpp"

namespace memwall {

// Blocks that prompts with a load under way have yet to take; without this reserve two of them could block each other.
std::int64_t VllmScheduler::reserved_by_loads() const {
  std::int64_t reserved = 0;
  for (const Slot slot : skipped_) {
    const Sequence& s = sequence(slot);
    if (s.state == SequenceState::loading && !s.loaded) {
      reserved += std::max<std::int64_t>(0, blocks_for(s.known) - s.held);
    }
  }
  return reserved;
}

void VllmScheduler::release_cache(Slot slot) {
  Sequence& s = sequence(slot);
  law(s.state == SequenceState::leaving, "only blocks that were left for another engine are given back by it");
  --leaving_;
  aside_ -= config_.sequence_blocks;
  kv_->release(s);
}

Tier VllmScheduler::waits_on() const {
  for (const Slot slot : skipped_) {
    if (!sequence(slot).loaded) return sequence(slot).load_tier;
  }
  return Tier::idle;
}

std::int64_t VllmScheduler::loads() const {
  return std::count_if(skipped_.begin(), skipped_.end(), [this](Slot slot) { return !sequence(slot).loaded; });
}

std::vector<Slot> VllmScheduler::queue() const {
  std::vector<Slot> slots = skipped_;
  waiting_.each([&](Slot slot) { slots.push_back(slot); });
  return slots;
}

}  // namespace memwall
