#include "sim/llm/deployment.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <variant>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

/// Dimensions that the degree does not divide, as text; empty when all are.
std::string indivisible(const ModelShape& model, std::int64_t tensor) {
  std::string out;
  const auto check = [&](std::int64_t dimension, const char* what) {
    if (dimension % tensor == 0) return;
    const std::string entry = std::to_string(dimension) + " " + what;
    if (out.find(entry) == std::string::npos) out += (out.empty() ? "" : ", ") + entry;
  };
  for (const LayerGroup& group : model.layers) {
    if (const auto* grouped = std::get_if<GroupedAttention>(&group.attention)) {
      check(grouped->heads, "attention heads");
      if (tensor % grouped->kv_heads != 0) check(grouped->kv_heads, "KV heads");
    } else {
      check(std::get<LatentAttention>(group.attention).heads, "attention heads");
    }
    if (const auto* dense = std::get_if<DenseFfn>(&group.ffn)) {
      check(dense->width, "columns of the feed-forward layer");
    } else {
      const auto& moe = std::get<MoeFfn>(group.ffn);
      check(moe.expert_width, "columns of an expert");
      check(moe.shared_width, "columns of the shared experts");
    }
  }
  return out;
}

GroupedAttention divided(GroupedAttention whole, std::int64_t tensor) {
  whole.heads /= tensor;
  whole.kv_heads = std::max<std::int64_t>(1, whole.kv_heads / tensor);
  return whole;
}

LatentAttention divided(LatentAttention whole, std::int64_t tensor) {
  whole.heads /= tensor;
  return whole;
}

DenseFfn divided(DenseFfn whole, std::int64_t tensor) {
  whole.width /= tensor;
  return whole;
}

MoeFfn divided(MoeFfn whole, std::int64_t tensor) {
  whole.expert_width /= tensor;
  whole.shared_width /= tensor;
  return whole;
}

Bytes stored(std::int64_t parameters, Precision format) {
  return Bytes{static_cast<double>(parameters) * bytes_per_weight(format)};
}

}  // namespace

std::vector<int> tensor_degrees(const ModelShape& model, int largest) {
  std::vector<int> out;
  for (int degree = 1; degree <= largest; ++degree) {
    if (indivisible(model, degree).empty()) out.push_back(degree);
  }
  return out;
}

ModelShape shard(const ModelShape& model, const Deployment& deployment) {
  if (deployment.expert != 1) {
    throw InputError("expert parallelism of " + std::to_string(deployment.expert) +
                     " is not supported yet; 1 is right, and experts are then split by width over the tensor ranks");
  }
  if (deployment.tensor < 1) {
    throw InputError("tensor parallelism must be at least 1, not " + std::to_string(deployment.tensor));
  }
  const std::int64_t tensor = deployment.tensor;
  if (const std::string problem = indivisible(model, tensor); !problem.empty()) {
    constexpr int listed = 128;
    std::string degrees;
    for (const int degree : tensor_degrees(model, listed)) {
      degrees += (degrees.empty() ? "" : ", ") + std::to_string(degree);
    }
    throw InputError("tensor parallelism of " + std::to_string(tensor) + " does not divide the " + problem + " of " +
                     model.name + "; valid degrees are " + degrees);
  }

  ModelShape rank = model;
  for (LayerGroup& group : rank.layers) {
    std::visit([&](auto& shape) { shape = divided(shape, tensor); }, group.attention);
    std::visit([&](auto& shape) { shape = divided(shape, tensor); }, group.ffn);
  }
  // vLLM pads the vocabulary to a multiple of 64 and then divides it; where 64 is not divisible it would refuse, and
  // the next common multiple is the smallest table that works.
  constexpr std::int64_t vocab_granule = 64;
  const std::int64_t granule = std::lcm(vocab_granule, tensor);
  rank.vocab = (model.vocab + granule - 1) / granule * granule / tensor;
  return rank;
}

Footprint footprint(const ModelShape& model, const Deployment& deployment) {
  const ModelShape rank = shard(model, deployment);
  const ParameterCount held = count_parameters(rank);
  const Precision wide = wide_format(deployment.weights);
  Footprint out;
  out.embedding = stored(held.embedding, wide);
  out.head = stored(held.head, wide);
  out.attention = stored(held.attention, deployment.weights);
  out.ffn = stored(held.ffn, deployment.weights);
  out.router = stored(held.router, wide);
  out.norms = stored(held.norms, wide);
  out.kv_per_token = kv_bytes_per_token(rank, deployment.kv);
  return out;
}

}  // namespace memwall
