#include "sim/llm/read_unlike_layers.hpp"

#include <cstddef>
#include <initializer_list>
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

std::int64_t layer_count(ConfigDocument& config) {
  return config.integer("num_hidden_layers", std::nullopt, 1, most_layers);
}

/// M mamba, * attention, - feed-forward, E experts.
class BlockReader {
 public:
  BlockReader(ConfigDocument& config, const Family& family, ModelShape& model)
      : config_(config), family_(family), model_(model) {}

  void read() {
    const std::string pattern = block_pattern("hybrid_override_pattern", "layers_block_type");
    if (pattern.empty()) {
      config_.fault("hybrid_override_pattern", "is missing; it or layers_block_type says what each block is");
      return;
    }
    if (config_.has("num_hidden_layers") && layer_count(config_) != static_cast<std::int64_t>(pattern.size())) {
      config_.fault("num_hidden_layers", "does not fit the pattern of " + std::to_string(pattern.size()) + " blocks");
    }
    for (const char letter : pattern) append_layer(model_, block(letter));
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

 private:
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

  ConfigDocument& config_;
  const Family& family_;
  ModelShape& model_;
  std::map<char, LayerGroup> blocks_;
};

class SearchedReader {
 public:
  SearchedReader(ConfigDocument& config, const Family& family, ModelShape& model)
      : config_(config), family_(family), model_(model) {}

  void read() {
    const std::int64_t layers = layer_count(config_);
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
      append_layer(model_, std::move(layer));
    }
  }

 private:
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
      append_layer(model_, layer);
    }
  }

  ConfigDocument& config_;
  const Family& family_;
  ModelShape& model_;
};

}  // namespace

void append_layer(ModelShape& model, LayerGroup layer) {
  layer.count = 1;
  if (!model.layers.empty() && model.layers.back().same_as(layer)) {
    ++model.layers.back().count;
  } else {
    model.layers.push_back(std::move(layer));
  }
}

void read_blocks(ConfigDocument& config, const Family& family, ModelShape& model) {
  BlockReader(config, family, model).read();
}

void read_searched(ConfigDocument& config, const Family& family, ModelShape& model) {
  SearchedReader(config, family, model).read();
}

}  // namespace memwall
