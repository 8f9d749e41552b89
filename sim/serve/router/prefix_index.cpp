#include "sim/serve/router/prefix_index.hpp"

#include <algorithm>

#include "sim/serve/kv/content.hpp"

namespace memwall {

PrefixIndex::PrefixIndex(std::int32_t replicas, std::int64_t block_size, std::int64_t blocks)
    : replicas_(static_cast<std::size_t>(replicas)), block_size_(block_size), limit_(blocks) {}

std::int64_t PrefixIndex::match(std::int32_t replica, const Request& request) const {
  const Replica& home = replicas_[static_cast<std::size_t>(replica)];
  const std::int64_t full = request.input_tokens / block_size_;
  ContentCursor cursor;
  std::int64_t matched = 0;
  while (matched < full) {
    const ContentRun content = cursor.at(request, matched, block_size_);
    if (content.own) break;
    const std::int32_t id = home.index.find(content.run);
    if (id < 0) break;
    const std::int64_t wanted = std::min(content.blocks, full - matched);
    const std::int64_t got = std::min(wanted, home.entries[static_cast<std::size_t>(id)].blocks);
    matched += got;
    if (got < wanted) break;
  }
  return matched;
}

void PrefixIndex::note(std::int32_t replica, const Request& request, std::int64_t tokens) {
  Replica& home = replicas_[static_cast<std::size_t>(replica)];
  const std::int64_t full = tokens / block_size_;
  ContentCursor cursor;
  for (std::int64_t block = 0; block < full;) {
    const ContentRun content = cursor.at(request, block, block_size_);
    if (content.own) break;
    const std::int64_t blocks = std::min(content.blocks, full - block);
    std::int32_t id = home.index.find(content.run);
    if (id >= 0) {
      unlink(home, id);
    } else if (home.unused.empty()) {
      id = static_cast<std::int32_t>(home.entries.size());
      home.entries.emplace_back();
    } else {
      id = home.unused.back();
      home.unused.pop_back();
      home.entries[static_cast<std::size_t>(id)] = {};
    }
    Entry& entry = home.entries[static_cast<std::size_t>(id)];
    entry.run = content.run;
    home.blocks += std::max<std::int64_t>(0, blocks - entry.blocks);
    entry.blocks = std::max(entry.blocks, blocks);
    home.index.put(content.run, id);
    link_last(home, id);
    block += blocks;
  }
  while (home.blocks > limit_) forget_oldest(home);
}

void PrefixIndex::unlink(Replica& replica, std::int32_t id) {
  const Entry& entry = replica.entries[static_cast<std::size_t>(id)];
  replica.entries[static_cast<std::size_t>(entry.before)].after = entry.after;
  replica.entries[static_cast<std::size_t>(entry.after)].before = entry.before;
}

void PrefixIndex::link_last(Replica& replica, std::int32_t id) {
  Entry& anchor = replica.entries.front();
  Entry& entry = replica.entries[static_cast<std::size_t>(id)];
  entry.before = anchor.before;
  entry.after = 0;
  replica.entries[static_cast<std::size_t>(entry.before)].after = id;
  anchor.before = id;
}

// A run loses its last blocks first, as an engine's cache does, which gives a sequence's blocks back last one first.
void PrefixIndex::forget_oldest(Replica& replica) const {
  const std::int32_t id = replica.entries.front().after;
  Entry& entry = replica.entries[static_cast<std::size_t>(id)];
  const std::int64_t gone = std::min(entry.blocks, replica.blocks - limit_);
  entry.blocks -= gone;
  replica.blocks -= gone;
  if (entry.blocks > 0) return;
  unlink(replica, id);
  replica.index.erase(entry.run);
  replica.unused.push_back(id);
}

}  // namespace memwall
