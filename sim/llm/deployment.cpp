#include "sim/llm/deployment.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <variant>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

/// Collects dimensions that the degree does not divide.
class Division {
 public:
  Division(std::int64_t tensor, bool whole_experts) : tensor_(tensor), whole_experts_(whole_experts) {}

  void operator()(const GroupedAttention& a) {
    check(a.heads, "attention heads");
    if (tensor_ % a.kv_heads != 0) check(a.kv_heads, "KV heads");
  }
  void operator()(const LatentAttention& a) { check(a.heads, "attention heads"); }
  void operator()(const CompressedAttention& a) {
    check(a.heads, "attention heads");
    check(a.output_groups, "groups of the attention output");
  }
  void operator()(const RecurrentMixer& m) {
    check(m.value_heads, "heads of recurrent layers");
    // vLLM repeats the groups of Mamba-2 beyond their number, as it does with KV heads.
    if (m.kind == RecurrentKind::mamba2 && tensor_ % m.key_heads == 0) return;
    check(m.key_heads, m.kind == RecurrentKind::mamba2 ? "groups of Mamba-2 layers" : "key heads of recurrent layers");
  }
  void operator()(const NoMixer&) {}
  void operator()(const NoFfn&) {}
  void operator()(const DenseFfn& f) { check(f.width, "columns of the feed-forward layer"); }
  void operator()(const MoeFfn& f) {
    if (!whole_experts_) check(f.expert_width, "columns of an expert");
    check(f.shared_width, "columns of the shared experts");
  }

  std::string problems;

 private:
  void check(std::int64_t dimension, const char* what) {
    if (dimension % tensor_ == 0) return;
    const std::string entry = std::to_string(dimension) + " " + what;
    if (problems.find(entry) == std::string::npos) problems += (problems.empty() ? "" : ", ") + entry;
  }

  std::int64_t tensor_;
  bool whole_experts_;
};

/// Dimensions that the degree does not divide, as text; empty when all are.
std::string indivisible(const ModelShape& model, std::int64_t tensor, bool whole_experts = false) {
  Division division(tensor, whole_experts);
  for (const LayerGroup& group : model.layers) {
    std::visit(division, group.attention);
    std::visit(division, group.ffn);
  }
  return division.problems;
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

CompressedAttention divided(CompressedAttention whole, std::int64_t tensor) {
  whole.heads /= tensor;
  whole.output_groups /= tensor;
  return whole;
}

RecurrentMixer divided(RecurrentMixer whole, std::int64_t tensor) {
  whole.value_heads /= tensor;
  whole.key_heads = std::max<std::int64_t>(1, whole.key_heads / tensor);
  return whole;
}

NoMixer divided(NoMixer whole, std::int64_t) { return whole; }
NoFfn divided(NoFfn whole, std::int64_t) { return whole; }

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

const MoeFfn* experts_of(const ModelShape& model) {
  for (const LayerGroup& group : model.layers) {
    if (const auto* moe = std::get_if<MoeFfn>(&group.ffn)) return moe;
  }
  return nullptr;
}

/// Whole experts go to all ranks of the group, as many to each.
void check_experts(const ModelShape& model, const Deployment& deployment) {
  const auto refuse = [](const std::string& why) { throw InputError(why); };
  const MoeFfn* moe = experts_of(model);
  const int ranks = deployment.tensor * deployment.data;
  if (deployment.expert == 1) {
    if (deployment.data > 1) {
      refuse("data parallelism of " + std::to_string(deployment.data) +
             " shares nothing without expert parallelism; set \"expert\" to " + std::to_string(ranks) +
             ", or write \"replicas\" of the pool for copies of the whole model");
    }
    return;
  }
  if (moe == nullptr) {
    refuse("expert parallelism of " + std::to_string(deployment.expert) + " needs a model with experts; " + model.name +
           " has none");
  }
  if (deployment.expert != ranks) {
    refuse("expert parallelism of " + std::to_string(deployment.expert) + " must be tensor x data, which is " +
           std::to_string(ranks) + ": every rank of the group holds experts");
  }
  const std::int64_t slots = moe->experts + deployment.redundant;
  if (slots % deployment.expert != 0) {
    const std::int64_t more = deployment.expert - moe->experts % deployment.expert;
    refuse(std::to_string(slots) + " experts of " + model.name +
           ", redundant ones among them, cannot be shared evenly by " + std::to_string(deployment.expert) +
           " ranks; \"redundant_experts\" of " + std::to_string(more % deployment.expert) + " would do");
  }
}

void deal_out_experts(LayerGroup& group, std::int64_t width, const Deployment& deployment) {
  auto* moe = std::get_if<MoeFfn>(&group.ffn);
  if (moe == nullptr || deployment.expert == 1) return;
  moe->expert_width = width;
  moe->held = (moe->experts + deployment.redundant) / deployment.expert;
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
  check_experts(model, deployment);
  if (deployment.tensor < 1) {
    throw InputError("tensor parallelism must be at least 1, not " + std::to_string(deployment.tensor));
  }
  const std::int64_t tensor = deployment.tensor;
  if (const std::string problem = indivisible(model, tensor, deployment.expert > 1); !problem.empty()) {
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
    const MoeFfn* moe = std::get_if<MoeFfn>(&group.ffn);
    const std::int64_t width = moe != nullptr ? moe->expert_width : 0;
    std::visit([&](auto& shape) { shape = divided(shape, tensor); }, group.attention);
    std::visit([&](auto& shape) { shape = divided(shape, tensor); }, group.ffn);
    deal_out_experts(group, width, deployment);
  }
  // vLLM pads the vocabulary to a multiple of 64 and then divides it; where 64 is not divisible it would refuse, and
  // the next common multiple is the smallest table that works.
  constexpr std::int64_t vocab_granule = 64;
  const std::int64_t granule = std::lcm(vocab_granule, tensor);
  rank.vocab = (model.vocab + granule - 1) / granule * granule / tensor;
  return rank;
}

Footprint footprint(const ModelShape& model, const Deployment& deployment, std::int64_t longest) {
  const ModelShape rank = shard(model, deployment);
  const ParameterCount held = count_parameters(rank);
  const Precision wide = wide_format(deployment.weights);
  const auto in_layers = [&](std::int64_t parameters, Precision format) {
    return Bytes{static_cast<double>(parameters) * deployment.stored_bytes(format)};
  };
  Footprint out;
  out.embedding = stored(held.embedding, wide);
  out.head = stored(held.head, wide);
  out.attention = in_layers(held.attention, deployment.attention_format());
  out.ffn = in_layers(held.experts, deployment.weights) + in_layers(held.ffn - held.experts, deployment.dense_format());
  out.router = stored(held.router, wide);
  out.streams = stored(held.streams, wide);
  out.norms = stored(held.norms, wide);
  const CacheTreatment cache = deployment.cache();
  out.kv_per_token = kv_bytes_per_token(rank, cache);
  out.kv_per_token_kept = kv_bytes_beyond_windows(rank, cache);
  out.window_per_sequence = window_bytes_of_sequence(rank, cache, longest);
  out.state_per_sequence = state_bytes_per_sequence(rank);
  return out;
}

}  // namespace memwall
