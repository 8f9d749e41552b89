// What one chip is asked to do in a cycle, independent of which chip it is. Every amount is that of one execution on
// one chip after sharding; how often it runs in a cycle stands beside it in the program (sim/llm).
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/quantity.hpp"
#include "sim/hw/precision.hpp"

namespace memwall {

/// A matrix product of a batch of rows with resident weights.
struct Gemm {
  std::string name;
  Bytes weights;              ///< read once for the whole batch
  Bytes activations_per_row;  ///< read and written for each row
  Flops flops_per_row;
  Precision weight_format = Precision::bf16;
  Precision compute = Precision::bf16;
};

/// The routed experts of a mixture-of-experts layer: only experts that some row chose are read.
struct Experts {
  std::string name;
  double experts = 0;         ///< resident on this chip
  double rows_per_token = 0;  ///< routed (token, expert) pairs on this chip for each token, on average
  Bytes weights_per_expert;
  Bytes activations_per_row;  ///< for each routed pair
  Flops flops_per_row;        ///< for each routed pair
  int kernels = 2;            ///< grouped products that run one after another
  Precision weight_format = Precision::bf16;
  Precision compute = Precision::bf16;
  double token_ranks = 1;  ///< batches of the chip's own size whose tokens come here
};

/// Softmax attention over the cache, without its projections.
struct Attention {
  std::string name;
  Bytes kv_per_token;           ///< cache read for each context token, one layer, this chip
  Flops flops_per_pair;         ///< for each (query, key) pair of a prefill, all heads of this chip
  Flops flops_per_decode_pair;  ///< the same for decode; differs where decode works on absorbed projections (MLA)
  Precision kv_format = Precision::bf16;
  Precision compute = Precision::bf16;
};

/// A layer whose past is one state of constant size: linear attention, delta rules, state-space layers.
struct Recurrence {
  std::string name;
  Bytes state;                ///< of one sequence; read and written once a cycle
  Bytes activations_per_row;  ///< read and written for each token
  Flops flops_per_row;
  int kernels = 1;
};

/// Norms, rotary embedding, activation functions, residual adds.
struct Elementwise {
  std::string name;
  Bytes bytes_per_row;
  int kernels = 1;
};

/// Sum over the chips of a tensor-parallel group.
struct AllReduce {
  std::string name;
  int ranks = 1;
  Bytes bytes_per_row;  ///< payload on each rank
};

/// Which kernels move tokens to experts (sim/hw/expert_exchange.hpp), and which way.
enum class ExchangeMode : std::uint8_t { low_latency, normal };
enum class ExchangeDirection : std::uint8_t { dispatch, combine };

/// Tokens of a rank to the ranks that hold their experts, or the experts' results back.
struct ExpertExchange {
  std::string name;
  int ranks = 1;            ///< that share the experts
  double experts = 0;       ///< of the layer, over all ranks
  double top_k = 0;         ///< chosen by a token
  double most_domains = 0;  ///< that a token's experts may lie in; 0: any
  Bytes bytes_per_copy;     ///< of one token
  double share = 1;         ///< of the rank's tokens, those that it sends; tensor ranks divide them
  double fullest = 1;       ///< load of the fullest rank over the mean
  ExchangeMode mode = ExchangeMode::low_latency;
  ExchangeDirection direction = ExchangeDirection::dispatch;
};

/// What the attention of a cycle works on, summed over the sequences of a kind. Token counts.
struct PrefillWork {
  double tokens = 0;   ///< new tokens in all chunks
  double pairs = 0;    ///< (query, key) pairs under the causal mask: sum of chunk * prior + chunk * (chunk + 1) / 2
  double context = 0;  ///< keys read: sum of prior + chunk
};

}  // namespace memwall
