// Operations of a prefill and of a decode against sums written from the dimensions that papers and model cards give,
// product by product: nothing here asks the code for a formula.
#include <algorithm>
#include <cstdint>

#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

/// Two operations for each weight of a product.
double product(double in, double out) { return 2 * in * out; }

/// Sum over the new tokens of min(their context, reach).
double pairs(std::int64_t tokens, std::int64_t prior, std::int64_t reach) {
  double sum = 0;
  for (std::int64_t i = 1; i <= tokens; ++i) sum += static_cast<double>(std::min(prior + i, reach));
  return sum;
}

constexpr std::int64_t everything = std::int64_t{1} << 40;

struct Counted {
  double token = 0;  ///< all that does not depend on the context, for one token, without the head
  double head = 0;
};

void check(const char* name, const Counted& counted, double (*attention)(std::int64_t tokens, std::int64_t prior),
           double (*decode_attention)(std::int64_t context)) {
  const ModelShape model = test::catalogue().find(name);
  for (const std::int64_t context : {1, 100, 1000, 5000, 131072}) {
    INFO(name << ", decode at " << context);
    const double expected = counted.token + counted.head + decode_attention(context);
    CHECK(decode_flops(model, context).value == Approx(expected).epsilon(1e-3));
  }
  const std::int64_t prompts[][2] = {{1, 0}, {512, 0}, {3000, 0}, {2048, 6000}};
  for (const auto& [tokens, prior] : prompts) {
    INFO(name << ", prefill of " << tokens << " behind " << prior);
    const double expected = counted.token * static_cast<double>(tokens) + counted.head + attention(tokens, prior);
    CHECK(prefill_flops(model, tokens, prior).value == Approx(expected).epsilon(1e-3));
  }
}

}  // namespace

// Llama 3.1 70B (arXiv 2407.21783, table 3): 80 layers of 8192, 64 heads of 128, 8 KV heads, width 28672.
TEST_CASE("operations of a dense model with grouped queries") {
  Counted c;
  c.token =
      80 * (product(8192, 64 * 128) + 2 * product(8192, 8 * 128) + product(64 * 128, 8192) + 3 * product(8192, 28672));
  c.head = product(8192, 128256);
  check(
      "meta-llama/Llama-3.1-70B", c,
      [](std::int64_t t, std::int64_t p) { return 80 * 64 * (2 + 2) * 128 * pairs(t, p, everything); },
      [](std::int64_t context) { return 80 * 64 * (2 + 2) * 128.0 * static_cast<double>(context); });
}

// Qwen3-235B-A22B (arXiv 2505.09388, table 2): 94 layers of 4096, 64 heads of 128, 4 KV heads, 8 of 128 experts of
// 1536.
TEST_CASE("operations of a mixture of experts") {
  Counted c;
  c.token = 94 * (product(4096, 64 * 128) + 2 * product(4096, 4 * 128) + product(64 * 128, 4096) + product(4096, 128) +
                  8 * 3 * product(4096, 1536));
  c.head = product(4096, 151936);
  check(
      "Qwen/Qwen3-235B-A22B", c,
      [](std::int64_t t, std::int64_t p) { return 94 * 64 * (2 + 2) * 128 * pairs(t, p, everything); },
      [](std::int64_t context) { return 94 * 64 * (2 + 2) * 128.0 * static_cast<double>(context); });
}

// DeepSeek-V3 (arXiv 2412.19437, section 4.2): 61 layers of 7168, 128 heads, query latent 1536, latent 512 with 64
// rotary dimensions, 128 a head; the first three layers dense of 18432, then 8 of 256 experts and a shared one of 2048.
// A decode multiplies each query with the up projection of keys and each result with that of values (128 x 512 a head
// each) and attends to the latent; a prefill expands the latent of each token by the same weights.
TEST_CASE("operations of latent attention") {
  Counted c;
  const double up = product(512, 128 * (128 + 128));
  const double attention =
      product(7168, 1536) + product(1536, 128 * (128 + 64)) + product(7168, 512 + 64) + up + product(128 * 128, 7168);
  c.token =
      61 * attention + 3 * 3 * product(7168, 18432) + 58 * (product(7168, 256) + (8 + 1) * 3 * product(7168, 2048));
  c.head = product(7168, 129280);
  check(
      "deepseek-ai/DeepSeek-V3", c,
      [](std::int64_t t, std::int64_t p) { return 61 * 128 * (2 * (128 + 64) + 2 * 128) * pairs(t, p, everything); },
      [](std::int64_t context) { return 61 * 128 * (2 * (512 + 64) + 2 * 512.0) * static_cast<double>(context); });
}

