// The memory plan against block counts that real engines logged, and its refusals.
#include "sim/llm/memory_plan.hpp"

#include <cmath>
#include <iostream>
#include <string>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;

/// What vLLM logs as total_gpu_memory of an H100 SXM 80 GB (vllm-project/vllm pull request 12126).
constexpr Bytes h100{79.22 * gib};

MemorySettings settings(Bytes memory, std::int64_t chunk) {
  MemorySettings out;
  out.device_memory = memory;
  out.gpu_memory_utilization = 0.9;
  out.max_num_batched_tokens = chunk;
  out.max_num_seqs = 128;
  out.max_model_len = 4096;
  return out;
}

struct Logged {
  const char* model;
  int tensor;
  std::int64_t chunk;
  std::int64_t blocks;
};

/// Blocks of 16 tokens from the logs of vLLM 0.15.1, 16-bit weights and cache, utilisation 0.90 (inference-sim,
/// sim-to-real-accuracy-validation). Where the source gives no chunk with the count, that of the model's serving runs.
constexpr Logged logged[] = {
    {"meta-llama/Llama-2-7b-hf", 1, 2048, 7463},
    {"mistralai/Mistral-Nemo-Instruct-2407", 1, 2048, 19251},
    {"Qwen/Qwen2.5-7B-Instruct", 1, 2048, 65352},
    {"mistralai/Mixtral-8x7B-v0.1", 2, 2048, 27511},
    {"codellama/CodeLlama-34b-Instruct-hf", 2, 2048, 26603},
    {"mistralai/Mistral-Nemo-Instruct-2407", 2, 1024, 48009},
    {"01-ai/Yi-34B", 2, 2048, 20793},
    {"meta-llama/Llama-2-70b-hf", 4, 2048, 31357},
    {"meta-llama/Llama-3.1-70B", 4, 2048, 30425},
    {"meta-llama/Llama-3.1-70B", 4, 8192, 30251},
};

std::string refusal(const char* model, const Deployment& deployment, const MemorySettings& wanted) {
  try {
    (void)plan_memory(test::catalogue().find(model), deployment, wanted);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("block counts are those of the engine's log within 1.5 per cent") {
  for (const Logged& row : logged) {
    INFO(row.model << " over " << row.tensor << ", chunk " << row.chunk);
    Deployment deployment;
    deployment.tensor = row.tensor;
    const MemoryPlan plan = plan_memory(test::catalogue().find(row.model), deployment, settings(h100, row.chunk));
    const double error = static_cast<double>(plan.blocks) / static_cast<double>(row.blocks) - 1;
    std::cout << "cache blocks " << row.model << " TP" << row.tensor << " chunk " << row.chunk << ": " << plan.blocks
              << " for " << row.blocks << " logged (" << std::round(error * 1e4) / 100 << " %)\n";
    CHECK(std::abs(error) < 0.015);
  }
}

TEST_CASE("the plan is a sum whose rest is less than a block") {
  Deployment deployment;
  deployment.tensor = 4;
  const MemoryPlan plan =
      plan_memory(test::catalogue().find("meta-llama/Llama-3.1-70B"), deployment, settings(h100, 8192));
  const double rest = (plan.budget - plan.taken()).value - static_cast<double>(plan.blocks) * plan.block.value;
  CHECK(rest >= 0);
  CHECK(rest < plan.block.value);
  CHECK(plan.usable_blocks() == plan.blocks - 1);
  CHECK(plan.block.value == 16 * 327680.0 / 4);
}

TEST_CASE("more of anything that takes memory leaves fewer blocks") {
  const ModelShape model = test::catalogue().find("meta-llama/Llama-3.1-8B");
  const auto blocks = [&](auto change) {
    MemorySettings changed = settings(h100, 2048);
    Deployment deployment;
    change(changed, deployment);
    return plan_memory(model, deployment, changed).blocks;
  };
  const std::int64_t base = blocks([](MemorySettings&, Deployment&) {});
  CHECK(blocks([](MemorySettings& s, Deployment&) { s.max_num_batched_tokens = 16384; }) < base);
  CHECK(blocks([](MemorySettings& s, Deployment&) { s.max_num_seqs = 1024; }) < base);
  CHECK(blocks([](MemorySettings& s, Deployment&) { s.gpu_memory_utilization = 0.95; }) > base);
  CHECK(blocks([](MemorySettings&, Deployment& d) { d.weights = Precision::fp8; }) > base);
  CHECK(blocks([](MemorySettings& s, Deployment&) { s.block_size = 32; }) == base / 2);
  const std::int64_t narrow = blocks([](MemorySettings&, Deployment& d) { d.kv = Precision::fp8; });
  CHECK((narrow == 2 * base || narrow == 2 * base + 1));
}

TEST_CASE("a model that does not fit is refused with the sum and what would fit") {
  MemorySettings wanted = settings(h100, 2048);
  wanted.max_model_len = 32768;
  const std::string message = refusal("meta-llama/Llama-3.1-70B", Deployment{}, wanted);
  INFO(message);
  CHECK(contains(message, "weights 141.1 GB"));
  CHECK(contains(message, "exceed 76.6 GB (85.1 GB x 0.9)"));
  CHECK(contains(message, "use tensor parallelism of 4 or more"));

  Deployment advised;
  advised.tensor = 4;
  CHECK(refusal("meta-llama/Llama-3.1-70B", advised, wanted).empty());
  advised.tensor = 2;
  CHECK(!refusal("meta-llama/Llama-3.1-70B", advised, wanted).empty());
}

TEST_CASE("one sequence of the longest length must fit, to the block") {
  const ModelShape model = test::catalogue().find("meta-llama/Llama-3.1-8B");
  MemorySettings wanted = settings(h100, 2048);
  const std::int64_t longest = plan_memory(model, Deployment{}, wanted).usable_blocks() * 16;
  wanted.max_model_len = longest;
  CHECK(plan_memory(model, Deployment{}, wanted).usable_blocks() * 16 == longest);
  wanted.max_model_len = longest + 1;
  const std::string message = refusal("meta-llama/Llama-3.1-8B", Deployment{}, wanted);
  INFO(message);
  CHECK(contains(message, "lower max_model_len to " + std::to_string(longest)));
}

TEST_CASE("settings that make no sense are a defect of the caller") {
  MemorySettings broken = settings(h100, 2048);
  broken.block_size = 0;
  CHECK_THROWS_AS(plan_memory(test::catalogue().find("meta-llama/Llama-3.1-8B"), Deployment{}, broken), LogicError);
}
