#include "sim/llm/memory_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <variant>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;

/// CUDA context, kernels and cuBLAS workspaces of one process. Estimate: vLLM logs 0.16 GiB beyond PyTorch's own memory
/// on an 80 GB device (vllm-project/vllm pull request 12126), and the measured block counts leave a little more.
constexpr Bytes context_reserve{0.25 * gib};
/// The same with the buffers of NCCL and of the engine's own all-reduce. Estimate, fitted: the measured counts do not
/// tell two ranks from four.
constexpr Bytes collective_reserve{0.70 * gib};
/// Bytes for each logit that sampling holds at its peak: the logits in 16 and 32 bits, sorted values and their 64-bit
/// indices, probabilities, their running sum and masks. Estimate: the named buffers add up to 40 to 50.
constexpr double sampler_bytes_per_logit = 48;
constexpr double activation_bytes = 2;

/// Values held for each token in the widest moment of a feed-forward layer on one rank: residual and normalised row,
/// then both halves of the first product and the activation that is made of them.
double ffn_values_per_token(const ModelShape& rank, LayerPart part) {
  double widest = 0;
  for (const LayerGroup& group : rank.layers) {
    std::int64_t inner = 0;
    if (part == LayerPart::attention) {
      // The feed-forward part's rows live where it runs.
    } else if (const auto* dense = std::get_if<DenseFfn>(&group.ffn)) {
      inner = (dense->gated ? 3 : 2) * dense->width;
    } else if (const auto* moe = std::get_if<MoeFfn>(&group.ffn)) {
      const std::int64_t outer = moe->latent > 0 ? moe->latent : rank.hidden;
      const std::int64_t expert = (moe->gated ? 3 : 2) * moe->expert_width + outer;
      inner = moe->top_k * expert + (moe->gated ? 3 : 2) * moe->shared_width;
    }
    widest = std::max(widest, static_cast<double>(2 * rank.hidden + inner));
  }
  return widest;
}

Bytes activation_peak(const ModelShape& model, const ModelShape& rank, const MemorySettings& settings) {
  const double tokens = static_cast<double>(settings.max_num_batched_tokens);
  const double sequences = static_cast<double>(std::min(settings.max_num_seqs, settings.max_num_batched_tokens));
  const double forward = forward_activations(rank, settings).value;
  // Logits are gathered before sampling, so every rank holds the whole vocabulary.
  const double sampling = tokens * static_cast<double>(rank.hidden) * activation_bytes +
                          sequences * static_cast<double>(model.vocab) * sampler_bytes_per_logit;
  return Bytes{std::max(forward, sampling)};
}

std::int64_t blocks_for(std::int64_t tokens, std::int64_t block_size) { return (tokens + block_size - 1) / block_size; }

/// Where windows never forget within the longest sequence, or where nothing else would be left to count blocks of,
/// their layers count as if they kept everything.
void plan_sequence(const Footprint& held, const MemorySettings& settings, MemoryPlan& plan) {
  const auto longest = static_cast<double>(settings.max_model_len);
  const Bytes in_windows = held.kv_per_token - held.kv_per_token_kept;
  const bool forgets = held.window_per_sequence < in_windows * longest && held.kv_per_token_kept.value > 0;
  const Bytes token = forgets ? held.kv_per_token_kept : held.kv_per_token;
  plan.block = token * static_cast<double>(settings.block_size);
  plan.sequence = held.state_per_sequence;
  if (forgets) plan.sequence += held.window_per_sequence;
  if (!(plan.block.value > 0)) throw InputError("a model without any layer of attention has no cache to plan");
  plan.sequence_blocks = static_cast<std::int64_t>(std::ceil(plan.sequence / plan.block));
}

