#include "sim/llm/operators.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/llm/expert_load.hpp"
#include "sim/llm/parameters.hpp"

namespace memwall {
namespace {

/// Sums over ranks travel in 16 bits whatever the activations are: they are not added in fewer.
constexpr double collective_bytes = 2;

/// Appends the operators of one layer group after another. All dimensions are those of the rank.
class Program {
 public:
  Program(const ModelShape& rank, const Deployment& deployment, LayerPart part)
      : rank_(rank),
        deployment_(deployment),
        part_(part),
        activation_bytes_(bytes_per_weight(deployment.activations)) {}

  void add_layers(const LayerGroup& group) {
    count_ = static_cast<double>(group.count);
    small_elements_ = 0;
    small_kernels_ = 0;
    if (part_ != LayerPart::feed_forward) {
      std::visit([this](const auto& shape) { mix(shape); }, group.attention);
      if (!std::holds_alternative<NoMixer>(group.attention)) all_reduce("attention all-reduce");
    }
    if (part_ != LayerPart::attention) {
      std::visit([this](const auto& shape) { ffn(shape); }, group.ffn);
      if (!std::holds_alternative<NoFfn>(group.ffn)) all_reduce("ffn all-reduce");
    }
    if (part_ != LayerPart::feed_forward) {
      if (group.streams > 1) mix_streams(group.streams);
      // Norms, each fused with its residual add: they read and write the residual stream and the normalised rows.
      small(group.norms, group.norms * 4 * rank_.hidden);
    }
    if (small_kernels_ == 0) return;
    place(Elementwise{"norms, rotary, activation", Bytes{small_elements_ * activation_bytes_}, small_kernels_});
  }

  /// A vocabulary-parallel embedding leaves each row on one rank; the sum gives it to all.
  void add_embedding() {
    count_ = 1;
    all_reduce("embedding all-reduce");
  }

  void add_head() {
    count_ = 1;
    place(wide_gemm("lm_head", rank_.hidden, rank_.vocab, 0), Driver::sampled);
  }

  std::vector<Placed> take() { return std::move(placed_); }

 private:
  void mix(const GroupedAttention& a) {
    const std::int64_t query = a.heads * a.head_dim;
    const std::int64_t key = a.kv_heads * a.head_dim;
    const std::int64_t value = a.value_is_key ? 0 : a.kv_heads * a.values();
    const std::int64_t made = (a.output_gate ? 2 : 1) * query + key + value;
    place_writing(attention_gemm("qkv", rank_.hidden, made, a.qkv_bias ? query + key + value : 0));
    if (a.indexer) index(*a.indexer, 0);
    walk(a);
    place(attention_gemm("attention out", a.heads * a.values(), rank_.hidden, a.output_bias ? rank_.hidden : 0));
    small(1, 2 * (query + key));  // rotary embedding in place
    if (a.output_gate) small(1, 3 * query);
    if (a.output_norm > 0) small(1, 2 * query);
  }

  /// Projections of latent attention. The up projection of the latent does the same products in both forms: a prefill
  /// expands the latent of each new token into keys and values, a decode multiplies its query and its result with the
  /// same weights instead. It is written in the prefill's form, whose rows are more.
  void mix(const LatentAttention& a) {
    const std::int64_t query = a.heads * (a.nope_dim + a.rope_dim);
    if (a.q_rank > 0) {
      place_writing(attention_gemm("query and kv down", rank_.hidden, a.q_rank + a.kv_rank + a.rope_dim, 0));
      place(attention_gemm("query up", a.q_rank, query, 0));
    } else {
      place_writing(attention_gemm("query and kv down", rank_.hidden, query + a.kv_rank + a.rope_dim, 0));
    }
    place(attention_gemm("kv up", a.kv_rank, a.heads * (a.nope_dim + a.value_dim), 0));
    if (a.indexer) index(*a.indexer, a.q_rank);
    walk(a);
    if (a.output_gate) {
      place(attention_gemm("attention gate", rank_.hidden, a.heads * a.value_dim, 0));
      small(1, 3 * a.heads * a.value_dim);
    }
    place(attention_gemm("attention out", a.heads * a.value_dim, rank_.hidden, 0));
    small(2, 2 * (a.q_rank + a.kv_rank) + 2 * (a.heads + 1) * a.rope_dim);  // norms of the latents, rotary embedding
  }

