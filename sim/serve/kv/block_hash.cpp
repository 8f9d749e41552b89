#include "sim/serve/kv/block_hash.hpp"

#include <algorithm>

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

/// The stream of tokens that only this request has. Declared streams are hashes themselves, so a collision has the
/// probability of any 64-bit collision.
std::uint64_t own_stream(const Request& request) {
  return Hasher(0x6f776e).add(static_cast<std::uint64_t>(request.id.value)).value();
}

/// A maximal run of tokens of one stream inside a block.
struct Piece {
  std::uint64_t stream;
  std::int64_t begin;
  std::int64_t length;
};

}  // namespace

void extend_hashes(Sequence& sequence, std::int64_t blocks, std::int64_t block_size) {
  const auto& ranges = sequence.request.prompt;
  std::uint64_t previous = sequence.hashes.empty() ? 0 : sequence.hashes.back();
  auto position = static_cast<std::int64_t>(sequence.hashes.size()) * block_size;
  std::int64_t& range_start = sequence.content_start;

  while (static_cast<std::int64_t>(sequence.hashes.size()) < blocks) {
    std::uint64_t hash = previous;
    const std::int64_t block_end = position + block_size;
    Piece open{0, 0, 0};
    const auto close = [&] {
      if (open.length == 0) return;
      hash = combine(combine(hash, open.stream), static_cast<std::uint64_t>(open.begin));
      hash = combine(hash, static_cast<std::uint64_t>(open.length));
    };
    while (position < block_end) {
      Piece next{own_stream(sequence.request), position, block_end - position};
      while (sequence.content_range < ranges.size()) {
        const TokenRange& range = ranges[sequence.content_range];
        const std::int64_t length = range.end - range.begin;
        if (position < range_start + length) {
          const std::int64_t inside = position - range_start;
          next = {range.stream, range.begin + inside, std::min(length - inside, block_end - position)};
          break;
        }
        range_start += length;
        ++sequence.content_range;
      }
      // Neighbouring ranges that continue each other are one run, however the prompt was cut into ranges.
      if (open.length > 0 && open.stream == next.stream && open.begin + open.length == next.begin) {
        open.length += next.length;
      } else {
        close();
        open = next;
      }
      position += next.length;
    }
    close();
    sequence.hashes.push_back(hash);
    previous = hash;
  }
}

}  // namespace memwall
