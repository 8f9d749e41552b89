// What a layer's attention keeps of the past, and what each query reads and computes of it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// How a deployment treats its cache: the format, and what it does to make it smaller or to read less of it.
struct CacheTreatment {
  Precision format = Precision::bf16;
  /// Latent attention decodes on the latent itself; false: it expands the keys and values of the whole context for
  /// every token, as an implementation without absorbed projections does.
  bool absorbed = true;

  double compression = 1;  ///< keys and values take one part in so many of their bytes, stored and read
  Flops expand;            ///< to take one compressed token of one layer back, each time a decode reads it

  std::int64_t budget = 0;  ///< keys that a query attends to at most in layers of full attention; 0 = all
  Bytes selector;           ///< what choosing them stores for each token and layer, and reads of all of them
  Flops selector_work;      ///< of choosing, for each (query, key) pair and layer

  CacheTreatment() = default;
  CacheTreatment(Precision kv) : format(kv) {}  // NOLINT: a format alone is the usual treatment
};

/// One pass over cached keys that a layer does for every query.
struct KeyWalk {
  std::string_view name;
  Reach reach;
  Bytes stored;            ///< for each token in reach of anybody, on one layer
  Bytes read;              ///< for each key that a decode attends to
  Flops per_prefill_pair;  ///< (query, key) pair of a prefill, all heads
  Flops per_decode_pair;   ///< the same for decode; differs where decode works on the latent
};

/// The passes of one layer; none for a layer without a growing cache.
[[nodiscard]] std::vector<KeyWalk> key_walks(const AttentionShape& attention, const CacheTreatment& treatment);

/// Cache bytes of one token in one layer while no window has been left: 2 g d b for grouped-query attention,
/// (r + d_rope) b for latent attention, where the latent serves as key and value. Scales are left out, but for DSA.
[[nodiscard]] Bytes kv_bytes_per_token_and_layer(const AttentionShape& attention, const CacheTreatment& treatment);

/// The sum of that over the layers, multi-token prediction left out.
[[nodiscard]] Bytes kv_bytes_per_token(const ModelShape& model, const CacheTreatment& treatment);

/// By how much a sequence beyond all windows grows with each token.
[[nodiscard]] Bytes kv_bytes_beyond_windows(const ModelShape& model, const CacheTreatment& treatment);

/// What a sequence of so many tokens holds, without constant states: keys out of every reach are forgotten.
[[nodiscard]] Bytes kv_bytes_of_sequence(const ModelShape& model, const CacheTreatment& treatment, std::int64_t tokens);

/// The part of that in layers that forget.
[[nodiscard]] Bytes window_bytes_of_sequence(const ModelShape& model, const CacheTreatment& treatment,
                                             std::int64_t tokens);

/// Constant state of one sequence: n_v d_k d_v elements of 4 bytes unless the file says otherwise, and what the short
/// convolution remembers, (kernel - 1) channels of 2 bytes.
[[nodiscard]] Bytes state_bytes_of_layer(const RecurrentMixer& mixer);
[[nodiscard]] Bytes state_bytes_per_sequence(const ModelShape& model);

/// Of a recurrent layer for one token: two for each multiply and add of decaying and updating the state and of reading
/// it, and of the convolution. The delta rule reads the state once more to correct it: 6 n d_k d_v, else 4.
[[nodiscard]] Flops recurrence_flops(const RecurrentMixer& mixer);

}  // namespace memwall
