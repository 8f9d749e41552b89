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
      case LayerStyle::blocks: read_blocks(); break;
      case LayerStyle::searched: read_searched(); break;
      case LayerStyle::grouped:
      case LayerStyle::latent:
      case LayerStyle::compressed: read_uniform(); break;
    }
    check_size();
  }

 private:
  void append(LayerGroup layer) {
    layer.count = 1;
    if (!model_.layers.empty() && model_.layers.back().same_as(layer)) {
      ++model_.layers.back().count;
    } else {
      model_.layers.push_back(std::move(layer));
    }
  }

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
      append(std::move(layer));
    }
    read_prediction();
  }

  /// Gemma 4 norms the experts beside the dense half apart: before them, behind them, and behind their sum.
  [[nodiscard]] int norms(bool experts) const {
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

  // Nemotron-H: M mamba, * attention, - feed-forward, E experts.
  void read_blocks() {
    const std::string pattern = block_pattern("hybrid_override_pattern", "layers_block_type");
    if (pattern.empty()) {
      config_.fault("hybrid_override_pattern", "is missing; it or layers_block_type says what each block is");
      return;
    }
    if (config_.has("num_hidden_layers") && layer_count() != static_cast<std::int64_t>(pattern.size())) {
      config_.fault("num_hidden_layers", "does not fit the pattern of " + std::to_string(pattern.size()) + " blocks");
    }
    for (const char letter : pattern) append(block(letter));
    model_.mtp_layers = config_.integer("num_nextn_predict_layers", 0, 0, most_layers);
    if (model_.mtp_layers == 0) return;
    LayerGroup layer{1, NoMixer{}, NoFfn{}, 0};
    for (const char letter : block_pattern("mtp_hybrid_override_pattern", "mtp_layers_block_type")) {
      const LayerGroup one = block(letter);
      if (!std::holds_alternative<NoMixer>(one.attention)) layer.attention = one.attention;
      if (!std::holds_alternative<NoFfn>(one.ffn)) layer.ffn = one.ffn;
      ++layer.norms;
    }
    model_.mtp_layer = layer;
  }

  std::string block_pattern(const char* letters, const char* words) {
    std::string pattern = config_.text(letters, "");
    if (!pattern.empty()) return pattern;
    static const std::map<std::string, char> known = {{"mamba", 'M'}, {"attention", '*'}, {"mlp", '-'}, {"moe", 'E'}};
    for (const std::string& word : config_.texts(words)) {
      const auto found = known.find(word);
      if (found == known.end()) {
        config_.fault(words, "blocks of kind '" + word + "' are not known; mamba, attention, mlp and moe are");
        return pattern + "?";
      }
      pattern += found->second;
    }
    return pattern;
  }

  LayerGroup block(char letter) {
    const auto known = blocks_.find(letter);
    if (known != blocks_.end()) return known->second;
    LayerGroup out{1, NoMixer{}, NoFfn{}, 1};
    switch (letter) {
      case 'M': out.attention = read_mamba(config_); break;
      case '*': out.attention = read_grouped(config_, family_, model_.hidden, AttentionKind::full); break;
      case '-': out.ffn = read_dense(config_, family_); break;
      case 'E': out.ffn = read_experts(config_, family_); break;
      default:
        config_.fault("hybrid_override_pattern",
                      std::string("blocks of kind '") + letter + "' are not known; M, *, - and E are");
    }
    blocks_[letter] = out;
    return out;
  }

  // DeciLM and Llama-Nemotron: heads and widths of every layer for itself, halves left out.
  void read_searched() {
    const std::int64_t layers = layer_count();
    if (config_.has("num_key_value_heads_per_layer")) return read_heads_per_layer(layers);
    if (config_.length("block_configs") != static_cast<std::size_t>(layers)) {
      config_.fault("block_configs", "has " + std::to_string(config_.length("block_configs")) +
                                         " entries; num_hidden_layers is " + std::to_string(layers));
      return;
    }
    for (std::int64_t i = 0; i < layers && !config_.faulty(); ++i) {
      const std::string block = "block_configs/" + std::to_string(i) + "/";
      LayerGroup layer{1, NoMixer{}, NoFfn{}, 0};
      if (!config_.boolean(block + "attention/no_op", false)) {
        layer.attention = searched_attention(block + "attention/");
        ++layer.norms;
      }
      if (!config_.boolean(block + "ffn/no_op", false)) {
        layer.ffn = searched_ffn(block + "ffn/");
        ++layer.norms;
      }
      append(std::move(layer));
    }
  }

  void refuse_odd_block(const std::string& at, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      const bool set = config_.has(at + key) && config_.boolean(at + key, false);
      if (set) config_.fault(at + key, "halves of a layer that are replaced by something else are not supported yet");
    }
    if (config_.has(at + "sparsify")) config_.fault(at + "sparsify", "sparsified halves are not supported yet");
  }

  GroupedAttention searched_attention(const std::string& at) {
    refuse_odd_block(at, {"replace_with_linear", "unshifted_sink"});
    if (config_.has(at + "num_sink_tokens")) {
      config_.fault(at + "num_sink_tokens", "attention with sink tokens is not supported yet");
    }
    GroupedAttention out = read_grouped(config_, family_, model_.hidden, AttentionKind::full);
    const std::int64_t sharing = config_.integer(at + "n_heads_in_group", 1, 1, most_heads);
    if (out.heads % sharing != 0) {
      config_.fault(at + "n_heads_in_group", "must divide num_attention_heads, which is " + std::to_string(out.heads));
      return out;
    }
    out.kv_heads = out.heads / sharing;
    if (config_.has(at + "window_length")) {
      out.reach = {ReachKind::window, config_.integer(at + "window_length", std::nullopt, 1, longest_position)};
    }
    return out;
  }

  DenseFfn searched_ffn(const std::string& at) {
    refuse_odd_block(at, {"replace_with_linear"});
    DenseFfn out;
    if (config_.has(at + "intermediate_size")) {
      out.width = config_.integer(at + "intermediate_size", std::nullopt, 1, widest_ffn);
    } else {
      // Two thirds of the multiple, up to the next 256 (the family's own model code).
      const double multiple = config_.number(at + "ffn_mult", 0, 64);
      const auto width = static_cast<std::int64_t>(2 * multiple * static_cast<double>(model_.hidden) / 3);
      out.width = (width + 255) / 256 * 256;
    }
    out.bias = config_.boolean("mlp_bias", false);
    return out;
  }

  void read_heads_per_layer(std::int64_t layers) {
    const char* key = "num_key_value_heads_per_layer";
    const std::vector<std::int64_t> heads = config_.integers(key);
    LayerGroup layer;
    GroupedAttention attention = read_grouped(config_, family_, model_.hidden, AttentionKind::full);
    layer.ffn = read_dense(config_, family_);
    if (heads.size() != static_cast<std::size_t>(layers)) {
      config_.fault(key,
                    "has " + std::to_string(heads.size()) + " entries; num_hidden_layers is " + std::to_string(layers));
    }
    for (const std::int64_t each : heads) {
      if (each < 1 || attention.heads % each != 0) {
        config_.fault(key, "must divide num_attention_heads, which is " + std::to_string(attention.heads));
        return;
      }
      attention.kv_heads = each;
      layer.attention = attention;
      append(layer);
    }
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
  std::map<char, LayerGroup> blocks_;
};

}  // namespace

void read_layers(ConfigDocument& config, const Family& family, ModelShape& model) {
  LayerReader(config, family, model).read();
}

}  // namespace memwall
