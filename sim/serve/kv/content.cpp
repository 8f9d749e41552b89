#include "sim/serve/kv/content.hpp"

#include <algorithm>
#include <limits>

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

/// The stream of tokens that only this request has. Declared streams are hashes themselves, so a collision has the
/// probability of any 64-bit collision.
std::uint64_t own_stream(const Request& request) {
  return Hasher(0x6f776e).add(static_cast<std::uint64_t>(request.id.value)).value();
}

std::uint64_t with_start(std::uint64_t hash, std::uint64_t stream, std::int64_t first) {
  hash = fold(hash ^ stream, 0xa0761d6478bd642fU);
  return fold(hash ^ static_cast<std::uint64_t>(first), 0xe7037ed1a0b428dbU) + 0x8ebc6af09c88c6e3U;
}

std::uint64_t with_length(std::uint64_t hash, std::int64_t length) {
  return fold(hash ^ static_cast<std::uint64_t>(length), 0x589965cc75374cc3U) + 0x1d8e4e27c47d124fU;
}

}  // namespace

void ContentCursor::advance(const Request& request) {
  if (piece_.end > piece_.begin) {
    before_ = with_length(with_start(before_, piece_.stream, piece_.first), piece_.end - piece_.begin);
  }
  piece_.begin = piece_.end;
  for (; next_range_ < request.prompt.size(); ++next_range_) {
    const TokenRange& range = request.prompt[next_range_];
    const std::int64_t length = range.end - range.begin;
    if (piece_.end == piece_.begin) {
      piece_.stream = range.stream;
      piece_.first = range.begin;
    } else if (range.stream != piece_.stream || range.begin != piece_.first + piece_.end - piece_.begin) {
      return;
    }
    piece_.end += length;
  }
  if (piece_.end > piece_.begin) return;
  piece_.stream = own_stream(request);
  piece_.first = piece_.begin;
  piece_.end = std::numeric_limits<std::int64_t>::max();
  piece_.own = true;
}

ContentRun ContentCursor::at(const Request& request, std::int64_t block, std::int64_t block_size) {
  const std::int64_t begin = block * block_size;
  while (piece_.end <= begin) advance(request);
  const std::int64_t end = begin + block_size;
  if (end > piece_.end) return mixed(request, end);
  const std::int64_t first_block = (piece_.begin + block_size - 1) / block_size;
  return {with_start(before_, piece_.stream, piece_.first), block - first_block, (piece_.end - begin) / block_size,
          piece_.own};
}

// The block in which this piece ends and others begin; it ends at token `end`.
ContentRun ContentCursor::mixed(const Request& request, std::int64_t end) const {
  ContentCursor ahead = *this;
  while (ahead.piece_.end < end) ahead.advance(request);
  const std::uint64_t start = with_start(ahead.before_, ahead.piece_.stream, ahead.piece_.first);
  // The length tells such a block from the run of the whole blocks that start in the same piece.
  return {with_length(start, end - ahead.piece_.begin), 0, 1, ahead.piece_.own};
}

}  // namespace memwall