  void mix(const CompressedAttention& a) {
    place_writing(attention_gemm("query and kv down", rank_.hidden, a.q_rank + a.head_dim, 0));
    place(attention_gemm("query up", a.q_rank, a.heads * a.head_dim, 0));
    if (a.ratio > 0) {
      const std::int64_t indexed = a.indexer ? a.indexer->dim : 0;
      place(attention_gemm("compressor", rank_.hidden, 2 * a.overlap() * (a.head_dim + indexed), 0));
      small(1, 2 * a.overlap() * (a.head_dim + indexed) + (a.head_dim + indexed) / a.ratio);
    }
    if (a.indexer) {
      place(attention_gemm("index queries", a.q_rank, a.indexer->heads * a.indexer->dim, 0));
      place(attention_gemm("index weights", rank_.hidden, a.indexer->heads, 0));
      small(1, a.indexer->heads * a.indexer->dim);
    }
    walk(a);
    // Each group of heads has its own rank, so the first product is a group's width deep.
    const std::int64_t group = a.heads * a.head_dim / a.output_groups;
    Gemm down = attention_gemm("attention out down", group, a.output_groups * a.output_rank, 0);
    down.activations_per_row = rows(a.heads * a.head_dim + a.output_groups * a.output_rank);
    place(std::move(down));
    place(attention_gemm("attention out", a.output_groups * a.output_rank, rank_.hidden, 0));
    small(2, 2 * (a.q_rank + a.head_dim) + 2 * (a.heads + 1) * a.rope_dim);
  }

  void mix(const RecurrentMixer& m) {
    const std::int64_t keys = m.keys();
    const std::int64_t values = m.values();
    std::int64_t made = 2 * keys + 2 * values;
    if (m.kind == RecurrentKind::gated_delta) made += 2 * m.value_heads;
    if (m.kind == RecurrentKind::mamba2) made += m.value_heads;
    if (m.kind == RecurrentKind::kimi_delta) {
      made += m.key_dim + m.value_heads + (m.full_rank_gate ? 0 : m.value_dim - values);
      place(attention_gemm("decay up", m.key_dim, keys, 0));
      if (!m.full_rank_gate) place(attention_gemm("gate up", m.value_dim, values, 0));
    }
    place(attention_gemm("recurrent in", rank_.hidden, made, m.projection_bias ? made : 0));
    Recurrence work;
    work.name = "recurrence";
    work.state = state_bytes_of_layer(m);
    work.activations_per_row = rows(2 * m.channels() + 2 * keys + 2 * values);
    work.flops_per_row = recurrence_flops(m);
    work.kernels = m.kernel > 0 ? 2 : 1;
    place(std::move(work), Driver::states);
    place(attention_gemm("recurrent out", values, rank_.hidden, m.projection_bias ? rank_.hidden : 0));
    small(1, 3 * values);  // norm and gate of the output
  }

  void mix(const NoMixer&) {}
  void ffn(const NoFfn&) {}

  void ffn(const DenseFfn& f) {
    dense("", f.width, f.gated, f.bias);
    if (f.inner_norm) small(1, 2 * f.width);
  }

  void ffn(const MoeFfn& f) {
    place(wide_gemm("router", rank_.hidden, f.experts + (f.shared_gate ? 1 : 0), f.router_bias ? f.experts : 0));
    if (f.shared_width > 0) dense("shared ", f.shared_width, f.gated, false);

    const std::int64_t outer = f.latent > 0 ? f.latent : rank_.hidden;
    if (f.latent > 0) place(dense_gemm("latent down", rank_.hidden, f.latent, 0));
    const std::int64_t inner = f.gated ? 2 * f.expert_width : f.expert_width;
    const double products = static_cast<double>(outer * (inner + f.expert_width));
    const double weights = products + (f.expert_bias ? static_cast<double>(inner + outer) : 0);
    Experts experts;
    experts.name = "experts";
    experts.experts = static_cast<double>(f.held > 0 ? f.held : f.experts);
    experts.rows_per_token = static_cast<double>(f.top_k);
    double fullest = 1;
    if (deployment_.expert > 1) {
      fullest = fullest_share(f);
      experts.token_ranks = deployment_.data;
      experts.rows_per_token *= fullest / deployment_.expert;
      exchange(f, ExchangeDirection::dispatch, fullest);
    }
    experts.weights_per_expert = Bytes{weights * deployment_.stored_bytes(deployment_.weights)};
    experts.activations_per_row = rows(2 * outer + inner + f.expert_width);
    experts.flops_per_row = Flops{2 * products * deployment_.sparsity.products};
    experts.weight_format = deployment_.weights;
    experts.compute = deployment_.compute;
    place(std::move(experts));
    if (deployment_.expert > 1) exchange(f, ExchangeDirection::combine, fullest);
    if (f.latent > 0) place(dense_gemm("latent up", f.latent, rank_.hidden, 0));
    // Choice of the top k, sorting of rows by expert, the activation between the products, the weighted sum.
    small(4, 2 * f.experts + f.top_k * (inner + f.expert_width + outer) + outer);
  }

