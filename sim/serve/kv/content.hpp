// What the blocks of a prompt hold, as runs of blocks that have one name together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/serve/request.hpp"

namespace memwall {

/// Some consecutive blocks of a sequence. Two blocks have the same `run` and index if and only if they and everything
/// in front of them hold the same tokens (up to collisions of 64-bit hashes).
struct ContentRun {
  std::uint64_t run = 0;
  std::int64_t index = 0;   ///< of the first block inside the run
  std::int64_t blocks = 0;  ///< from there to the end of the run
  bool own = false;         ///< holds tokens without declared content, generated ones among them: nobody else has these
};

/// Walks forward over the content of one sequence.
///
/// The prompt is cut into its maximal pieces of consecutive tokens of one stream, however its ranges were written. The
/// blocks inside a piece are a run, named by all pieces in front of it and by where it starts; a block that touches
/// several pieces is a run by itself. Both names follow from the tokens up to the block alone.
class ContentCursor {
 public:
  /// The blocks from number `block` on. Blocks are asked for in ascending order; `block_size` is always the same.
  [[nodiscard]] ContentRun at(const Request& request, std::int64_t block, std::int64_t block_size);

 private:
  struct Piece {
    std::uint64_t stream = 0;
    std::int64_t first = 0;  ///< its first token's position in the stream
    std::int64_t begin = 0;  ///< its tokens in the sequence: begin .. end-1
    std::int64_t end = 0;
    bool own = false;
  };
  void advance(const Request& request);
  [[nodiscard]] ContentRun mixed(const Request& request, std::int64_t end) const;

  std::size_t next_range_ = 0;  ///< of the prompt, behind the piece
  std::uint64_t before_ = 0;    ///< hash of all pieces in front of this one
  Piece piece_;
};

}  // namespace memwall
