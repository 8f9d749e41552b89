// Every lever of a model changes the bytes and the operations that it says, and leaves the others alone.
#include <string>
#include <variant>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/llm/key_walks.hpp"
#include "sim/llm/operators.hpp"
#include "sim/scenario/build.hpp"
#include "sim/scenario/resolved.hpp"
#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

const char* const llama = "meta-llama/Llama-3.1-8B";
const char* const deepseek = "deepseek-ai/DeepSeek-V3";

BuiltPool pool(const std::string& model, const std::vector<std::string>& edits, const std::string& device = "h100_sxm",
               int tensor = 1) {
  RunOptions options;
  options.set = {"/model={\"config\": \"" + model + "\"}", "/pools/0/device=" + device,
                 "/pools/0/parallelism={\"tensor\": " + std::to_string(tensor) + "}",
                 "/pools/0/engine/max_model_len=4096", "/interconnect=hgx_" + device.substr(0, device.find('_'))};
  options.set.insert(options.set.end(), edits.begin(), edits.end());
  const LoadedScenario loaded = load_scenario(test::quickstart(), test::catalogue(), options);
  return build(loaded.scenario, test::catalogue(), loaded.build).pools.at(0);
}

std::string refusal(const std::string& model, const std::vector<std::string>& edits,
                    const std::string& device = "h100_sxm") {
  try {
    (void)pool(model, edits, device);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// All that a cycle's price is made of, by what moves it and what computes it.
struct Amounts {
  double weight_bytes = 0;     ///< of the layers' matrices
  double row_bytes = 0;        ///< activations of one token
  double product_flops = 0;    ///< of one token, layers only
  double cache_bytes = 0;      ///< read for one token at a context of 4000
  double attention_flops = 0;  ///< the same
  double stored = 0;           ///< cache of one token

  friend bool operator==(const Amounts&, const Amounts&) = default;
};

Amounts amounts(const BuiltPool& pool) {
  constexpr std::int64_t context = 4000;
  Amounts out;
  for (const Placed& placed : cycle_operators(pool.model, pool.deployment)) {
    if (const auto* gemm = std::get_if<Gemm>(&placed.work); gemm != nullptr && gemm->name != "lm_head") {
      out.weight_bytes += placed.count * gemm->weights.value;
      out.row_bytes += placed.count * gemm->activations_per_row.value;
      out.product_flops += placed.count * gemm->flops_per_row.value;
    }
    if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      const auto keys = static_cast<double>(reached(placed.reach, context));
      out.cache_bytes += placed.count * attention->kv_per_token.value * keys;
      out.attention_flops += placed.count * attention->flops_per_decode_pair.value * keys;
    }
  }
  out.stored = footprint(pool.model, pool.deployment).kv_per_token.value;
  return out;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a compressed cache changes the cache and the work that it costs, and no weight") {
  const Amounts plain = amounts(pool(llama, {}));
  Amounts expected = plain;
  expected.cache_bytes /= 4;
  expected.stored /= 4;
  CHECK(amounts(pool(llama, {"/model/kv_compression={\"ratio\": 4}"})) == expected);
  expected.product_flops += 32 * 1e6;
  expected.attention_flops += 32 * 2e3 * 4000;
  const BuiltPool costly =
      pool(llama, {"/model/kv_compression={\"ratio\": 4, \"compress\": \"1 MFLOP\", \"expand\": \"2 kFLOP\"}"});
  CHECK(amounts(costly) == expected);
  CHECK(costly.memory.block.value * 4 == pool(llama, {}).memory.block.value);
  CHECK(static_cast<double>(costly.memory.blocks) > 3.9 * static_cast<double>(pool(llama, {}).memory.blocks));
}

TEST_CASE("sparse weights save bytes everywhere and products where the device skips the pattern") {
  const Amounts plain = amounts(pool(llama, {}));
  Amounts expected = plain;
  // Half of the 16-bit weights with two bits each.
  expected.weight_bytes *= 0.5 * (1 + 2.0 / 16);
  expected.product_flops *= 0.5;
  CHECK(amounts(pool(llama, {"/model/weight_sparsity={\"pattern\": \"2:4\"}"})) == expected);

  expected = plain;
  expected.weight_bytes *= 0.25 + 1.0 / 16;
  const Amounts masked =
      amounts(pool(llama, {"/model/weight_sparsity={\"pattern\": \"unstructured\", \"kept\": 0.25}"}));
  CHECK(masked == expected);
  CHECK(masked.product_flops == plain.product_flops);

  CHECK(contains(refusal(llama, {"/model/weight_sparsity={\"pattern\": \"2:4\", \"kept\": 0.3}"}), "is 0.5"));
}

TEST_CASE("a budget of attention reads fewer keys and keeps all of them") {
  const Amounts plain = amounts(pool(llama, {}));
  Amounts expected = plain;
  expected.cache_bytes /= 4;
  expected.attention_flops /= 4;
  CHECK(amounts(pool(llama, {"/model/sparse_attention={\"tokens\": 1000}"})) == expected);

  const Amounts chosen = amounts(pool(
      llama, {"/model/sparse_attention={\"tokens\": 1000, \"index_bytes\": \"64 B\", \"index_work\": \"1 kFLOP\"}"}));
  CHECK(chosen.stored == plain.stored + 32 * 64);
  CHECK(chosen.cache_bytes == expected.cache_bytes + 32 * 64.0 * 4000);
  CHECK(chosen.attention_flops == expected.attention_flops + 32 * 1e3 * 4000);
  CHECK(chosen.weight_bytes == plain.weight_bytes);
  CHECK(chosen.product_flops == plain.product_flops);

  // Layers with a window shorter than the budget are left alone; where all are, the key is refused.
  CHECK(contains(refusal("microsoft/Phi-mini-MoE-instruct", {"/model/sparse_attention={\"tokens\": 1000}"}),
                 "changes nothing"));
}

TEST_CASE("four-bit weights on a device without four-bit products save bytes and no products") {
  const BuiltPool wide = pool(llama, {});
  for (const char* format : {"nvfp4", "mxfp4", "int4", "int4_g32", "ternary"}) {
    INFO(format);
    const BuiltPool narrow = pool(llama, {std::string("/model/weights=") + format});
    CHECK(narrow.deployment.compute == Precision::bf16);
    Amounts expected = amounts(wide);
    expected.weight_bytes *= bytes_per_weight(narrow.deployment.weights) / 2;
    CHECK(amounts(narrow) == expected);
    // Nor is the arithmetic faster: a long prompt, which arithmetic limits, takes at least as long.
    Gemm four;
    for (const Placed& placed : cycle_operators(narrow.model, narrow.deployment)) {
      if (const auto* gemm = std::get_if<Gemm>(&placed.work); gemm != nullptr && gemm->name == "down") four = *gemm;
    }
    Gemm sixteen = four;
    sixteen.weight_format = sixteen.compute = Precision::bf16;
    const double rows = 8192;
    CHECK(narrow.device->gemm(four, rows).busy[Tier::compute].value ==
          wide.device->gemm(sixteen, rows).busy[Tier::compute].value);
  }
  CHECK(pool(llama, {"/model/weights=nvfp4"}, "b200_sxm").deployment.compute == Precision::nvfp4);
}

TEST_CASE("formats of parts are told apart") {
  const BuiltPool oss = pool("openai/gpt-oss-20b", {});
  CHECK(oss.deployment.weights == Precision::mxfp4);
  CHECK(oss.deployment.attention_format() == Precision::bf16);
  CHECK(oss.deployment.attention_compute == Precision::bf16);
  const BuiltPool whole = pool("openai/gpt-oss-20b", {"/model/weights=fp8"});
  CHECK(whole.deployment.attention_format() == Precision::fp8);
  const BuiltPool named = pool("openai/gpt-oss-20b", {"/model/weights=fp8", "/model/attention_weights=bf16"});
  CHECK(named.deployment.attention_format() == Precision::bf16);
  CHECK(amounts(named).weight_bytes > amounts(whole).weight_bytes);
  CHECK(amounts(named).product_flops == amounts(whole).product_flops);

  const Amounts plain = amounts(pool(llama, {"/model/weights=fp8"}));
  Amounts expected = plain;
  expected.row_bytes /= 2;
  CHECK(amounts(pool(llama, {"/model/weights=fp8", "/model/activations=fp8"})) == expected);
  expected = plain;
  expected.cache_bytes /= 2;
  expected.stored /= 2;
  CHECK(amounts(pool(llama, {"/model/weights=fp8", "/model/kv_cache=fp8"})) == expected);
}

TEST_CASE("the format of products is the device's or one that it has") {
  const BuiltPool widened = pool(llama, {"/model/weights=fp8", "/model/compute=bf16"});
  CHECK(widened.deployment.compute == Precision::bf16);
  CHECK(amounts(widened) == amounts(pool(llama, {"/model/weights=fp8"})));
  CHECK(contains(refusal(llama, {"/model/weights=nvfp4", "/model/compute=nvfp4"}), "native are bf16, fp16, fp8, int8"));
  CHECK(contains(refusal(llama, {"/model/compute=fp8"}), "are not multiplied in the narrower fp8"));
}

TEST_CASE("without absorbed projections a decode expands its context, and stores no more") {
  const std::vector<std::string> small = {"/pools/0/engine/max_num_seqs=16"};
  const BuiltPool absorbed = pool(deepseek, {"/model/weights=nvfp4", small[0]}, "b200_sxm", 8);
  const BuiltPool expanded =
      pool(deepseek, {"/model/weights=nvfp4", small[0], "/model/absorbed_projections=false"}, "b200_sxm", 8);
  const Amounts a = amounts(absorbed);
  const Amounts e = amounts(expanded);
  CHECK(e.stored == a.stored);
  CHECK(e.weight_bytes == a.weight_bytes);
  CHECK(e.product_flops == a.product_flops);
  // 16 heads a rank; each key is expanded from 512 to 128 + 128 and then meets a query of 192 and gives a value of 128.
  CHECK(e.attention_flops == 61.0 * 4000 * 16 * (2 * 512 * 256 + 2 * (192 + 128)));
  CHECK(e.cache_bytes == a.cache_bytes + 61.0 * 4000 * 16 * 256 * 2 * 2);
  CHECK(contains(refusal(llama, {"/model/absorbed_projections=false"}), "no layer has latent attention"));
}

TEST_CASE("a report repeats the formats and levers that were used") {
  RunOptions options;
  options.set = {
      "/model={\"config\": \"openai/gpt-oss-20b\", \"kv_compression\": {\"ratio\": 2}, "
      "\"weight_sparsity\": {\"pattern\": \"2:4\"}, \"sparse_attention\": {\"tokens\": 512}}",
      "/workload/requests=50"};
  const test::Finished first = test::run_scenario(test::quickstart(), options);
  const json::Node resolved = resolved_scenario(first.loaded, first.outcome.built);
  const json::Node* model = resolved.find("model");
  REQUIRE(model != nullptr);
  CHECK(model->find("weights")->text == "mxfp4");
  CHECK(model->find("attention_weights")->text == "bf16");
  CHECK(model->find("activations")->text == "bf16");
  CHECK(model->find("weight_sparsity")->find("kept") != nullptr);
  CHECK(model->find("kv_compression")->find("compress") != nullptr);
  CHECK(model->find("sparse_attention")->find("index_bytes") != nullptr);
}

TEST_CASE("a chip without sparse attention refuses the lever as it refuses a model that has it") {
  const auto why = [](const std::string& edit) -> std::string {
    RunOptions options;
    options.set = {"/pools/0/device=etched_sohu"};
    if (!edit.empty()) options.set.push_back(edit);
    try {
      const LoadedScenario loaded = load_scenario(test::quickstart(), test::catalogue(), options);
      (void)build(loaded.scenario, test::catalogue(), loaded.build);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(why("") == "accepted");
  CHECK(why(R"(/model/sparse_attention={"tokens": 2048})") ==
        "pool \"chat\" cannot run meta-llama/Llama-3.1-8B: Etched Sohu has no sparse_attention in its data path and "
        "cannot be given one");
}
