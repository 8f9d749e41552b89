// Faults of a configuration file: all at once, with file, line and key; and the readings that are easy to get wrong.
#include "sim/llm/config_reader.hpp"

#include <string>
#include <variant>

#include "sim/base/error.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

std::string dense_config(const std::string& family, const std::string& more) {
  return "{\n\"model_type\": \"" + family +
         "\",\n\"hidden_size\": 64,\n\"intermediate_size\": 160,\n\"num_hidden_layers\": 6,\n"
         "\"num_attention_heads\": 8,\n\"num_key_value_heads\": 2,\n\"vocab_size\": 1000,\n"
         "\"max_position_embeddings\": 4096" +
         (more.empty() ? "" : ",\n" + more) + "\n}";
}

ModelShape read(const std::string& text) { return read_model_config("m.json", text, "m"); }

std::string refusal(const std::string& text) {
  try {
    (void)read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// Runs of layers with the window of each, 0 = none.
std::string windows(const std::string& family, const std::string& more);

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

namespace {

std::string windows(const std::string& family, const std::string& more) {
  std::string out;
  for (const LayerGroup& group : read(dense_config(family, more)).layers) {
    const Reach reach = std::get<GroupedAttention>(group.attention).reach;
    out += (out.empty() ? "" : " ") + std::to_string(group.count) + "x" + std::to_string(reach.tokens);
  }
  return out;
}

}  // namespace

TEST_CASE("all faults of a file come at once, with line and key") {
  const std::string text =
      "{\n\"model_type\": \"llama\",\n\"hidden_size\": -4,\n\"vocab_size\": \"many\",\n\"num_hidden_layers\": 2.5\n}";
  try {
    (void)read(text);
    FAIL("was read");
  } catch (const InputError& error) {
    INFO(error.what());
    REQUIRE(error.faults().size() >= 5);
    CHECK(contains(error.what(), "m.json:3: /hidden_size"));
    CHECK(contains(error.what(), "m.json:4: /vocab_size"));
    CHECK(contains(error.what(), "m.json:5: /num_hidden_layers"));
    CHECK(contains(error.what(), "/num_attention_heads: is missing"));
    CHECK(contains(error.what(), "/max_position_embeddings: is missing"));
  }
}

TEST_CASE("what is no configuration is refused with its line, never by a crash") {
  CHECK(contains(refusal("{\n\"a\": 1,\n}"), "m.json:3"));
  CHECK(contains(refusal(""), "m.json"));
  CHECK(contains(refusal("[1, 2]"), "not a JSON object"));
  CHECK(contains(refusal("{\"model_type\": \"llama\", \"hidden_size\": 1e999}"), "cannot represent"));
  CHECK(contains(refusal("{}"), "/model_type: is missing"));
  CHECK(contains(refusal(dense_config("llama", "\"head_dim\": " + std::string(100000, '[') + std::string(100000, ']'))),
                 "/head_dim: must be a whole number from 1 to 16384, not array"));
  CHECK(contains(refusal(dense_config("wonder", "")), "'wonder' is not known"));
  CHECK(contains(refusal("{\"model_type\": 7}"), "must be a text"));
  CHECK(contains(refusal("{\"model_type\": \"llama\", \"text_config\": 3}"), "/hidden_size: is missing"));
}

TEST_CASE("every truncation of a file is refused cleanly") {
  const std::string whole =
      dense_config("llama", "\"rope_scaling\": {\"factor\": Infinity}, \"note\": \"say \\\"NaN\\\"\"");
  CHECK(read(whole).hidden == 64);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_THROWS_AS(read(whole.substr(0, length)), InputError);
  }
}

TEST_CASE("Infinity and NaN are tolerated outside strings and kept inside") {
  const ModelShape model = read(dense_config(
      "llama", "\"time_step_limit\": [0.0, Infinity, -Infinity, NaN], \"source\": \"NaN Infinity \\\" NaN\""));
  CHECK(model.source == "NaN Infinity \" NaN");
  REQUIRE(model.notes.size() == 1);
  CHECK(contains(model.notes.front(), "Infinity"));
  CHECK(read(dense_config("llama", "\"source\": \"Infinity\"")).notes.empty());
}

TEST_CASE("a window counts only where it is switched on and shorter than the model's reach") {
  CHECK(read(dense_config("qwen2", "\"sliding_window\": 128, \"use_sliding_window\": false")).hidden == 64);
  CHECK(read(dense_config("qwen2", "\"sliding_window\": 128")).hidden == 64);
  CHECK(read(dense_config("mistral", "\"sliding_window\": null")).hidden == 64);
  CHECK(read(dense_config("mistral", "\"sliding_window\": 4096")).hidden == 64);
  CHECK(windows("mistral", "\"sliding_window\": 4096") == "6x0");
  CHECK(windows("mistral", "\"sliding_window\": 4095") == "6x4095");
  CHECK(windows("qwen2", "\"sliding_window\": 128") == "6x0");
  CHECK(windows("qwen2", "\"sliding_window\": 128, \"use_sliding_window\": true") == "6x128");
  CHECK(windows("qwen2", "\"sliding_window\": 128, \"use_sliding_window\": true, \"max_window_layers\": 4") ==
        "4x0 2x128");
  CHECK(contains(refusal(dense_config("qwen3", "\"layer_types\": [\"full_attention\", \"odd_attention\"]")),
                 "'odd_attention'"));
}

TEST_CASE("biases follow the family, not the key alone") {
  const auto attention = [](const std::string& family, const std::string& more) {
    return std::get<GroupedAttention>(read(dense_config(family, more)).layers.at(0).attention);
  };
  CHECK(attention("qwen2", "").qkv_bias);
  CHECK_FALSE(attention("qwen2", "").output_bias);
  CHECK_FALSE(attention("llama", "").qkv_bias);
  CHECK(attention("llama", "\"attention_bias\": true").output_bias);
  CHECK(attention("mimo", "\"attention_bias\": true").qkv_bias);
  CHECK_FALSE(attention("mimo", "\"attention_bias\": true").output_bias);
  CHECK(attention("qwen3", "").qk_norm == QkNorm::per_head);
  CHECK(contains(refusal(dense_config("mistral", "\"attention_bias\": true")), "/attention_bias"));
}

TEST_CASE("dense and expert layers alternate as the keys say") {
  const std::string experts = "\"num_experts\": 8, \"num_experts_per_tok\": 2, \"moe_intermediate_size\": 32";
  const auto counts = [&](const std::string& family, const std::string& more) {
    std::string out;
    for (const LayerGroup& group : read(dense_config(family, experts + more)).layers) {
      out += std::to_string(group.count) + (std::holds_alternative<MoeFfn>(group.ffn) ? "m" : "d");
    }
    return out;
  };
  CHECK(counts("qwen3_moe", "") == "6m");
  CHECK(counts("qwen3_moe", ", \"decoder_sparse_step\": 2") == "1d1m1d1m1d1m");
  CHECK(counts("qwen3_moe", ", \"mlp_only_layers\": [0, 5]") == "1d4m1d");
  CHECK(counts("glm4_moe", ", \"first_k_dense_replace\": 2") == "2d4m");
  CHECK(counts("glm4_moe", ", \"first_k_dense_replace\": 1, \"moe_layer_freq\": 2") == "2d1m1d1m1d");
  CHECK(counts("glm4_moe", ", \"moe_layer_freq\": [0, 1, 1, 1, 1, 0]") == "1d4m1d");
  CHECK(contains(refusal(dense_config("glm4_moe", experts + ", \"moe_layer_freq\": [0, 1]")), "has 2 entries"));
  CHECK(contains(refusal(dense_config("qwen3_moe", experts + ", \"mlp_only_layers\": [6]")), "names layer 6"));
  CHECK(contains(refusal(dense_config("qwen3_moe", experts + ", \"num_experts_per_tok\": 9")), "must not exceed"));
  CHECK(contains(refusal(dense_config("llama", experts)), "experts are not known in model_type 'llama'"));
}

TEST_CASE("head counts must fit together") {
  CHECK(contains(refusal(dense_config("llama", "\"num_key_value_heads\": 3")), "must divide num_attention_heads"));
  CHECK(std::get<GroupedAttention>(read(dense_config("llama", "\"v_head_dim\": 4")).layers.at(0).attention).values() ==
        4);
  CHECK(contains(refusal(dense_config("llama", "\"num_attention_heads\": 6")), "must divide hidden_size"));
}

TEST_CASE("a multimodal file gives its language model and says so") {
  const ModelShape model = read(
      "{\"model_type\": \"outer\", \"tie_word_embeddings\": true, \"text_config\": " + dense_config("qwen3", "") + "}");
  CHECK(model.family == "qwen3");
  CHECK(model.tied_embeddings);
  CHECK(model.notes.size() == 1);
}

TEST_CASE("sizes that no machine could hold are refused before they overflow") {
  CHECK(contains(refusal("{\"model_type\": \"qwen3_moe\", \"hidden_size\": 200000, \"moe_intermediate_size\": 4000000, "
                         "\"num_experts\": 60000, \"num_experts_per_tok\": 1, \"num_hidden_layers\": 4000, "
                         "\"num_attention_heads\": 8, \"vocab_size\": 10, \"max_position_embeddings\": 10}"),
                 "1e16 parameters"));
  CHECK(contains(refusal(dense_config("llama", "\"vocab_size\": 18446744073709551615")), "/vocab_size"));
}