  /// Load of the fullest rank over the mean. Copies of an expert share its load, which evens the ranks out; how far is
  /// not modelled, so that redundant experts count as experts of their own.
  [[nodiscard]] double fullest_share(const MoeFfn& f) const {
    if (deployment_.expert_skew == 0) return 1;
    return fullest_rank(f.experts + deployment_.redundant, f.top_k, deployment_.expert, deployment_.expert_skew,
                        ExpertPlacement::balanced);
  }

  /// Where the batch is the same on all ranks, nothing travels: each works for its own experts and the sums are
  /// reduced.
  void exchange(const MoeFfn& f, ExchangeDirection direction, double fullest) {
    if (deployment_.data == 1) return;
    const bool out = direction == ExchangeDirection::dispatch;
    ExpertExchange work;
    work.name = out ? "dispatch to experts" : "combine from experts";
    work.ranks = deployment_.expert;
    work.experts = static_cast<double>(f.experts + deployment_.redundant);
    work.top_k = static_cast<double>(f.top_k);
    work.most_domains = deployment_.most_domains;
    work.share = 1.0 / deployment_.tensor;
    work.fullest = fullest;
    work.mode = deployment_.exchange;
    work.direction = direction;
    // Rows travel in the format of the products, with a 32-bit scale for each 128 values where that has 8 bits, and a
    // header of 16 bytes; results come back in 16 bits (deepseek-ai/DeepEP, low-latency kernels).
    const auto width = static_cast<double>(f.latent > 0 ? f.latent : rank_.hidden);
    const bool narrow = bytes_per_weight(deployment_.compute) <= 1;
    constexpr double header = 16;
    constexpr double scale_bytes = 4.0 / 128;
    work.bytes_per_copy = out && narrow ? Bytes{header + width * (1 + scale_bytes)} : Bytes{width * collective_bytes};
    place(std::move(work));
  }

  void dense(const std::string& prefix, std::int64_t width, bool gated, bool bias) {
    const std::int64_t inner = gated ? 2 * width : width;
    place(dense_gemm(prefix + (gated ? "gate, up" : "up"), rank_.hidden, inner, bias ? inner : 0));
    place(dense_gemm(prefix + "down", width, rank_.hidden, bias ? rank_.hidden : 0));
    small(1, inner + width);
  }

  /// Scores are made beside the layer's own projections; choosing the best is a small kernel over its queries.
  void index(const Indexer& indexer, std::int64_t q_rank) {
    if (!indexer.owned) return;
    const std::int64_t width = indexer.heads * indexer.dim;
    place(attention_gemm("index queries", indexer.latent_query ? q_rank : rank_.hidden, width, 0));
    place(attention_gemm("index keys", rank_.hidden, indexer.dim + (indexer.latent_query ? indexer.heads : 0), 0));
    small(1, 2 * (width + indexer.dim));
  }

  void walk(const AttentionShape& shape) {
    for (const KeyWalk& walk : key_walks(shape, deployment_.cache())) {
      Attention attention;
      attention.name = walk.name;
      attention.kv_per_token = walk.read;
      attention.flops_per_pair = walk.per_prefill_pair;
      attention.flops_per_decode_pair = walk.per_decode_pair;
      attention.kv_format = deployment_.kv;
      attention.compute = Precision::bf16;  // a narrower cache is widened when it is read
      placed_.push_back({count_, std::move(attention), Driver::attention, walk.reach});
    }
  }

  void mix_streams(std::int64_t streams) {
    const std::int64_t weights = (2 + streams) * streams;
    count_ *= 2;
    place(wide_gemm("hyper-connections", streams * rank_.hidden, weights, 0));
    count_ /= 2;
    small(2, 2 * (2 * streams + 1) * rank_.hidden);
  }

