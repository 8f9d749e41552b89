#include "sim/llm/read_layers.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/llm/layer_pattern.hpp"
#include "sim/llm/read_attention.hpp"
#include "sim/llm/read_ffn.hpp"
#include "sim/llm/read_unlike_layers.hpp"

namespace memwall {
namespace {

using namespace bounds;

/// Far beyond any machine; below it every count of parameters and bytes is exact in 64 bits.
constexpr double most_parameters = 1e16;

class LayerReader {
 public:
  LayerReader(ConfigDocument& config, const Family& family, ModelShape& model)
      : config_(config), family_(family), model_(model) {}

  void read() {
    switch (family_.style) {
      case LayerStyle::blocks: read_blocks(config_, family_, model_); break;
      case LayerStyle::searched: read_searched(config_, family_, model_); break;
      case LayerStyle::grouped:
      case LayerStyle::latent:
      case LayerStyle::compressed: read_uniform(); break;
    }
    check_size();
  }

 private:
  [[nodiscard]] std::int64_t layer_count() {
    return config_.integer("num_hidden_layers", std::nullopt, 1, most_layers);
  }

  void read_uniform() {
    const std::int64_t layers = layer_count();
    const std::vector<LayerGroup> attentions = attention_of_layers(layers);
    const std::string_view expert_key = expert_count_key(config_);
    const bool has_experts = config_.has(expert_key) && config_.boolean("enable_moe_block", true);
    if (has_experts && !family_.has(trait::experts)) {
      config_.fault(expert_key, "experts are not known in model_type '" + std::string(family_.name) + "'");
    }
    std::vector<bool> experts_at(static_cast<std::size_t>(layers), false);
    MoeFfn moe;
    if (has_experts && family_.has(trait::experts)) {
      moe = read_experts(config_, family_);
      experts_at = expert_layers(config_, layers);
    }
    DenseFfn dense;
    if (std::find(experts_at.begin(), experts_at.end(), false) != experts_at.end()) {
      dense = read_dense(config_, family_);
    }
    for (std::size_t i = 0; i < experts_at.size(); ++i) {
      LayerGroup layer = attentions[i];
      layer.ffn = experts_at[i] ? FfnShape(moe) : FfnShape(dense);
      layer.norms = norms(experts_at[i]);
      layer.scalars = family_.has(trait::layer_scalar) ? 1 : 0;
      layer.streams = family_.style == LayerStyle::compressed ? config_.integer("hc_mult", 1, 1, 64) : 1;
      append_layer(model_, std::move(layer));
    }
    read_prediction();
  }

  /// Gemma 4 norms the experts beside the dense half apart: before them, behind them, and behind their sum.
  [[nodiscard]] int norms(bool experts) const {
    if (family_.has(trait::one_norm)) return 1;
    const int common = family_.has(trait::four_norms) ? 4 : 2;
    return common + (experts && family_.has(trait::dense_beside) ? 3 : 0);
  }

  std::vector<LayerGroup> attention_of_layers(std::int64_t layers) {
    std::vector<LayerGroup> out(static_cast<std::size_t>(layers));
    if (family_.style == LayerStyle::compressed) {
      const std::vector<std::int64_t> ratios = read_ratios(layers);
      for (std::size_t i = 0; i < out.size(); ++i) out[i].attention = compressed(ratios[i]);
      return out;
    }
    std::map<AttentionKind, AttentionShape> shapes;
    const std::vector<AttentionKind> kinds = attention_kinds(config_, family_, layers);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto known = shapes.find(kinds[i]);
      if (known == shapes.end()) shapes[kinds[i]] = read_attention(config_, family_, model_.hidden, kinds[i]);
      out[i].attention = shapes[kinds[i]];
    }
    add_indexers(out);
    return out;
  }

  /// One ratio a layer; a further entry, for multi-token prediction, may follow.
  std::vector<std::int64_t> read_ratios(std::int64_t layers) {
    std::vector<std::int64_t> ratios = config_.integers("compress_ratios");
    if (ratios.size() < static_cast<std::size_t>(layers)) {
      config_.fault("compress_ratios", "has " + std::to_string(ratios.size()) + " entries; num_hidden_layers is " +
                                           std::to_string(layers));
      ratios.resize(static_cast<std::size_t>(layers), 0);
    }
    for (const std::int64_t ratio : ratios) {
      if (ratio < 0 || ratio > (1 << 20)) config_.fault("compress_ratios", "must be from 0 to 1048576");
    }
    if (config_.faulty()) std::fill(ratios.begin(), ratios.end(), 0);
    return ratios;
  }

  const CompressedAttention& compressed(std::int64_t ratio) {
    if (!compressed_.contains(ratio)) compressed_[ratio] = read_compressed(config_, ratio);
    return compressed_[ratio];
  }

