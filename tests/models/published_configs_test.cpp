// Every published configuration file at hand is read to the last digit.
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "sim/llm/config_reader.hpp"
#include "sim/llm/operators.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"
#include "tests/shared.hpp"

using namespace memwall;

namespace {

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

/// The table counts the router's bias in the total of every model, but leaves it out of the active count of the models
/// whose cache is a latent (and keeps it for the others). We count it wherever the model adds it for a token.
std::int64_t router_bias_of_active(const ModelShape& model) {
  std::int64_t sum = 0;
  for (const LayerGroup& group : model.layers) {
    const auto* moe = std::get_if<MoeFfn>(&group.ffn);
    const bool left_out = model.family != "kimi_linear" && moe != nullptr && moe->router_bias &&
                          std::holds_alternative<LatentAttention>(group.attention);
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
  // The table leaves the vectors of these layers out (router bias, gate of the shared expert, hyper-connections), which
  // published weights hold.
  CHECK(all.mtp >= row.at(4));
  CHECK(static_cast<double>(all.mtp) <= static_cast<double>(row.at(4)) * 1.0002);
  CHECK(kv_bytes_per_token(model, Precision::bf16).value == static_cast<double>(row.at(5)));
  CHECK(kv_bytes_beyond_windows(model, Precision::bf16).value == static_cast<double>(row.at(6)));
  CHECK(kv_bytes_of_sequence(model, Precision::bf16, 131072).value == static_cast<double>(row.at(7)));
  CHECK(state_bytes_per_sequence(model).value == static_cast<double>(row.at(8)));
}

}  // namespace

TEST_CASE("every published configuration is read to the last digit") {
  const auto folder = test::shared("reading published configurations");
  if (!folder) return;
  const auto expected = expected_rows(*folder / "model_configs" / "expected_params.csv");
  REQUIRE(expected.size() >= 59);
  int read = 0;
  for (const auto& path : test::json_files(*folder / "model_configs")) {
    const std::string file = path.filename().string();
    INFO(file);
    REQUIRE(expected.contains(file));
    check_against(read_model_config(file, test::read_text(path), file), expected.at(file));
    ++read;
  }
  std::cout << "published configurations: " << read << " read exactly\n";
  CHECK(read == static_cast<int>(expected.size()));
}

TEST_CASE("every published configuration has operators on one rank and on some other degree") {
  const auto folder = test::shared("operators of published configurations");
  if (!folder) return;
  for (const auto& path : test::json_files(*folder / "model_configs")) {
    const std::string file = path.filename().string();
    INFO(file);
    const ModelShape model = read_model_config(file, test::read_text(path), file);
    const std::vector<int> degrees = tensor_degrees(model, 16);
    CHECK(degrees.size() >= 2);
    for (const int degree : degrees) {
      Deployment deployment;
      deployment.tensor = degree;
      CHECK(cycle_operators(model, deployment).size() > 3);
    }
  }
}

TEST_CASE("the formats of published weights are found where the files say them") {
  const auto folder = test::shared("formats of published weights");
  if (!folder) return;
  const auto format = [&](const char* file) {
    return read_model_config(file, test::read_text(*folder / "model_configs" / file), file).declared_weights;
  };
  CHECK(format("deepseek-ai__DeepSeek-R1.json") == Precision::fp8);
  CHECK(format("Qwen__Qwen3-235B-A22B-FP8.json") == Precision::fp8);
  CHECK(format("moonshotai__Kimi-K2.5.json") == Precision::int4_g32);
  CHECK(format("openai__gpt-oss-20b.json") == Precision::mxfp4);
  CHECK(format("nvidia__Gemma-4-31B-IT-NVFP4.json") == Precision::nvfp4);
  CHECK(format("meta-llama__Llama-2-7b-hf.json") == Precision::fp16);
  CHECK(format("Qwen__Qwen3-8B.json") == Precision::bf16);
}

TEST_CASE("parts that a checkpoint leaves unquantised keep their format") {
  const auto folder = test::shared("unquantised parts of published weights");
  if (!folder) return;
  const auto read = [&](const char* file) {
    return read_model_config(file, test::read_text(*folder / "model_configs" / file), file);
  };
  const ModelShape oss = read("openai__gpt-oss-120b.json");
  CHECK(oss.declared_attention == Precision::bf16);
  CHECK(!oss.declared_dense.has_value());
  const ModelShape kimi = read("moonshotai__Kimi-K3.json");
  CHECK(kimi.declared_weights == Precision::mxfp4);
  CHECK(kimi.declared_attention == Precision::bf16);
  CHECK(kimi.declared_dense == Precision::bf16);
  const ModelShape deepseek = read("deepseek-ai__DeepSeek-V4-Pro.json");
  CHECK(deepseek.declared_weights == Precision::mxfp4);
  CHECK(deepseek.declared_attention == Precision::fp8);
  CHECK(deepseek.declared_dense == Precision::fp8);
  const ModelShape gemma = read("nvidia__Gemma-4-31B-IT-NVFP4.json");
  CHECK(gemma.declared_attention == Precision::bf16);
  CHECK(!gemma.declared_dense.has_value());
  // Lists of norms and routers leave nothing out that would be quantised.
  const ModelShape qwen = read("Qwen__Qwen3-235B-A22B-FP8.json");
  CHECK(!qwen.declared_attention.has_value());
  CHECK(!qwen.declared_dense.has_value());
}

TEST_CASE("Infinity in a published file is read and noted") {
  const auto folder = test::shared("files with Infinity");
  if (!folder) return;
  const std::string file = "nvidia__Nemotron-H-56B-Base-8K.json";
  const std::string text = test::read_text(*folder / "model_configs" / file);
  REQUIRE(text.find("Infinity") != std::string::npos);
  const ModelShape model = read_model_config(file, text, file);
  REQUIRE(model.notes.size() == 1);
  CHECK(model.notes.front().find("Infinity") != std::string::npos);
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
      CHECK(ours.layers[i].same_as(theirs.layers[i]));
    }
    CHECK(ours.declared_attention == theirs.declared_attention);
    CHECK(ours.declared_dense == theirs.declared_dense);
    CHECK(ours.max_position == theirs.max_position);
    CHECK(count_parameters(ours).total() == count_parameters(theirs).total());
    CHECK(count_parameters(ours).mtp == count_parameters(theirs).mtp);
    ++compared;
  }
  CHECK(compared >= 50);
}
