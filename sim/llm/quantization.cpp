#include "sim/llm/quantization.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/llm/read_attention.hpp"

namespace memwall {
namespace {

const std::string base = "quantization_config/";

Precision plain_format(ConfigDocument& config) {
  const std::string_view key = spelled(config, {"dtype", "torch_dtype"});
  const std::string type = config.text(key, "bfloat16");
  if (type == "bfloat16") return Precision::bf16;
  if (type == "float16") return Precision::fp16;
  if (type == "float32") return Precision::fp32;
  config.fault(key, "'" + type + "' is not known; 'bfloat16', 'float16' and 'float32' are");
  return Precision::bf16;
}

/// Four-bit integers: groups of 32 have four times as many scales as groups of 128.
Precision grouped_int4(std::int64_t group) { return group > 0 && group <= 32 ? Precision::int4_g32 : Precision::int4; }

std::optional<Precision> by_bits(ConfigDocument& config, const std::string& weights) {
  const std::int64_t bits = config.integer(weights + "num_bits", 8, 1, 16);
  const bool floating = config.text(weights + "type", "float") == "float";
  const std::int64_t group = config.integer(weights + "group_size", 0, -1, 1 << 20);
  if (bits == 8) return floating ? Precision::fp8 : Precision::int8;
  if (bits == 4 && floating) return group == 32 ? Precision::mxfp4 : Precision::nvfp4;
  if (bits == 4) return grouped_int4(group);
  return std::nullopt;
}

std::optional<Precision> by_algorithm(const std::string& algorithm) {
  if (algorithm.starts_with("FP8")) return Precision::fp8;
  if (algorithm.starts_with("NVFP4")) return Precision::nvfp4;
  if (algorithm.starts_with("MXFP4") || algorithm == "W4A8_MXFP4_FP8") return Precision::mxfp4;
  if (algorithm.starts_with("W4A")) return Precision::int4;
  if (algorithm.starts_with("W8A") || algorithm.starts_with("INT8")) return Precision::int8;
  return std::nullopt;
}

/// The format of the quantised weights. Files of four-bit checkpoints say it in different places.
std::optional<Precision> quantised_format(ConfigDocument& config, const std::string& method) {
  const std::string group = base + "config_groups/group_0/";
  if (method == "fp8" || method == "fbgemm_fp8") return Precision::fp8;
  if (method == "bitnet") return Precision::ternary;
  if (method == "mxfp4" || config.text(group + "format", "") == "mxfp4-pack-quantized") return Precision::mxfp4;
  if (method.starts_with("modelopt")) {
    if (const auto format = by_algorithm(config.text(base + "quant_algo", ""))) return format;
    if (method == "modelopt_fp4") return Precision::nvfp4;
  }
  if (method == "compressed-tensors" || method.starts_with("modelopt")) return by_bits(config, group + "weights/");
  if (method == "awq" || method == "gptq" || method == "auto-round") {
    const std::int64_t bits = config.integer(base + "bits", 4, 1, 16);
    if (bits == 4) return grouped_int4(config.integer(base + "group_size", 128, -1, 1 << 20));
    if (bits == 8) return Precision::int8;
  }
  if (method == "bitsandbytes") {
    // Blocks of 64 with a 32-bit scale: as many bits as groups of 32 with a 16-bit one.
    return config.boolean(base + "load_in_4bit", false) ? Precision::int4_g32 : Precision::int8;
  }
  return std::nullopt;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Number behind "layers." or "layers\."; -1 where the entry is for all layers.
std::int64_t layer_of(std::string_view entry) {
  const std::size_t at = entry.find("layers.");
  if (at == std::string_view::npos) return -1;
  std::size_t i = at + 7;
  std::int64_t number = -1;
  while (i < entry.size() && std::isdigit(static_cast<unsigned char>(entry[i])) != 0 && number < (1 << 20)) {
    number = std::max<std::int64_t>(number, 0) * 10 + (entry[i++] - '0');
  }
  return number;
}

/// Modules that the file leaves unquantised.
struct Excluded {
  bool attention = false;
  bool dense = false;
  std::int64_t partly = 0;  ///< layers whose attention is left out where that of others is not
};

Excluded excluded_modules(ConfigDocument& config, const ModelShape& model) {
  Excluded out;
  std::set<std::int64_t> attention_layers;
  for (const char* key : {"ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers"}) {
    if (!config.is_list(base + key)) continue;
    for (const std::string& entry : config.texts(base + key)) {
      if (contains(entry, "norm") || contains(entry, "vision") || contains(entry, "visual")) continue;
      // Whole modules only: single projections of an attention stay a matter of detail.
      if (contains(entry, "self_attn") || contains(entry, "mixer") || entry.ends_with("attention")) {
        attention_layers.insert(layer_of(entry));
      }
      const bool shared = contains(entry, "shared_expert") && !contains(entry, "shared_expert_gate");
      out.dense = out.dense || shared || contains(entry, "gate_up");
    }
  }
  std::int64_t mixing = 0;
  for (const LayerGroup& group : model.layers) {
    if (!std::holds_alternative<NoMixer>(group.attention)) mixing += group.count;
  }
  const auto named = static_cast<std::int64_t>(attention_layers.size());
  out.attention = attention_layers.contains(-1) || (mixing > 0 && named >= mixing);
  if (!out.attention) out.partly = named;
  return out;
}

bool has_experts(const ModelShape& model) {
  return std::any_of(model.layers.begin(), model.layers.end(),
                     [](const LayerGroup& group) { return std::holds_alternative<MoeFfn>(group.ffn); });
}

}  // namespace

void read_formats(ConfigDocument& config, ModelShape& model) {
  const Precision plain = plain_format(config);
  model.declared_weights = plain;
  if (!config.has("quantization_config")) return;
  const std::string method = config.text(base + "quant_method", "");
  const std::optional<Precision> format = quantised_format(config, method);
  if (!format) {
    config.fault("quantization_config",
                 "weights quantised by '" + method +
                     "' in this way are not known; fp8, mxfp4, compressed-tensors and modelopt with 8 or 4 bits, awq, "
                     "gptq, auto-round, bitsandbytes and bitnet are");
    return;
  }
  model.declared_weights = *format;
  const Excluded excluded = excluded_modules(config, model);
  if (excluded.attention) model.declared_attention = plain;
  if (excluded.dense && has_experts(model)) model.declared_dense = plain;
  // DeepSeek-V4 writes the format of its experts apart; theirs have 8-bit scales of exponents only, as MXFP4 does.
  if (config.has("expert_dtype")) {
    const std::string experts = config.text("expert_dtype", "");
    if (experts == "fp4") {
      model.declared_attention = model.declared_attention.value_or(*format);
      model.declared_dense = model.declared_dense.value_or(*format);
      model.declared_weights = Precision::mxfp4;
    } else if (experts != "fp8") {
      config.fault("expert_dtype", "'" + experts + "' is not known; 'fp4' and 'fp8' are");
    }
  }
  if (excluded.partly > 0) {
    model.notes.push_back("the file leaves modules of " + std::to_string(excluded.partly) +
                          " attention layers unquantised; all are taken as quantised");
  }
  if (config.has(base + "config_groups/group_1")) {
    model.notes.emplace_back("the file quantises several groups of modules; all are taken as the first");
  }
  if (config.has(base + "kv_cache_scheme")) {
    model.notes.emplace_back("the file offers scales for a cache in 8 bits; write \"kv_cache\" to use it");
  }
}

}  // namespace memwall
