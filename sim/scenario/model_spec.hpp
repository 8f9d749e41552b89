// The keys of a model in a scenario: which one, in which formats, and what is done to make it cheaper.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/device.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

struct KvCompressionKeys {
  double ratio = 1;
  Flops compress;  ///< for each token and layer that enters the cache
  Flops expand;    ///< for each token and layer that a decode reads
};

struct WeightSparsityKeys {
  std::string pattern;
  double kept = 1;
};

struct SparseAttentionKeys {
  std::int64_t tokens = 0;
  Bytes index_bytes;
  Flops index_work;
};

struct ModelSpec {
  std::string config;                          ///< a name of the catalogue, an alias, or a path to a config.json
  std::optional<Precision> weights;            ///< absent: as the model's file declares
  std::optional<Precision> attention_weights;  ///< absent: `weights`, or as the file declares
  std::optional<Precision> dense_weights;      ///< the same for dense layers and shared experts
  std::optional<Precision> kv_cache;           ///< absent: 16 bits
  std::optional<Precision> activations;        ///< absent: 16 bits
  std::optional<Precision> compute;            ///< absent: what the device multiplies the weights in
  std::optional<bool> absorbed_projections;    ///< of latent attention; absent: yes
  std::optional<KvCompressionKeys> kv_compression;
  std::optional<WeightSparsityKeys> weight_sparsity;
  std::optional<SparseAttentionKeys> sparse_attention;
};

/// Reads the keys; whether the model exists is checked by who knows the catalogue.
[[nodiscard]] ModelSpec read_model_keys(Reader& reader);

/// The model of a pool as `tensor` ranks of `device` run it. Throws InputError where a key asks for what the device or
/// the model does not have, or would change nothing.
[[nodiscard]] Deployment deploy(const ModelSpec& spec, const ModelShape& model, const DeviceModel& device, int tensor);

}  // namespace memwall
