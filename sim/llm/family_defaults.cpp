#include "sim/llm/family_defaults.hpp"

#include <cstdint>
#include <string_view>

namespace memwall {
namespace {

struct Default {
  std::string_view family;
  std::string_view key;
  std::int64_t value;
};

/// From the configuration classes of huggingface/transformers (`models/<family>/configuration_<family>.py`). Only keys
/// are listed that published files are known to leave out; a dimension that is missing elsewhere is a fault.
constexpr Default defaults[] = {
    {"gemma", "num_key_value_heads", 16},
    {"gemma", "head_dim", 256},
    {"gemma", "max_position_embeddings", 8192},
    {"gemma2", "num_key_value_heads", 4},
    {"gemma2", "head_dim", 256},
    {"gemma2", "sliding_window", 4096},
    {"gemma2", "max_position_embeddings", 8192},
    {"gemma3_text", "vocab_size", 262208},
    {"gemma3_text", "num_attention_heads", 8},
    {"gemma3_text", "num_key_value_heads", 4},
    {"gemma3_text", "head_dim", 256},
    {"gemma3_text", "sliding_window", 4096},
    {"gemma3_text", "max_position_embeddings", 131072},
    {"mistral", "num_key_value_heads", 8},
    {"mixtral", "num_key_value_heads", 8},
    {"mixtral", "num_local_experts", 8},
    {"mixtral", "num_experts_per_tok", 2},
    {"gpt_oss", "vocab_size", 201088},
    {"gpt_oss", "head_dim", 64},
    {"gpt_oss", "num_key_value_heads", 8},
    {"gpt_oss", "sliding_window", 128},
    {"gpt_oss", "max_position_embeddings", 131072},
    {"olmoe", "num_experts", 64},
    {"olmoe", "num_experts_per_tok", 8},
    {"cohere", "max_position_embeddings", 8192},
};

}  // namespace

std::string apply_family_defaults(ConfigDocument& config, const std::string& family) {
  std::string taken;
  for (const Default& entry : defaults) {
    if (entry.family != family || config.has(entry.key)) continue;
    config.supply(entry.key, entry.value);
    taken += (taken.empty() ? "" : ", ") + std::string(entry.key) + " " + std::to_string(entry.value);
  }
  if (taken.empty()) return taken;
  return "the file leaves these to the defaults of its family: " + taken;
}

}  // namespace memwall
