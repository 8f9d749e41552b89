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

std::uint64_t with_piece(std::uint64_t hash, const Piece& piece) {
  hash = fold(hash ^ piece.stream, 0xa0761d6478bd642fU);
  const auto where = static_cast<std::uint64_t>(piece.begin) << 16 ^ static_cast<std::uint64_t>(piece.length);
  return fold(hash ^ where, 0xe7037ed1a0b428dbU) + 0x8ebc6af09c88c6e3U;
}

/// Walks over the content of a sequence from where its hashes end.
class Content {
 public:
  explicit Content(Sequence& sequence) : sequence_(sequence), ranges_(sequence.request.prompt) {}

  /// The longest run of one stream that starts at `position`, at most `room` tokens.
  Piece at(std::int64_t position, std::int64_t room) {
    while (sequence_.content_range < ranges_.size()) {
      const TokenRange& range = ranges_[sequence_.content_range];
      const std::int64_t length = range.end - range.begin;
      const std::int64_t inside = position - sequence_.content_start;
      if (inside < length) return {range.stream, range.begin + inside, std::min(length - inside, room)};
      sequence_.content_start += length;
      ++sequence_.content_range;
    }
    if (own_ == 0) own_ = own_stream(sequence_.request);
    return {own_, position, room};
  }

 private:
  Sequence& sequence_;
  const std::vector<TokenRange>& ranges_;
  std::uint64_t own_ = 0;
};

}  // namespace

void extend_hashes(Sequence& sequence, std::int64_t blocks, std::int64_t block_size) {
  Content content(sequence);
  std::uint64_t hash = sequence.hashes.empty() ? 0 : sequence.hashes.back();
  auto position = static_cast<std::int64_t>(sequence.hashes.size()) * block_size;
  while (static_cast<std::int64_t>(sequence.hashes.size()) < blocks) {
    const std::int64_t end = position + block_size;
    Piece open = content.at(position, block_size);
    position += open.length;
    while (position < end) {
      const Piece next = content.at(position, end - position);
      position += next.length;
      // Neighbouring ranges that continue each other are one run, however the prompt was cut into ranges.
      if (open.stream == next.stream && open.begin + open.length == next.begin) {
        open.length += next.length;
        continue;
      }
      hash = with_piece(hash, open);
      open = next;
    }
    hash = with_piece(hash, open);
    sequence.hashes.push_back(hash);
  }
}

}  // namespace memwall
