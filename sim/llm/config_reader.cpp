#include "sim/llm/config_reader.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "sim/llm/config_document.hpp"
#include "sim/llm/layer_pattern.hpp"
#include "sim/llm/mechanisms.hpp"

namespace memwall {
namespace {

/// Whether query, key and value projections have biases, and the output projection too. Some families decide it in
/// their code and some by the key attention_bias, which does not reach the output projection everywhere.
enum class BiasRule : std::uint8_t { never, qkv_always, qkv_by_key, all_by_key };
enum class NormRule : std::uint8_t { none, per_head, by_key };

/// What a family's model code decides and its configuration file does not say.
struct Family {
  std::string_view name;
  BiasRule bias = BiasRule::never;
  NormRule qk_norm = NormRule::none;
  bool latent_attention = false;
  bool experts = false;
};

constexpr std::array<Family, 15> families = {{
    {"llama", BiasRule::all_by_key, NormRule::none, false, false},
    {"mistral", BiasRule::never, NormRule::none, false, false},
    {"mixtral", BiasRule::never, NormRule::none, false, true},
    {"phi3", BiasRule::never, NormRule::none, false, false},
    {"mimo", BiasRule::qkv_by_key, NormRule::none, false, false},
    {"qwen2", BiasRule::qkv_always, NormRule::none, false, false},
    {"qwen3", BiasRule::all_by_key, NormRule::per_head, false, false},
    {"qwen3_vl_text", BiasRule::all_by_key, NormRule::per_head, false, false},
    {"qwen3_moe", BiasRule::all_by_key, NormRule::per_head, false, true},
    {"qwen3_vl_moe_text", BiasRule::all_by_key, NormRule::per_head, false, true},
    {"glm4_moe", BiasRule::qkv_by_key, NormRule::by_key, false, true},
    {"minimax_m2", BiasRule::never, NormRule::by_key, false, true},
    {"deepseek_v2", BiasRule::never, NormRule::none, true, true},
    {"deepseek_v3", BiasRule::never, NormRule::none, true, true},
    {"kimi_k2", BiasRule::never, NormRule::none, true, true},
}};

constexpr std::int64_t most_layers = 1 << 12;
constexpr std::int64_t most_experts = 1 << 16;
constexpr std::int64_t most_heads = 1 << 12;
constexpr std::int64_t widest_head = 1 << 14;
constexpr std::int64_t widest_rank = 1 << 16;
constexpr std::int64_t widest_hidden = 1 << 18;
constexpr std::int64_t widest_ffn = 1 << 22;
constexpr std::int64_t largest_vocab = 1 << 24;
constexpr std::int64_t longest_position = std::int64_t{1} << 40;
/// Far beyond any machine; below it every count of parameters and bytes is exact in 64 bits.
constexpr double most_parameters = 1e16;

/// The first of several names under which families write the same thing.
std::string_view spelled(const ConfigDocument& config, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (config.has(name)) return name;
  }
  return *names.begin();
}

GroupedAttention read_grouped(ConfigDocument& config, const Family& family, std::int64_t hidden) {
  GroupedAttention out;
  out.heads = config.integer("num_attention_heads", std::nullopt, 1, most_heads);
  out.kv_heads = config.integer("num_key_value_heads", out.heads, 1, most_heads);
  if (out.heads % out.kv_heads != 0) {
    config.fault("num_key_value_heads", "must divide num_attention_heads, which is " + std::to_string(out.heads));
  }
  if (!config.has("head_dim") && hidden % out.heads != 0) {
    config.fault("num_attention_heads", "must divide hidden_size where head_dim is absent");
  }
  out.head_dim = config.integer("head_dim", std::max<std::int64_t>(1, hidden / out.heads), 1, widest_head);
  if (config.integer("v_head_dim", out.head_dim, 1, widest_head) != out.head_dim) {
    config.fault("v_head_dim", "values of another size than keys are not supported yet outside latent attention");
  }

  const bool asked = config.boolean("attention_bias", false) || config.boolean("qkv_bias", false);
  out.qkv_bias = family.bias == BiasRule::qkv_always || (family.bias != BiasRule::never && asked);
  out.output_bias = family.bias == BiasRule::all_by_key && config.boolean("attention_bias", false);
  if (family.bias == BiasRule::never && asked) {
    config.fault("attention_bias", "biases of attention are not known for this family; false would be right");
  }

  if (family.qk_norm == NormRule::per_head) out.qk_norm = QkNorm::per_head;
  if (family.qk_norm == NormRule::by_key && config.boolean("use_qk_norm", false)) {
    const std::string kind = config.text("qk_norm_type", "per_head");
    if (kind != "per_head" && kind != "per_layer") {
      config.fault("qk_norm_type", "'" + kind + "' is not known; 'per_head' and 'per_layer' are");
    }
    out.qk_norm = kind == "per_layer" ? QkNorm::per_layer : QkNorm::per_head;
  }
  return out;
}

LatentAttention read_latent(ConfigDocument& config) {
  LatentAttention out;
  out.heads = config.integer("num_attention_heads", std::nullopt, 1, most_heads);
  out.q_rank = config.integer("q_lora_rank", 0, 0, widest_rank);
  out.kv_rank = config.integer("kv_lora_rank", std::nullopt, 1, widest_rank);
  out.nope_dim = config.integer("qk_nope_head_dim", std::nullopt, 1, widest_head);
  out.rope_dim = config.integer("qk_rope_head_dim", std::nullopt, 0, widest_head);
  out.value_dim = config.integer("v_head_dim", std::nullopt, 1, widest_head);
  if (config.boolean("attention_bias", false)) {
    config.fault("attention_bias", "biases of latent attention are not supported yet");
  }
  return out;
}

std::string_view expert_count_key(const ConfigDocument& config) {
  return spelled(config, {"n_routed_experts", "num_experts", "num_local_experts"});
}

MoeFfn read_experts(ConfigDocument& config) {
  MoeFfn out;
  out.experts = config.integer(expert_count_key(config), std::nullopt, 1, most_experts);
  const std::string_view top_k =
      spelled(config, {"num_experts_per_tok", "num_experts_per_token", "experts_per_token", "top_k_experts"});
  out.top_k = config.integer(top_k, std::nullopt, 1, most_experts);
  if (out.top_k > out.experts) {
    config.fault(top_k, "must not exceed the number of experts, which is " + std::to_string(out.experts));
  }
  out.expert_width =
      config.integer(spelled(config, {"moe_intermediate_size", "intermediate_size"}), std::nullopt, 1, widest_ffn);
  if (const std::string_view key = spelled(config, {"n_shared_experts", "num_shared_experts"}); config.has(key)) {
    out.shared_width = config.integer(key, 0, 0, most_experts) * out.expert_width;
  } else {
    out.shared_width = config.integer(spelled(config, {"shared_intermediate_size", "shared_expert_intermediate_size"}),
                                      0, 0, widest_ffn);
  }
  return out;
}

/// DeepSeek-V3 corrects the load of its experts by a bias instead of a loss (topk_method "noaux_tc"); GLM-4.5 and later
/// do so always, MiniMax-M2 by a key of its own.
bool routes_with_bias(ConfigDocument& config, const Family& family) {
  return family.name == "glm4_moe" || config.text("topk_method", "") == "noaux_tc" ||
         config.boolean("use_routing_bias", false);
}

void read_layers(ConfigDocument& config, const Family& family, ModelShape& model) {
  const std::int64_t layers = config.integer("num_hidden_layers", std::nullopt, 1, most_layers);
  AttentionShape attention;
  if (family.latent_attention) {
    attention = read_latent(config);
  } else {
    attention = read_grouped(config, family, model.hidden);
  }

  const std::string_view expert_key = expert_count_key(config);
  if (config.has(expert_key) && !family.experts) {
    config.fault(expert_key, "experts are not known in model_type '" + std::string(family.name) + "'");
  }
  std::vector<bool> experts_at(static_cast<std::size_t>(layers), false);
  MoeFfn moe;
  if (family.experts && config.has(expert_key)) {
    moe = read_experts(config);
    moe.router_bias = routes_with_bias(config, family);
    experts_at = expert_layers(config, layers);
  }
  DenseFfn dense;
  if (std::find(experts_at.begin(), experts_at.end(), false) != experts_at.end()) {
    dense.width = config.integer("intermediate_size", std::nullopt, 1, widest_ffn);
    dense.bias = config.boolean("mlp_bias", false);
  }

  for (const bool holds_experts : experts_at) {
    const FfnShape ffn = holds_experts ? FfnShape(moe) : FfnShape(dense);
    if (model.layers.empty() || model.layers.back().ffn != ffn) model.layers.push_back({0, attention, ffn});
    ++model.layers.back().count;
  }

  const double widest = static_cast<double>(moe.experts) * static_cast<double>(moe.expert_width) +
                        static_cast<double>(std::max(moe.shared_width, dense.width));
  if (3.0 * static_cast<double>(layers) * static_cast<double>(model.hidden) * widest > most_parameters) {
    config.fault("num_hidden_layers", "layers, widths and experts multiply to more than 1e16 parameters; check them");
  }
}

Precision plain_format(ConfigDocument& config) {
  const std::string_view key = spelled(config, {"dtype", "torch_dtype"});
  const std::string type = config.text(key, "bfloat16");
  if (type == "bfloat16") return Precision::bf16;
  if (type == "float16") return Precision::fp16;
  if (type == "float32") return Precision::fp32;
  config.fault(key, "'" + type + "' is not known; 'bfloat16', 'float16' and 'float32' are");
  return Precision::bf16;
}

/// The format that most of the published weights have. Files of four-bit checkpoints say it in different places.
Precision declared_format(ConfigDocument& config) {
  const Precision plain = plain_format(config);
  if (!config.has("quantization_config")) return plain;
  const std::string method = config.text("quantization_config/quant_method", "");
  const std::string group = "quantization_config/config_groups/group_0/";
  if (method == "fp8" || method == "fbgemm_fp8") return Precision::fp8;
  if (method == "mxfp4" || config.text(group + "format", "") == "mxfp4-pack-quantized") return Precision::mxfp4;
  if (method == "compressed-tensors" || method == "modelopt") {
    const std::int64_t bits = config.integer(group + "weights/num_bits", 8, 1, 16);
    const bool floating = config.text(group + "weights/type", "float") == "float";
    if (bits == 8) return floating ? Precision::fp8 : Precision::int8;
    if (bits == 4) return floating ? Precision::nvfp4 : Precision::int4;
  }
  if (method == "awq" || method == "gptq") {
    const std::int64_t bits = config.integer("quantization_config/bits", 4, 1, 16);
    if (bits == 4) return Precision::int4;
    if (bits == 8) return Precision::int8;
  }
  config.fault("quantization_config",
               "weights quantised by '" + method +
                   "' in this way are not known; fp8, mxfp4, compressed-tensors and modelopt with "
                   "8 or 4 bits, awq and gptq are");
  return plain;
}

const Family* find_family(std::string_view name) {
  const auto found =
      std::find_if(families.begin(), families.end(), [&](const Family& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

std::string family_list() {
  std::string out;
  for (const Family& family : families) out += (out.empty() ? "" : ", ") + std::string(family.name);
  return out;
}

void add_notes(ConfigDocument& config, ModelShape& model) {
  if (config.has("text_config")) model.notes.emplace_back("only the language model is counted, not its encoders");
  const std::int64_t modules = config.integer("num_mtp_modules", 0, 0, most_layers);
  if (modules > 0 && model.mtp_layers == 0) {
    model.notes.push_back("the file names " + std::to_string(modules) +
                          " modules for multi-token prediction without their shape; they are not counted");
  }
}

}  // namespace

ModelShape read_model_config(const std::string& path, std::string_view text, std::string name) {
  ConfigDocument config(path, text);
  ModelShape model;
  model.name = std::move(name);
  model.family = config.text("model_type", "");
  model.source = config.text("source", "");

  refuse_unknown_mechanisms(config, model.family);
  const Family* family = find_family(model.family);
  if (family == nullptr) {
    const std::string given = model.family.empty() ? "is missing" : "'" + model.family + "' is not known";
    config.fault("model_type", given + "; its layers may hold anything. Known are " + family_list());
  }
  // A file of an unknown mechanism is not read further: its dimensions would give misleading faults.
  config.throw_if_faulty();

  model.hidden = config.integer("hidden_size", std::nullopt, 1, widest_hidden);
  model.vocab = config.integer("vocab_size", std::nullopt, 1, largest_vocab);
  model.tied_embeddings = config.boolean("tie_word_embeddings", false);
  model.max_position = config.integer("max_position_embeddings", std::nullopt, 1, longest_position);
  model.mtp_layers = config.integer("num_nextn_predict_layers", 0, 0, most_layers);
  model.declared_weights = declared_format(config);
  read_layers(config, *family, model);
  add_notes(config, model);
  config.throw_if_faulty();
  return model;
}

std::map<std::string, std::string> read_aliases(const std::string& path, std::string_view text) {
  ConfigDocument document(path, text);
  std::map<std::string, std::string> out = document.text_members();
  document.throw_if_faulty();
  return out;
}

}  // namespace memwall
