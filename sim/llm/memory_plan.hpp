// How many cache blocks fit beside the weights: the sum that an engine does when it starts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/quantity.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// The engine's settings that the sum depends on. Names and meanings are vLLM's.
struct MemorySettings {
  Bytes device_memory;  ///< what one device reports to a process as its total
  double gpu_memory_utilization = 0.9;
  std::int64_t max_num_batched_tokens = 8192;
  std::int64_t max_num_seqs = 256;
  std::int64_t max_model_len = 0;  ///< tokens, at least 1
  std::int64_t block_size = 16;    ///< tokens
  /// Of so many bytes of weights on one rank, what lies in other memories of the device; empty: nothing does.
  std::function<Bytes(Bytes)> weights_elsewhere = {};
  /// What the runtime keeps of the memory; absent: what CUDA and its libraries keep.
  std::optional<Bytes> runtime_reserve = {};
  /// Which part of every layer the device holds, `all` or `attention`: the cache is always there.
  LayerPart part = LayerPart::all;
  /// Weights that do not fit could be streamed from a store outside, which is then part of the advice.
  bool streamable = false;
};

struct MemoryTerm {
  std::string name;
  Bytes bytes;
};

struct MemoryPlan {
  Bytes budget;                      ///< device_memory x gpu_memory_utilization
  std::vector<MemoryTerm> terms;     ///< what is taken from the budget before the cache, on one rank
  Bytes weights_elsewhere;           ///< weights of one rank that lie in other memories of the device
  Bytes block;                       ///< one cache block, all layers, on one rank
  std::int64_t blocks = 0;           ///< as the engine's log counts them, the null block included
  Bytes sequence;                    ///< what a sequence holds beside its blocks: constant states and full windows
  std::int64_t sequence_blocks = 0;  ///< the blocks that this takes

  /// vLLM keeps block 0 as a null block that no request gets.
  [[nodiscard]] std::int64_t usable_blocks() const { return blocks - 1; }
  [[nodiscard]] Bytes taken() const;
};

/// A model that its devices cannot hold: an error of the input that knows by how much.
class DoesNotFit : public InputError {
 public:
  DoesNotFit(std::string message, Bytes needed, Bytes available)
      : InputError(std::move(message)), needed_(needed), available_(available) {}
  [[nodiscard]] Bytes missing() const { return needed_ - available_; }

 private:
  Bytes needed_;
  Bytes available_;
};

/// Peak of one rank's activations in a layer: its widest moment over max_num_batched_tokens rows.
[[nodiscard]] Bytes forward_activations(const ModelShape& rank, const MemorySettings& settings);

/// What the runtime of each of `ranks` devices keeps.
[[nodiscard]] MemoryTerm runtime_term(const MemorySettings& settings, int ranks);

/// Follows vLLM V1: budget less weights, the peak of a profiling run, and what CUDA and NCCL hold; the rest in whole
/// blocks. The profiling run's peak is the larger of two moments: the widest feed-forward layer over
/// max_num_batched_tokens rows, and sampling from max_num_seqs rows of logits while those rows' hidden states are still
/// held. Layers that forget what leaves their window, and layers with a constant state, take a constant number of
/// blocks from each sequence; a block's bytes are then those of the other layers alone. See docs/models.md for the
/// constants and the counts they were compared with. Throws DoesNotFit, with the sum of one rank written out and what
/// would fit, when not even one sequence of max_model_len fits; throws as `shard` does.
[[nodiscard]] MemoryPlan plan_memory(const ModelShape& model, const Deployment& deployment,
                                     const MemorySettings& settings);

}  // namespace memwall