  Gemm attention_gemm(std::string name, std::int64_t in, std::int64_t out, std::int64_t bias) const {
    return gemm(std::move(name), in, out, deployment_.attention_format(),
                deployment_.attention_compute.value_or(deployment_.compute), bias);
  }
  Gemm dense_gemm(std::string name, std::int64_t in, std::int64_t out, std::int64_t bias) const {
    return gemm(std::move(name), in, out, deployment_.dense_format(),
                deployment_.dense_compute.value_or(deployment_.compute), bias);
  }
  /// Of parts that engines keep out of quantisation and of sparsity.
  Gemm wide_gemm(std::string name, std::int64_t in, std::int64_t out, std::int64_t bias) const {
    const Precision wide = wide_format(deployment_.weights);
    return product(std::move(name), in, out, wide, wide, bias, bytes_per_weight(wide), 1);
  }
  Gemm gemm(std::string name, std::int64_t in, std::int64_t out, Precision format, Precision compute,
            std::int64_t bias) const {
    return product(std::move(name), in, out, format, compute, bias, deployment_.stored_bytes(format),
                   deployment_.sparsity.products);
  }
  Gemm product(std::string name, std::int64_t in, std::int64_t out, Precision format, Precision compute,
               std::int64_t bias, double bytes, double products) const {
    Gemm work;
    work.name = std::move(name);
    work.weights = Bytes{static_cast<double>(in * out + bias) * bytes};
    work.activations_per_row = rows(in + out);
    work.flops_per_row = Flops{2.0 * static_cast<double>(in * out) * products};
    work.weight_format = format;
    work.compute = compute;
    return work;
  }

  [[nodiscard]] Bytes rows(std::int64_t elements) const {
    return Bytes{static_cast<double>(elements) * activation_bytes_};
  }

  /// Every rank ends with the sum over ranks of hidden values in 16 bits, after attention and after the feed-forward
  /// layer (Megatron-LM, arXiv 1909.08053).
  void all_reduce(const char* name) {
    if (deployment_.tensor == 1) return;
    place(AllReduce{name, deployment_.tensor, Bytes{static_cast<double>(rank_.hidden) * collective_bytes}});
  }

  void small(int kernels, std::int64_t elements_per_row) {
    small_kernels_ += kernels;
    small_elements_ += static_cast<double>(elements_per_row);
  }

  /// The projection whose result enters the cache also pays for compressing it.
  void place_writing(Gemm work) {
    work.flops_per_row += deployment_.compress;
    place(std::move(work));
  }
  void place(Work work, Driver driver = Driver::tokens) { placed_.push_back({count_, std::move(work), driver, {}}); }

  const ModelShape& rank_;
  const Deployment& deployment_;
  LayerPart part_;
  double activation_bytes_;
  double count_ = 1;
  double small_elements_ = 0;
  int small_kernels_ = 0;
  std::vector<Placed> placed_;
};

/// Equal layers together, wherever they stand: their operators cost the same.
std::vector<LayerGroup> distinct_layers(const ModelShape& model) {
  std::vector<LayerGroup> out;
  for (const LayerGroup& group : model.layers) {
    const auto same =
        std::find_if(out.begin(), out.end(), [&](const LayerGroup& other) { return other.same_as(group); });
    if (same != out.end()) {
      same->count += group.count;
    } else {
      out.push_back(group);
    }
  }
  return out;
}

}  // namespace

Bytes activation_bytes_per_token(const ModelShape& model) {
  return Bytes{static_cast<double>(model.hidden) * collective_bytes};
}

std::int64_t feed_forward_layers(const ModelShape& model) {
  std::int64_t count = 0;
  for (const LayerGroup& group : model.layers) count += std::holds_alternative<NoFfn>(group.ffn) ? 0 : group.count;
  return count;
}

std::vector<Placed> cycle_operators(const ModelShape& model, const Deployment& deployment, LayerPart part) {
  const ModelShape rank = shard(model, deployment);
  Program program(rank, deployment, part);
  if (part != LayerPart::feed_forward) program.add_embedding();
  for (const LayerGroup& group : distinct_layers(rank)) program.add_layers(group);
  if (part != LayerPart::feed_forward) program.add_head();
  std::vector<Placed> placed = program.take();
  if (const std::size_t distinct = limited_reaches(placed).size(); distinct > most_reaches) {
    throw InputError(model.name + " has layers with " + std::to_string(distinct) + " different windows; at most " +
                     std::to_string(most_reaches) + " are supported");
  }
  return placed;
}

std::vector<Reach> limited_reaches(const std::vector<Placed>& program) {
  std::vector<Reach> out;
  for (const Placed& placed : program) {
    if (placed.reach.kind == ReachKind::all) continue;
    if (std::find(out.begin(), out.end(), placed.reach) == out.end()) out.push_back(placed.reach);
  }
  return out;
}

}  // namespace memwall
