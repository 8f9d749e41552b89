// Every published configuration file at hand is either read to the last digit or refused by the name of its mechanism.
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/llm/config_reader.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"
#include "tests/shared.hpp"

using namespace memwall;

namespace {

/// Files that hold something we cannot compute, with the word by which the refusal must call it.
const std::map<std::string, std::string> refused = {
    {"MiniMaxAI__MiniMax-M1-80k.json", "lightning attention"},
    {"MiniMaxAI__MiniMax-M3.json", "MSA"},
    {"Qwen__Qwen3-Next-80B-A3B-Instruct.json", "linear attention"},
    {"Qwen__Qwen3.5-122B-A10B.json", "linear attention"},
    {"Qwen__Qwen3.5-27B.json", "linear attention"},
    {"Qwen__Qwen3.5-35B-A3B.json", "linear attention"},
    {"Qwen__Qwen3.5-397B-A17B.json", "linear attention"},
    {"XiaomiMiMo__MiMo-V2-Flash.json", "sliding-window"},
    {"deepseek-ai__DeepSeek-V3.2.json", "DSA"},
    {"deepseek-ai__DeepSeek-V4-Flash.json", "compressed sparse attention"},
    {"deepseek-ai__DeepSeek-V4-Pro.json", "compressed sparse attention"},
    {"google__gemma-4-26B-A4B.json", "sliding_attention"},
    {"meta-llama__Llama-4-Maverick-17B-128E-Instruct.json", "chunked attention"},
    {"meta-llama__Llama-4-Scout-17B-16E-Instruct.json", "chunked attention"},
    {"microsoft__Phi-mini-MoE-instruct.json", "sliding-window attention over 2047 tokens"},
    {"moonshotai__Kimi-K3.json", "linear attention"},
    {"nvidia__Gemma-4-31B-IT-NVFP4.json", "sliding_attention"},
    {"nvidia__Llama-3_3-Nemotron-Super-49B-v1.json", "architecture search"},
    {"nvidia__NVIDIA-Nemotron-3-Nano-30B-A3B-BF16.json", "Mamba-2"},
    {"nvidia__NVIDIA-Nemotron-3-Super-120B-A12B-FP8.json", "Mamba-2"},
    {"nvidia__NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16.json", "Mamba-2"},
    {"nvidia__Nemotron-H-56B-Base-8K.json", "Mamba-2"},
    {"openai__gpt-oss-120b.json", "sliding_attention"},
    {"openai__gpt-oss-20b.json", "sliding_attention"},
    {"zai-org__GLM-5.2.json", "DSA"},
    {"zai-org__GLM-5.json", "DSA"},
};

std::map<std::string, std::vector<std::int64_t>> expected_rows(const std::filesystem::path& path) {
  std::map<std::string, std::vector<std::int64_t>> out;
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream cells(line);
    std::string file;
    std::string cell;
    std::getline(cells, file, ',');
    std::getline(cells, cell, ',');
    while (std::getline(cells, cell, ',')) out[file].push_back(std::stoll(cell));
  }
  return out;
}

/// The expected table leaves out the router's bias of a multi-token prediction layer, which the published weights hold
/// (e_score_correction_bias exists in the layer after the last).
std::int64_t router_bias_of_mtp(const ModelShape& model) {
  const auto* moe = std::get_if<MoeFfn>(&model.layers.back().ffn);
  return moe != nullptr && moe->router_bias ? model.mtp_layers * moe->experts : 0;
}

/// The same table counts the router's bias in the total of every model, but leaves it out of the active count of the
/// latent-attention models (and keeps it for the others). We count it wherever the model adds it for a token.
std::int64_t router_bias_of_active(const ModelShape& model) {
  std::int64_t sum = 0;
  for (const LayerGroup& group : model.layers) {
    const auto* moe = std::get_if<MoeFfn>(&group.ffn);
    const bool left_out =
        moe != nullptr && moe->router_bias && std::holds_alternative<LatentAttention>(group.attention);
    if (left_out) sum += group.count * moe->experts;
  }
  return sum;
}

