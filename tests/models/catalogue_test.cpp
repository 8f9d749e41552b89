// The catalogue: every file of it, its aliases, and what a mistyped name is answered.
#include "sim/llm/catalogue.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "sim/base/error.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

std::string refusal(std::string_view name) {
  try {
    (void)test::catalogue().find(name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every model of the catalogue is read and says where it comes from") {
  CHECK(test::catalogue().names().size() >= 30);
  for (const std::string& name : test::catalogue().names()) {
    INFO(name);
    const ModelShape model = test::catalogue().find(name);
    CHECK(model.name == name);
    CHECK(!model.source.empty());
    CHECK(count_parameters(model).total() > 400'000'000);
  }
}

TEST_CASE("models whose exact size is published have it") {
  // Sums over the published safetensors files, tied embeddings counted once.
  const std::map<std::string, std::int64_t> published = {
      {"meta-llama/Llama-2-7b-hf", 6738415616},
      {"meta-llama/Llama-2-13b-hf", 13015864320},
      {"meta-llama/Llama-2-70b-hf", 68976648192},
      {"meta-llama/Llama-3.1-8B", 8030261248},
      {"meta-llama/Llama-3.1-70B", 70553706496},
      {"meta-llama/Llama-3.1-405B", 405853388800},
      {"meta-llama/Llama-3.2-1B", 1235814400},
      {"meta-llama/Llama-3.2-3B", 3212749824},
      {"Qwen/Qwen2.5-0.5B-Instruct", 494032768},
      {"Qwen/Qwen2.5-1.5B-Instruct", 1543714304},
      {"Qwen/Qwen2.5-7B-Instruct", 7615616512},
      {"Qwen/Qwen2.5-14B-Instruct", 14770033664},
      {"Qwen/Qwen2.5-32B-Instruct", 32763876352},
      {"Qwen/Qwen2.5-72B-Instruct", 72706203648},
      {"Qwen/Qwen3-4B", 4022468096},
      {"Qwen/Qwen3-14B", 14768307200},
      {"Qwen/Qwen3-30B-A3B", 30532122624},
      {"mistralai/Mixtral-8x7B-v0.1", 46702792704},
      {"mistralai/Mistral-Nemo-Instruct-2407", 12247782400},
      {"microsoft/phi-4", 14659507200},
      {"01-ai/Yi-34B", 34388917248},
      {"deepseek-ai/DeepSeek-V2-Lite", 15706484224},
  };
  for (const auto& [name, parameters] : published) {
    INFO(name);
    CHECK(count_parameters(test::catalogue().find(name)).total() == parameters);
  }
}

TEST_CASE("every alias leads to its model") {
  CHECK(test::catalogue().aliases().size() >= 30);
  for (const auto& [alias, target] : test::catalogue().aliases()) {
    CHECK(test::catalogue().find(alias).name == target);
  }
  CHECK(test::catalogue().find("meta-llama/Llama-3.1-70B-Instruct").name == "meta-llama/Llama-3.1-70B");
  CHECK(test::catalogue().find("meta-llama/Meta-Llama-3.1-70B").name == "meta-llama/Llama-3.1-70B");
}

TEST_CASE("a mistyped name is answered with the nearest ones") {
  CHECK(contains(refusal("meta-lama/llama-3.1-70b"), "did you mean 'meta-llama/Llama-3.1-70B'"));
  CHECK(contains(refusal("Qwen3-8b"), "did you mean 'Qwen/Qwen3-8B'"));
  CHECK(contains(refusal(""), "there is no model ''"));
}

TEST_CASE("a path to a file is read from the first directory that has it") {
  const std::filesystem::path folder = std::filesystem::path(MEMWALL_BINARY_DIR) / "catalogue_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.json") << test::read_text(std::string(MEMWALL_SOURCE_DIR) +
                                                         "/workloads/models/Qwen__Qwen3-8B.json");
  const std::array<std::string, 2> directories = {(folder / "absent").string(), folder.string()};
  CHECK(count_parameters(test::catalogue().find("mine.json", directories)).total() == 8190735360);
  CHECK(test::catalogue().find((folder / "mine.json").string(), directories).layer_count() == 36);
  try {
    (void)test::catalogue().find("other.json", directories);
    FAIL("was found");
  } catch (const InputError& error) {
    CHECK(contains(error.what(), "absent"));
    CHECK(contains(error.what(), "other.json"));
  }
}

TEST_CASE("an alias without a model is a fault of the table") {
  const std::array<EmbeddedFile, 1> dangling = {{{"x/aliases.json", "{\"a/b\": \"c/d\"}"}}};
  CHECK_THROWS_AS(ModelCatalogue(dangling), InputError);
  const std::array<EmbeddedFile, 1> wrong = {{{"x/aliases.json", "{\"a/b\": 3}"}}};
  CHECK_THROWS_AS(ModelCatalogue(wrong), InputError);
}
