// Sizes at which an engine has captured CUDA graphs: a smaller batch runs, and pays for, the next captured size.
#pragma once

#include <algorithm>
#include <cstdint>

namespace memwall {

/// vLLM's capture sizes: 1, 2, 4, then multiples of 8 to 256, then multiples of 16 to the largest (`config/vllm.py`).
class GraphPadding {
 public:
  /// `largest` = 0 captures nothing: no padding.
  explicit GraphPadding(std::int64_t largest = 0) : largest_(largest) {}

  /// vLLM's largest size for up to `max_num_seqs` sequences of 1 + `drafts` tokens: min(2 x rows, 512).
  [[nodiscard]] static GraphPadding vllm(std::int64_t max_num_seqs, std::int64_t drafts) {
    return GraphPadding(std::min<std::int64_t>(max_num_seqs * (1 + drafts) * 2, 512));
  }

  /// Whether any size is captured.
  [[nodiscard]] bool captures() const { return largest_ > 0; }

  /// Rows that run for a batch of `tokens` rows. Batches above the largest size run as they are.
  [[nodiscard]] std::int64_t rows(std::int64_t tokens) const {
    if (tokens > largest_ || tokens <= 2) return tokens;
    const std::int64_t step = tokens <= 4 ? 4 : tokens <= 256 ? 8 : 16;
    return std::min((tokens + step - 1) / step * step, largest_);
  }

 private:
  std::int64_t largest_;
};

}  // namespace memwall