  void add_indexers(std::vector<LayerGroup>& layers) {
    if (family_.style == LayerStyle::latent && config_.has("index_topk")) {
      const std::vector<bool> owners = index_owners(layers.size());
      for (std::size_t i = 0; i < layers.size(); ++i) {
        if (auto* latent = std::get_if<LatentAttention>(&layers[i].attention)) {
          latent->indexer = read_indexer(config_, owners[i]);
        }
      }
    }
    const std::string msa = "sparse_attention_config";
    if (!config_.has(msa) || !config_.boolean(msa + "/use_sparse_attention", true)) return;
    Indexer indexer;
    indexer.heads = config_.integer(msa + "/sparse_num_index_heads", std::nullopt, 1, most_heads);
    indexer.dim = config_.integer(msa + "/sparse_index_dim", std::nullopt, 1, widest_head);
    const std::int64_t block = config_.integer(msa + "/sparse_block_size", std::nullopt, 1, longest_position / 4096);
    indexer.tokens = block * config_.integer(msa + "/sparse_topk_blocks", std::nullopt, 1, 4096);
    const std::vector<std::int64_t> where = config_.integers(msa + "/sparse_attention_freq");
    if (!where.empty() && where.size() != layers.size()) {
      config_.fault(
          msa + "/sparse_attention_freq",
          "has " + std::to_string(where.size()) + " entries; num_hidden_layers is " + std::to_string(layers.size()));
      return;
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
      auto* grouped = std::get_if<GroupedAttention>(&layers[i].attention);
      if (grouped != nullptr && (where.empty() || where[i] != 0)) grouped->indexer = indexer;
    }
  }

  /// GLM-5.2 has an indexer in some layers only; the layers behind such a one take over its choice.
  std::vector<bool> index_owners(std::size_t layers) {
    std::vector<bool> owners(layers, true);
    const std::vector<std::string> types = config_.texts("indexer_types");
    if (types.empty()) return owners;
    if (types.size() != layers) {
      config_.fault("indexer_types",
                    "has " + std::to_string(types.size()) + " entries; num_hidden_layers is " + std::to_string(layers));
      return owners;
    }
    for (std::size_t i = 0; i < layers; ++i) {
      if (types[i] != "full" && types[i] != "shared") {
        config_.fault("indexer_types", "'" + types[i] + "' is not known; 'full' and 'shared' are");
      }
      owners[i] = types[i] != "shared";
    }
    return owners;
  }

  /// A layer for multi-token prediction is shaped as the last one, but chooses its keys itself, never recurs, and has a
  /// compression of its own.
  void read_prediction() {
    if (family_.name == "minimax_m3") return;  // its file counts modules without their shape; a note says so
    model_.mtp_layers =
        config_.integer(spelled(config_, {"num_nextn_predict_layers", "mtp_num_hidden_layers"}), 0, 0, most_layers);
    if (model_.mtp_layers == 0) return;
    LayerGroup layer = model_.layers.back();
    if (auto* latent = std::get_if<LatentAttention>(&layer.attention); latent != nullptr && latent->indexer) {
      latent->indexer->owned = true;
    }
    if (std::holds_alternative<RecurrentMixer>(layer.attention)) {
      layer.attention = read_attention(config_, family_, model_.hidden, AttentionKind::full);
    }
    if (family_.style == LayerStyle::compressed) {
      const std::vector<std::int64_t> ratios = config_.integers("compress_ratios");
      const auto layers = static_cast<std::size_t>(model_.layer_count());
      if (ratios.size() > layers) layer.attention = compressed(ratios[layers]);
    }
    layer.count = 1;
    if (!layer.same_as(model_.layers.back())) model_.mtp_layer = layer;
  }

  void check_size() {
    double parameters = 0;
    for (const LayerGroup& group : model_.layers) {
      double width = 0;
      if (const auto* moe = std::get_if<MoeFfn>(&group.ffn)) {
        width = static_cast<double>(moe->experts) * static_cast<double>(moe->expert_width) +
                static_cast<double>(moe->shared_width);
      } else if (const auto* dense = std::get_if<DenseFfn>(&group.ffn)) {
        width = static_cast<double>(dense->width);
      }
      parameters += 3.0 * static_cast<double>(group.count) * static_cast<double>(model_.hidden) * width;
    }
    if (parameters > most_parameters) {
      config_.fault("num_hidden_layers",
                    "layers, widths and experts multiply to more than 1e16 parameters; check them");
    }
  }

  ConfigDocument& config_;
  const Family& family_;
  ModelShape& model_;
  std::map<std::int64_t, CompressedAttention> compressed_;
};

}  // namespace

void read_layers(ConfigDocument& config, const Family& family, ModelShape& model) {
  LayerReader(config, family, model).read();
}

}  // namespace memwall
