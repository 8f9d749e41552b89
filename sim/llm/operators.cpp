#include "sim/llm/operators.hpp"

#include <string>
#include <utility>

#include "sim/llm/parameters.hpp"

namespace memwall {
namespace {

/// Activations and residuals travel in 16 bits whatever the weights are: engines quantise them inside the product.
constexpr double activation_bytes = 2;

/// Appends the operators of one layer group after another. All dimensions are those of the rank.
class Program {
 public:
  Program(const ModelShape& rank, const Deployment& deployment) : rank_(rank), deployment_(deployment) {}

  void add_layers(const LayerGroup& group) {
    count_ = static_cast<double>(group.count);
    small_elements_ = 0;
    small_kernels_ = 0;
    std::visit([this](const auto& shape) { attention(shape); }, group.attention);
    all_reduce("attention all-reduce");
    std::visit([this](const auto& shape) { ffn(shape); }, group.ffn);
    all_reduce("ffn all-reduce");
    // Two norms, each fused with its residual add: they read and write the residual stream and the normalised rows.
    small(2, 2 * 4 * rank_.hidden);
    place(Elementwise{"norms, rotary, activation", Bytes{small_elements_ * activation_bytes}, small_kernels_});
  }

  /// A vocabulary-parallel embedding leaves each row on one rank; the sum gives it to all.
  void add_embedding() {
    count_ = 1;
    all_reduce("embedding all-reduce");
  }

  void add_head() {
    count_ = 1;
    place(gemm("lm_head", rank_.hidden, rank_.vocab, wide_format(deployment_.weights), 0), Driver::sampled);
  }

  std::vector<Placed> take() { return std::move(placed_); }

 private:
  void attention(const GroupedAttention& a) {
    const std::int64_t query = a.heads * a.head_dim;
    const std::int64_t key = a.kv_heads * a.head_dim;
    place(layer_gemm("qkv", rank_.hidden, query + 2 * key, a.qkv_bias ? query + 2 * key : 0));
    place_attention(a);
    place(layer_gemm("attention out", query, rank_.hidden, a.output_bias ? rank_.hidden : 0));
    small(1, 2 * (query + key));  // rotary embedding in place
  }

  /// Projections of latent attention. The up projection of the latent does the same products in both forms: a prefill
  /// expands the latent of each new token into keys and values, a decode multiplies its query and its result with the
  /// same weights instead. It is written in the prefill's form, whose rows are more.
  void attention(const LatentAttention& a) {
    const std::int64_t query = a.heads * (a.nope_dim + a.rope_dim);
    if (a.q_rank > 0) {
      place(layer_gemm("query and kv down", rank_.hidden, a.q_rank + a.kv_rank + a.rope_dim, 0));
      place(layer_gemm("query up", a.q_rank, query, 0));
    } else {
      place(layer_gemm("query and kv down", rank_.hidden, query + a.kv_rank + a.rope_dim, 0));
    }
    place(layer_gemm("kv up", a.kv_rank, a.heads * (a.nope_dim + a.value_dim), 0));
    place_attention(a);
    place(layer_gemm("attention out", a.heads * a.value_dim, rank_.hidden, 0));
    small(2, 2 * (a.q_rank + a.kv_rank) + 2 * (a.heads + 1) * a.rope_dim);  // norms of the latents, rotary embedding
  }

  void ffn(const DenseFfn& f) { dense("", f.width, f.gated, f.bias); }

  void ffn(const MoeFfn& f) {
    place(gemm("router", rank_.hidden, f.experts, wide_format(deployment_.weights), f.router_bias ? f.experts : 0));
    if (f.shared_width > 0) dense("shared ", f.shared_width, f.gated, false);

    const std::int64_t inner = f.gated ? 2 * f.expert_width : f.expert_width;
    const double weights = static_cast<double>(rank_.hidden * (inner + f.expert_width));
    Experts experts;
    experts.name = "experts";
    experts.experts = static_cast<double>(f.experts);
    experts.rows_per_token = static_cast<double>(f.top_k);
    experts.weights_per_expert = Bytes{weights * bytes_per_weight(deployment_.weights)};
    experts.activations_per_row =
        Bytes{static_cast<double>(2 * rank_.hidden + inner + f.expert_width) * activation_bytes};
    experts.flops_per_row = Flops{2 * weights};
    experts.weight_format = deployment_.weights;
    experts.compute = deployment_.compute;
    place(std::move(experts));
    // Choice of the top k, sorting of rows by expert, the activation between the products, the weighted sum.
    small(4, 2 * f.experts + f.top_k * (inner + f.expert_width + rank_.hidden) + rank_.hidden);
  }

  void dense(const std::string& prefix, std::int64_t width, bool gated, bool bias) {
    const std::int64_t inner = gated ? 2 * width : width;
    place(layer_gemm(prefix + (gated ? "gate, up" : "up"), rank_.hidden, inner, bias ? inner : 0));
    place(layer_gemm(prefix + "down", width, rank_.hidden, bias ? rank_.hidden : 0));
    small(1, inner + width);
  }

  void place_attention(const AttentionShape& shape) {
    Attention attention;
    attention.name = "attention";
    attention.kv_per_token = kv_bytes_per_token_and_layer(shape, deployment_.kv);
    attention.flops_per_pair = prefill_flops_per_pair(shape);
    attention.flops_per_decode_pair = decode_flops_per_pair(shape);
    attention.kv_format = deployment_.kv;
    attention.compute = Precision::bf16;  // a narrower cache is widened when it is read
    place(std::move(attention), Driver::attention);
  }

  Gemm layer_gemm(std::string name, std::int64_t in, std::int64_t out, std::int64_t bias) const {
    return gemm(std::move(name), in, out, deployment_.weights, bias);
  }

  Gemm gemm(std::string name, std::int64_t in, std::int64_t out, Precision format, std::int64_t bias) const {
    Gemm work;
    work.name = std::move(name);
    work.weights = Bytes{static_cast<double>(in * out + bias) * bytes_per_weight(format)};
    work.activations_per_row = Bytes{static_cast<double>(in + out) * activation_bytes};
    work.flops_per_row = Flops{2.0 * static_cast<double>(in * out)};
    work.weight_format = format;
    work.compute = format == deployment_.weights ? deployment_.compute : format;
    return work;
  }

  /// Every rank ends with the sum over ranks of hidden values in 16 bits, after attention and after the feed-forward
  /// layer (Megatron-LM, arXiv 1909.08053).
  void all_reduce(const char* name) {
    if (deployment_.tensor == 1) return;
    place(AllReduce{name, deployment_.tensor, Bytes{static_cast<double>(rank_.hidden) * activation_bytes}});
  }

  void small(int kernels, std::int64_t elements_per_row) {
    small_kernels_ += kernels;
    small_elements_ += static_cast<double>(elements_per_row);
  }

  void place(Work work, Driver driver = Driver::tokens) { placed_.push_back({count_, std::move(work), driver}); }

  const ModelShape& rank_;
  const Deployment& deployment_;
  double count_ = 1;
  double small_elements_ = 0;
  int small_kernels_ = 0;
  std::vector<Placed> placed_;
};

}  // namespace

Bytes activation_bytes_per_token(const ModelShape& model) {
  return Bytes{static_cast<double>(model.hidden) * activation_bytes};
}

std::vector<Placed> cycle_operators(const ModelShape& model, const Deployment& deployment) {
  const ModelShape rank = shard(model, deployment);
  Program program(rank, deployment);
  program.add_embedding();
  for (const LayerGroup& group : rank.layers) program.add_layers(group);
  program.add_head();
  return program.take();
}

}  // namespace memwall
