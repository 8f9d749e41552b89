// Sharding: what each rank holds adds up to the model, and degrees that cannot be are refused with those that can.
#include "sim/llm/deployment.hpp"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

const char* const llama_8b = "meta-llama/Llama-3.1-8B";
const char* const llama_70b = "meta-llama/Llama-3.1-70B";
const char* const deepseek = "deepseek-ai/DeepSeek-V3";

Deployment over(int ranks) {
  Deployment out;
  out.tensor = ranks;
  return out;
}

std::string refusal(const char* model, const Deployment& deployment) {
  try {
    (void)footprint(test::catalogue().find(model), deployment);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// Experts in a latent width have two projections that every rank holds.
bool latent_experts(const ModelShape& model) {
  return std::any_of(model.layers.begin(), model.layers.end(), [](const LayerGroup& group) {
    const auto* moe = std::get_if<MoeFfn>(&group.ffn);
    return moe != nullptr && moe->latent > 0;
  });
}

/// Whether attention and cache fall into equal parts without anything that every rank holds.
bool divides_whole(const ModelShape& model, std::int64_t ranks) {
  return std::all_of(model.layers.begin(), model.layers.end(), [ranks](const LayerGroup& group) {
    if (const auto* grouped = std::get_if<GroupedAttention>(&group.attention)) {
      return grouped->kv_heads % ranks == 0 && !grouped->indexer;
    }
    if (const auto* mixer = std::get_if<RecurrentMixer>(&group.attention)) {
      return mixer->key_heads % ranks == 0 && mixer->kind != RecurrentKind::kimi_delta;
    }
    return std::holds_alternative<NoMixer>(group.attention);
  });
}

/// Biases of products whose results the ranks sum up: every rank holds them whole. 16 bits each.
struct WholeBiases {
  double attention = 0;
  double ffn = 0;
};

WholeBiases whole_biases(const ModelShape& model) {
  WholeBiases bytes;
  for (const LayerGroup& group : model.layers) {
    const double hidden = 2 * static_cast<double>(group.count * model.hidden);
    const auto* grouped = std::get_if<GroupedAttention>(&group.attention);
    if (grouped != nullptr && grouped->output_bias) bytes.attention += hidden;
    const auto* moe = std::get_if<MoeFfn>(&group.ffn);
    if (moe != nullptr && moe->expert_bias) bytes.ffn += hidden * static_cast<double>(moe->experts);
    const auto* dense = std::get_if<DenseFfn>(&group.ffn);
    if (dense != nullptr && dense->bias) bytes.ffn += hidden;
  }
  return bytes;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("on one rank the footprint is parameters times bytes") {
  for (const std::string& name : test::catalogue().names()) {
    INFO(name);
    const ModelShape model = test::catalogue().find(name);
    const Footprint whole = footprint(model, Deployment{});
    CHECK(whole.weights().value == 2.0 * static_cast<double>(count_parameters(model).total()));
    CHECK(whole.kv_per_token.value == kv_bytes_per_token(model, Precision::bf16).value);
  }
}

TEST_CASE("shards add up to the model wherever nothing is replicated") {
  for (const std::string& name : test::catalogue().names()) {
    const ModelShape model = test::catalogue().find(name);
    const Footprint whole = footprint(model, Deployment{});
    for (const int ranks : tensor_degrees(model, 64)) {
      INFO(name << " over " << ranks);
      const Footprint rank = footprint(model, over(ranks));
      // The vocabulary is padded at most to the next common multiple of 64 and the degree.
      const double padded = 64.0 * ranks * static_cast<double>(model.hidden) * 2;
      CHECK(rank.embedding.value * ranks >= whole.embedding.value);
      CHECK(rank.embedding.value * ranks < whole.embedding.value + padded);
      CHECK(rank.router.value == whole.router.value);
      const WholeBiases biases = whole_biases(model);
      const double ffn = whole.ffn.value + (ranks - 1) * biases.ffn;
      const bool replicates_ffn = latent_experts(model);
      CHECK((rank.ffn.value * ranks == ffn) == (!replicates_ffn || ranks == 1));
      CHECK(rank.ffn.value * ranks >= ffn);
      if (ranks == 1 || divides_whole(model, ranks)) {
        CHECK(rank.attention.value * ranks == whole.attention.value + (ranks - 1) * biases.attention);
        CHECK(rank.kv_per_token.value * ranks == whole.kv_per_token.value);
        CHECK(rank.state_per_sequence.value * ranks == whole.state_per_sequence.value);
      } else {
        CHECK(rank.attention.value * ranks > whole.attention.value);
        CHECK(rank.kv_per_token.value * ranks > whole.kv_per_token.value);
      }
    }
  }
}

TEST_CASE("KV heads are replicated beyond their number, each rank holding one") {
  const ModelShape model = test::catalogue().find(llama_70b);
  const double whole = kv_bytes_per_token(model, Precision::bf16).value;
  CHECK(footprint(model, over(8)).kv_per_token.value == whole / 8);
  CHECK(footprint(model, over(16)).kv_per_token.value == whole / 8);
  CHECK(footprint(model, over(64)).kv_per_token.value == whole / 8);
}

TEST_CASE("the latent cache and its down projections are whole on every rank") {
  const ModelShape model = test::catalogue().find(deepseek);
  CHECK(footprint(model, over(8)).kv_per_token.value == 70272);
  const double whole = footprint(model, over(1)).attention.value;
  const double down = 61.0 * 7168 * (1536 + 512 + 64) * 2;
  CHECK(footprint(model, over(8)).attention.value * 8 == whole + 7 * down);
}

TEST_CASE("a cache in eight bits is half as large, and narrow weights leave the embedding wide") {
  Deployment narrow;
  narrow.weights = Precision::fp8;
  narrow.kv = Precision::fp8;
  const ModelShape model = test::catalogue().find(llama_8b);
  const Footprint held = footprint(model, narrow);
  const ParameterCount count = count_parameters(model);
  CHECK(held.kv_per_token.value == 65536);
  CHECK(held.ffn.value == static_cast<double>(count.ffn));
  CHECK(held.attention.value == static_cast<double>(count.attention));
  CHECK(held.embedding.value == 2.0 * static_cast<double>(count.embedding));
  CHECK(held.norms.value == 2.0 * static_cast<double>(count.norms));
}

TEST_CASE("degrees that do not divide are refused with those that do") {
  const std::string message = refusal(llama_8b, over(3));
  INFO(message);
  CHECK(contains(message, "32 attention heads"));
  CHECK(contains(message, "8 KV heads"));
  CHECK(contains(message, "valid degrees are 1, 2, 4, 8, 16, 32"));
  CHECK(contains(refusal(llama_8b, over(0)), "at least 1"));
  CHECK(contains(refusal("01-ai/Yi-34B", over(16)), "56 attention heads"));

  Deployment by_expert;
  by_expert.expert = 8;
  CHECK(contains(refusal(deepseek, by_expert), "expert parallelism of 8 must be tensor x data, which is 1"));
}

TEST_CASE("every listed degree is accepted and no other") {
  const ModelShape model = test::catalogue().find("Qwen/Qwen2.5-7B-Instruct");  // 28 heads, 4 KV heads, width 18944
  const std::vector<int> degrees = tensor_degrees(model, 40);
  CHECK((degrees == std::vector<int>{1, 2, 4}));
  for (int degree = 1; degree <= 40; ++degree) {
    INFO(degree);
    const bool listed = std::find(degrees.begin(), degrees.end(), degree) != degrees.end();
    CHECK(refusal("Qwen/Qwen2.5-7B-Instruct", over(degree)).empty() == listed);
  }
}