void check_against(const ModelShape& model, const std::vector<std::int64_t>& row) {
  const ParameterCount all = count_parameters(model);
  CHECK(all.total() == row.at(0));
  CHECK(count_active_parameters(model).total() == row.at(1) + router_bias_of_active(model));
  CHECK(all.embedding == row.at(2));
  CHECK(all.head == row.at(3));
  CHECK(all.mtp == row.at(4) + router_bias_of_mtp(model));
  const double cache = kv_bytes_per_token(model, Precision::bf16).value;
  CHECK(cache == static_cast<double>(row.at(5)));
  CHECK(cache == static_cast<double>(row.at(6)));
  CHECK(cache * 131072 == static_cast<double>(row.at(7)));
}

}  // namespace

TEST_CASE("published configurations are read to the last digit or refused by their mechanism") {
  const auto folder = test::shared("reading published configurations");
  if (!folder) return;
  const auto expected = expected_rows(*folder / "model_configs" / "expected_params.csv");
  REQUIRE(expected.size() >= 59);
  int supported = 0;
  int named = 0;
  for (const auto& path : test::json_files(*folder / "model_configs")) {
    const std::string file = path.filename().string();
    INFO(file);
    const auto mechanism = refused.find(file);
    if (mechanism == refused.end()) {
      const ModelShape model = read_model_config(file, test::read_text(path), file);
      REQUIRE(expected.contains(file));
      check_against(model, expected.at(file));
      ++supported;
      continue;
    }
    try {
      (void)read_model_config(file, test::read_text(path), file);
      FAIL("was not refused");
    } catch (const InputError& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(mechanism->second) != std::string::npos);
      for (const Fault& fault : error.faults()) {
        CHECK(fault.file == file);
        CHECK(fault.line > 0);
        CHECK(!fault.pointer.empty());
        CHECK((fault.pointer == "/model_type" || fault.message.find("model_type '") != std::string::npos));
      }
      ++named;
    }
  }
  std::cout << "published configurations: " << supported << " read exactly, " << named << " refused by mechanism\n";
  CHECK(supported + named == static_cast<int>(expected.size()));
}

TEST_CASE("the formats of published weights are found where the files say them") {
  const auto folder = test::shared("formats of published weights");
  if (!folder) return;
  const auto format = [&](const char* file) {
    return read_model_config(file, test::read_text(*folder / "model_configs" / file), file).declared_weights;
  };
  CHECK(format("deepseek-ai__DeepSeek-R1.json") == Precision::fp8);
  CHECK(format("Qwen__Qwen3-235B-A22B-FP8.json") == Precision::fp8);
  CHECK(format("moonshotai__Kimi-K2.5.json") == Precision::int4);
  CHECK(format("meta-llama__Llama-2-7b-hf.json") == Precision::fp16);
  CHECK(format("Qwen__Qwen3-8B.json") == Precision::bf16);
}

TEST_CASE("our catalogue has the same sizes as the published files of the same models") {
  const auto folder = test::shared("comparing the catalogue with published files");
  if (!folder) return;
  int compared = 0;
  for (const std::string& name : test::catalogue().names()) {
    std::string file = name;
    file.replace(file.find('/'), 1, "__");
    const auto path = *folder / "model_configs" / (file + ".json");
    if (!std::filesystem::exists(path)) continue;
    INFO(name);
    const ModelShape ours = test::catalogue().find(name);
    const ModelShape theirs = read_model_config(file, test::read_text(path), name);
    CHECK(ours.hidden == theirs.hidden);
    CHECK(ours.vocab == theirs.vocab);
    CHECK(ours.declared_weights == theirs.declared_weights);
    CHECK(ours.tied_embeddings == theirs.tied_embeddings);
    CHECK(ours.mtp_layers == theirs.mtp_layers);
    REQUIRE(ours.layers.size() == theirs.layers.size());
    for (std::size_t i = 0; i < ours.layers.size(); ++i) {
      CHECK(ours.layers[i].count == theirs.layers[i].count);
      CHECK((ours.layers[i].attention == theirs.layers[i].attention));
      CHECK((ours.layers[i].ffn == theirs.layers[i].ffn));
    }
    ++compared;
  }
  CHECK(compared >= 20);
}
