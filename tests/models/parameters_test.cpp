// Formulas on shapes that are small enough to count by hand.
#include "sim/llm/parameters.hpp"

#include "sim/llm/describe.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

ModelShape tiny(AttentionShape attention, FfnShape ffn) {
  ModelShape out;
  out.hidden = 8;
  out.vocab = 100;
  out.max_position = 64;
  out.layers = {{3, attention, ffn}};
  return out;
}

}  // namespace

TEST_CASE("grouped attention and feed-forward layers counted by hand") {
  const GroupedAttention attention{4, 2, 5, true, true, QkNorm::per_layer};
  const ParameterCount gated = count_parameters(tiny(attention, DenseFfn{16, true, false}));
  // q 8x20, k and v 8x10 each, o 20x8; biases 20 + 10 + 10 + 8; scales 20 + 10.
  CHECK(gated.attention == 3 * (160 + 80 + 80 + 160 + 48));
  CHECK(gated.norms == 3 * (30 + 16) + 8);
  CHECK(gated.ffn == 3 * 3 * 8 * 16);
  CHECK(gated.embedding == 800);
  CHECK(gated.head == 800);
  CHECK(count_parameters(tiny(attention, DenseFfn{16, false, true})).ffn == 3 * (2 * 8 * 16 + 16 + 8));
}

TEST_CASE("an expert layer counts all experts and visits the chosen ones") {
  const ModelShape model = tiny(GroupedAttention{2, 2, 4}, MoeFfn{6, 2, 10, 7, true, true});
  CHECK(count_parameters(model).ffn == 3 * 3 * 8 * (60 + 7));
  CHECK(count_active_parameters(model).ffn == 3 * 3 * 8 * (20 + 7));
  CHECK(count_parameters(model).router == 3 * (48 + 6));
}

TEST_CASE("latent attention with and without a latent query") {
  // Down 8x(3+2), up 3x2x(4+5), out 2x5x8; query 8x7 and 7x2x(4+2), or 8x2x(4+2).
  const LatentAttention with{2, 7, 3, 4, 2, 5};
  LatentAttention without = with;
  without.q_rank = 0;
  CHECK(count_parameters(tiny(with, DenseFfn{4})).attention == 3 * (40 + 54 + 80 + 56 + 84));
  CHECK(count_parameters(tiny(without, DenseFfn{4})).attention == 3 * (40 + 54 + 80 + 96));
  CHECK(kv_bytes_per_token(tiny(with, DenseFfn{4}), Precision::fp8).value == 3 * 5);
}

TEST_CASE("a prompt taken in two chunks costs what it costs in one, but for the second row of logits") {
  for (const char* name : {"meta-llama/Llama-3.1-8B", "deepseek-ai/DeepSeek-V3", "mistralai/Mixtral-8x7B-v0.1"}) {
    INFO(name);
    const ModelShape model = test::catalogue().find(name);
    const double head = 2.0 * static_cast<double>(model.vocab * model.hidden);
    const double whole = prefill_flops(model, 1000, 0).value;
    const double parts = prefill_flops(model, 300, 0).value + prefill_flops(model, 700, 300).value;
    CHECK(parts - head == Approx(whole).epsilon(1e-12));
  }
}

TEST_CASE("decoding a token is taking in one token, where attention has one form") {
  const ModelShape model = test::catalogue().find("meta-llama/Llama-3.1-8B");
  CHECK(decode_flops(model, 500).value == Approx(prefill_flops(model, 1, 499).value).epsilon(1e-12));
}

TEST_CASE("the description repeats the figures and stops at the model's reach") {
  const ModelShape model = test::catalogue().find("meta-llama/Llama-3.1-8B");
  const ModelDescription d = describe(model);
  CHECK(d.parameters.total() == 8030261248);
  CHECK(d.cache.front().per_token.value == 131072);
  CHECK(d.contexts.back().tokens == 131072);
  CHECK(d.weights.front().bytes.value == 2.0 * 8030261248);
  const std::string page = text(d);
  CHECK(page.find("8,030,261,248") != std::string::npos);
  CHECK(page.find("131,072 B") != std::string::npos);
  CHECK(page.find("as published") != std::string::npos);
  CHECK(page.find("multi-token") == std::string::npos);
  CHECK(text(describe(test::catalogue().find("deepseek-ai/DeepSeek-V3"))).find("multi-token") != std::string::npos);
}