// gpt-oss-120b (arXiv 2508.10925, section 2): 36 layers of 2880, 64 heads of 64, 8 KV heads, every other layer with a
// window of 128, 4 of 128 experts of 2880.
TEST_CASE("operations of alternating windows") {
  Counted c;
  c.token = 36 * (product(2880, 64 * 64) + 2 * product(2880, 8 * 64) + product(64 * 64, 2880) + product(2880, 128) +
                  4 * 3 * product(2880, 2880));
  c.head = product(2880, 201088);
  check(
      "openai/gpt-oss-120b", c,
      [](std::int64_t t, std::int64_t p) {
        return 64 * (2 + 2) * 64 * (18 * pairs(t, p, everything) + 18 * pairs(t, p, 128));
      },
      [](std::int64_t context) {
        return 64 * (2 + 2) * 64.0 * static_cast<double>(18 * context + 18 * std::min<std::int64_t>(context, 128));
      });
}

// Qwen3-Next-80B-A3B (model card): 48 layers of 2048; every fourth with 16 gated heads of 256 over 2 KV heads, the
// others with the gated delta rule (arXiv 2412.06464): 16 key and 32 value heads of 128, a convolution of 4, and for
// each token S k, the outer product of the correction with k, and S q; 10 of 512 experts and a gated shared one of 512.
TEST_CASE("operations of a hybrid with linear layers") {
  Counted c;
  const double experts = product(2048, 512) + (10 + 1) * 3 * product(2048, 512) + product(2048, 1);
  const double full = 2 * product(2048, 16 * 256) + 2 * product(2048, 2 * 256) + product(16 * 256, 2048);
  const double linear = 2 * product(2048, 16 * 128) + 2 * product(2048, 32 * 128) + 2 * product(2048, 32) +
                        2 * 4 * (2 * 16 * 128 + 32 * 128) + 32 * 3 * product(128, 128) + product(32 * 128, 2048);
  c.token = 12 * full + 36 * linear + 48 * experts;
  c.head = product(2048, 151936);
  check(
      "Qwen/Qwen3-Next-80B-A3B-Instruct", c,
      [](std::int64_t t, std::int64_t p) { return 12 * 16 * (2 + 2) * 256 * pairs(t, p, everything); },
      [](std::int64_t context) { return 12 * 16 * (2 + 2) * 256.0 * static_cast<double>(context); });
}

// Nemotron-3 Nano 30B-A3B (model card): 52 blocks of 2688: 23 Mamba-2 (arXiv 2405.21060: 64 heads of 64, state 128, 8
// groups, a convolution of 4; for each token the outer product of input and B, and the product of state and C), 23 of
// experts (6 of 128 of 1856 without gates, a shared one of 3712), and 6 of attention with 32 heads of 128 over 2.
TEST_CASE("operations of a hybrid with state-space layers") {
  Counted c;
  const double inner = 64 * 64;
  const double mamba = product(2688, 2 * inner + 2 * 8 * 128 + 64) + 2 * 4 * (inner + 2 * 8 * 128) +
                       64 * 2 * product(64, 128) + product(inner, 2688);
  const double experts = product(2688, 128) + 2 * (6 * product(2688, 1856) + product(2688, 3712));
  const double full = product(2688, 32 * 128) + 2 * product(2688, 2 * 128) + product(32 * 128, 2688);
  c.token = 23 * mamba + 23 * experts + 6 * full;
  c.head = product(2688, 131072);
  check(
      "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", c,
      [](std::int64_t t, std::int64_t p) { return 6 * 32 * (2 + 2) * 128 * pairs(t, p, everything); },
      [](std::int64_t context) { return 6 * 32 * (2 + 2) * 128.0 * static_cast<double>(context); });
}

// DeepSeek-V3.2 (its report, section 2): attention of DeepSeek-V3 on the latent over at most 2048 keys, which 64 index
// heads of 128 choose from all of them.
TEST_CASE("operations of sparse attention are those of few keys and of choosing among all") {
  const ModelShape sparse = test::catalogue().find("deepseek-ai/DeepSeek-V3.2");
  const ModelShape dense = test::catalogue().find("deepseek-ai/DeepSeek-V3");
  const auto grown = [](const ModelShape& model) {
    return decode_flops(model, 100000).value - decode_flops(model, 50000).value;
  };
  CHECK(grown(sparse) == 50000.0 * 61 * 2 * 64 * 128);
  CHECK(grown(dense) == 50000.0 * 61 * 2 * 128 * (2 * 512 + 64));
  const double short_context = decode_flops(sparse, 1001).value - decode_flops(sparse, 1).value;
  CHECK(short_context == Approx(1000.0 * 61 * 2 * (64 * 128 + 128 * (2 * 512 + 64))).epsilon(1e-12));
}
