// Families whose files are not in the catalogue, against the element counts of their published weights: the dimensions
// come from their model cards, the totals from the sums that the weights' index files state.
#include <string>

#include "sim/llm/config_reader.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

struct Sizes {
  int hidden, width, layers, heads, kv_heads, vocab;
};

ModelShape read(const std::string& family, const Sizes& s, const std::string& more) {
  const auto key = [](const char* name, int value) {
    return ", \"" + std::string(name) + "\": " + std::to_string(value);
  };
  return read_model_config("m.json",
                           "{\"model_type\": \"" + family + "\"" + key("hidden_size", s.hidden) +
                               key("intermediate_size", s.width) + key("num_hidden_layers", s.layers) +
                               key("num_attention_heads", s.heads) + key("num_key_value_heads", s.kv_heads) +
                               key("vocab_size", s.vocab) + key("max_position_embeddings", 8192) + more + "}",
                           "m");
}

std::int64_t total(const std::string& family, const Sizes& s, const std::string& more = "") {
  return count_parameters(read(family, s, more)).total();
}

}  // namespace

TEST_CASE("dense families have the published number of parameters") {
  const std::string apart = ", \"tie_word_embeddings\": false";
  CHECK(total("llama", {5120, 13824, 40, 40, 40, 32000}) == 13'015'864'320);
  CHECK(total("llama", {8192, 28672, 80, 64, 8, 32000}) == 68'976'648'192);
  CHECK(total("qwen2_5_vl", {3584, 18944, 28, 28, 4, 152064}) == 7'615'616'512);
  CHECK(total("seed_oss", {5120, 27648, 64, 80, 8, 155136},
              ", \"head_dim\": 128, \"attention_bias\": true, \"attention_out_bias\": false") == 36'151'104'512);
  CHECK(total("olmo2", {4096, 11008, 32, 32, 32, 100352}) == 7'298'617'344);
  CHECK(total("starcoder2", {6144, 24576, 40, 48, 4, 49152}, ", \"use_bias\": true" + apart) == 15'957'889'024);
  CHECK(total("gpt_neox", {6144, 24576, 44, 64, 64, 50432}) == 20'554'567'680);
  CHECK(total("cohere", {8192, 22528, 40, 64, 64, 256000}) == 34'980'831'232);
  CHECK(total("granite", {4096, 12800, 40, 32, 8, 49155}, ", \"tie_word_embeddings\": true") == 8'170'848'256);
}

TEST_CASE("families of experts have the published number of parameters") {
  CHECK(total("olmoe", {2048, 1024, 16, 16, 16, 50304}) == 6'919'161'856);
  CHECK(total("qwen2_moe", {2048, 5632, 24, 16, 16, 151936},
              ", \"num_experts\": 60, \"num_experts_per_tok\": 4, \"moe_intermediate_size\": 1408, "
              "\"shared_expert_intermediate_size\": 5632") == 14'315'784'192);
  CHECK(total("deepseek_v2", {5120, 12288, 60, 128, 128, 102400},
              ", \"moe_intermediate_size\": 1536, \"n_shared_experts\": 2, \"n_routed_experts\": 160, "
              "\"num_experts_per_tok\": 6, \"first_k_dense_replace\": 1, \"kv_lora_rank\": 512, \"q_lora_rank\": 1536, "
              "\"qk_rope_head_dim\": 64, \"v_head_dim\": 128, \"qk_nope_head_dim\": 128") == 235'741'434'880);
}

TEST_CASE("a file that leaves dimensions to its family is completed and says so") {
  // As multimodal Gemma 3 is published: heads, head size and vocabulary are in none of its files. 27.0 billion without
  // the vision tower, whose heads are written, and 3.88 billion, whose are not.
  const auto gemma = [](const std::string& text) {
    return read_model_config("g.json",
                             "{\"model_type\": \"gemma3\", \"vision_config\": {\"hidden_size\": 1152}, "
                             "\"text_config\": {\"model_type\": \"gemma3_text\", \"sliding_window\": 1024, " +
                                 text + "}}",
                             "g");
  };
  const ModelShape large = gemma(
      "\"hidden_size\": 5376, \"intermediate_size\": 21504, \"num_hidden_layers\": 62, \"num_attention_heads\": 32, "
      "\"num_key_value_heads\": 16, \"head_dim\": 128");
  CHECK(count_parameters(large).total() == 27'009'346'304);
  const ModelShape small = gemma("\"hidden_size\": 2560, \"intermediate_size\": 10240, \"num_hidden_layers\": 34");
  CHECK(count_parameters(small).total() == 3'880'263'168);
  REQUIRE(small.notes.size() == 2);
  CHECK(small.notes.front() ==
        "the file leaves these to the defaults of its family: vocab_size 262208, num_attention_heads 8, "
        "num_key_value_heads 4, head_dim 256, max_position_embeddings 131072");
}

TEST_CASE("a bias that a family decides by a key of its own follows it") {
  const Sizes toy = {64, 160, 2, 8, 2, 1000};
  const auto biases = [&](const std::string& family, const std::string& more) {
    const ModelShape model = read(family, toy, more);
    const auto& attention = std::get<GroupedAttention>(model.layers.front().attention);
    return std::string(attention.qkv_bias ? "q" : "-") + (attention.output_bias ? "o" : "-") +
           (std::get<DenseFfn>(model.layers.front().ffn).bias ? "f" : "-");
  };
  CHECK(biases("starcoder2", "") == "qof");
  CHECK(biases("starcoder2", ", \"use_bias\": false") == "---");
  CHECK(biases("ernie4_5", ", \"use_bias\": true") == "qof");
  CHECK(biases("ernie4_5", "") == "---");
  CHECK(biases("seed_oss", ", \"attention_bias\": true") == "q--");
  CHECK(biases("seed_oss", ", \"attention_out_bias\": true") == "-o-");
}
