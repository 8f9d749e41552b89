#include "sim/serve/kv/tiers.hpp"

#include <algorithm>

#include "sim/serve/kv/content.hpp"

namespace memwall {

std::vector<TierPart> find_in_tiers(const std::vector<const TierStore*>& levels, const Request& request,
                                    std::int64_t block_size, std::int64_t first, std::int64_t last, Time now) {
  std::vector<TierPart> parts;
  ContentCursor cursor;
  for (std::int64_t block = first; block < last;) {
    const ContentRun content = cursor.at(request, block, block_size);
    if (content.own) break;
    const std::int64_t wanted = std::min(content.blocks, last - block);
    std::int64_t got = 0;
    for (std::size_t level = 0; level < levels.size() && got == 0; ++level) {
      got = levels[level]->readable(content.run, content.index, wanted, now);
      if (got > 0) parts.push_back({level, {content.run, content.index, content.index + got}});
    }
    if (got == 0) break;
    block += got;
  }
  return parts;
}

std::vector<RunPiece> shareable_blocks(const Request& request, std::int64_t block_size, std::int64_t tokens) {
  std::vector<RunPiece> pieces;
  ContentCursor cursor;
  const std::int64_t full = tokens / block_size;
  for (std::int64_t block = 0; block < full;) {
    const ContentRun content = cursor.at(request, block, block_size);
    if (content.own) break;
    const std::int64_t blocks = std::min(content.blocks, full - block);
    pieces.push_back({content.run, content.index, content.index + blocks});
    block += blocks;
  }
  return pieces;
}

}  // namespace memwall