/// The sum without the refusal.
MemoryPlan sum_up(const ModelShape& model, const Deployment& deployment, const MemorySettings& settings) {
  const Footprint held = footprint(model, deployment, settings.max_model_len);
  const ModelShape rank = shard(model, deployment);
  MemoryPlan plan;
  plan.budget = settings.device_memory * settings.gpu_memory_utilization;
  plan_sequence(held, settings, plan);
  if (settings.weights_elsewhere) plan.weights_elsewhere = settings.weights_elsewhere(held.weights(settings.part));
  plan.terms = {{"weights", held.weights(settings.part) - plan.weights_elsewhere},
                {"activations", activation_peak(model, rank, settings)},
                runtime_term(settings, deployment.tensor)};
  const Bytes left = plan.budget - plan.taken();
  plan.blocks = left.value <= 0 ? 0 : static_cast<std::int64_t>(std::floor(left / plan.block));
  return plan;
}

bool fits(const MemoryPlan& plan, const MemorySettings& settings) {
  return plan.usable_blocks() >= blocks_for(settings.max_model_len, settings.block_size) + plan.sequence_blocks;
}

std::string gigabytes(Bytes bytes) { return fmt::format("{:.1f} GB", bytes.value / 1e9); }

/// What the user can change: the smallest degree that fits, the longest sequence that does, a narrower format.
std::string advice(const ModelShape& model, Deployment deployment, const MemorySettings& settings,
                   const MemoryPlan& plan) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", or ") + text; };
  constexpr int largest_degree = 128;
  for (const int degree : tensor_degrees(model, largest_degree)) {
    if (degree <= deployment.tensor) continue;
    Deployment wider = deployment;
    wider.tensor = degree;
    if (fits(sum_up(model, wider, settings), settings)) {
      add(fmt::format("use tensor parallelism of {} or more", degree));
      break;
    }
  }
  if (const std::int64_t left = plan.usable_blocks() - plan.sequence_blocks; left > 0) {
    add(fmt::format("lower max_model_len to {}", left * settings.block_size));
  }
  if (bytes_per_weight(deployment.weights) > 1) {
    deployment.weights = Precision::fp8;
    deployment.attention_weights = deployment.dense_weights = std::nullopt;
    if (fits(sum_up(model, deployment, settings), settings)) add("use fp8 weights");
  }
  return out.empty() ? "no layout of this model on this device was found" : out;
}

void check(const MemorySettings& settings) {
  law(settings.block_size > 0 && settings.max_model_len > 0 && settings.max_num_batched_tokens > 0 &&
          settings.max_num_seqs > 0 && settings.device_memory.value > 0,
      "the memory plan needs positive settings; the scenario's reader checks them");
}

}  // namespace

Bytes MemoryPlan::taken() const {
  Bytes sum;
  for (const MemoryTerm& term : terms) sum += term.bytes;
  return sum;
}

Bytes forward_activations(const ModelShape& rank, const MemorySettings& settings) {
  return Bytes{static_cast<double>(settings.max_num_batched_tokens) * ffn_values_per_token(rank, settings.part) *
               activation_bytes};
}

MemoryTerm runtime_term(const MemorySettings& settings, int ranks) {
  if (settings.runtime_reserve) return {"runtime", *settings.runtime_reserve};
  return ranks == 1 ? MemoryTerm{"CUDA context", context_reserve}
                    : MemoryTerm{"CUDA context and collectives", collective_reserve};
}

MemoryPlan plan_memory(const ModelShape& model, const Deployment& deployment, const MemorySettings& settings) {
  check(settings);
  MemoryPlan plan = sum_up(model, deployment, settings);
  if (fits(plan, settings)) return plan;

  const std::int64_t needed = 1 + blocks_for(settings.max_model_len, settings.block_size) + plan.sequence_blocks;
  const Bytes sequence = plan.block * static_cast<double>(needed);
  std::string sum;
  for (const MemoryTerm& term : plan.terms) sum += term.name + " " + gigabytes(term.bytes) + " + ";
  sum += fmt::format("cache of one sequence of {} tokens {} = {}", settings.max_model_len, gigabytes(sequence),
                     gigabytes(plan.taken() + sequence));
  throw DoesNotFit(fmt::format("{} with tensor parallelism {} does not fit: {} exceed {} ({} x {:g}); {}", model.name,
                               deployment.tensor, sum, gigabytes(plan.budget), gigabytes(settings.device_memory),
                               settings.gpu_memory_utilization, advice(model, deployment, settings, plan)),
                   plan.taken() + sequence, plan.budget);
}

}  // namespace memwall
