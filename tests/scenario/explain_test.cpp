// What `memwall explain`, `memwall model` and `memwall device` say, against the formulas worked here once more.
#include "sim/scenario/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "sim/llm/describe.hpp"
#include "sim/scenario/describe_device.hpp"
#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

Explanation explained(const std::vector<std::string>& edits = {}) {
  RunOptions options;
  options.set = edits;
  const Catalogue catalogue = test::catalogue();
  const LoadedScenario loaded = load_scenario(test::quickstart(), catalogue, options);
  return explain(loaded.scenario, build(loaded.scenario, catalogue, loaded.build));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Runs of blanks as one, so that a test reads figures and not columns.
std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' || out.empty() || (out.back() != ' ' && out.back() != '\n')) out += c;
  }
  return out;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check_no_trailing_blanks(const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    INFO("\"" << line << "\"");
    CHECK((line.empty() || line.back() != ' '));
  }
}

const ChosenValue& chosen(const ExplainedPool& pool, const std::string& key) {
  const auto at =
      std::find_if(pool.chosen.begin(), pool.chosen.end(), [&](const ChosenValue& v) { return v.key == key; });
  REQUIRE(at != pool.chosen.end());
  return *at;
}

}  // namespace

TEST_CASE("the memory sum of an explanation adds up to the blocks of the engine") {
  const Explanation e = explained();
  REQUIRE(e.pools.size() == 1);
  const ExplainedPool& pool = e.pools[0];
  // Llama-3.1-8B by hand: 8,030,261,248 parameters of 2 bytes; 32 layers x 8 heads x 128 x (K and V) x 2 bytes. The
  // vocabulary is a multiple of 64 already, so nothing is padded.
  CHECK(pool.held.weights().value == Approx(8030261248.0 * 2).epsilon(1e-12));
  CHECK(pool.held.kv_per_token.value == 32.0 * 8 * 128 * 2 * 2);
  double left = pool.device_memory.value * pool.utilization;
  for (const MemoryTerm& term : pool.memory.terms) left -= term.bytes.value;
  CHECK(pool.blocks == static_cast<std::int64_t>(left / (pool.held.kv_per_token.value * 16)));
  // H100: 989 TFLOP/s x 2 bytes / (2 x 3.35 TB/s).
  REQUIRE(pool.ridge.has_value());
  CHECK(*pool.ridge == Approx(989e12 * 2 / (2 * 3.35e12)));
  const std::string page = squeezed(text(e));
  INFO(page);
  CHECK(holds(page, fmt::format("blocks {} one is the null block; the others hold {} tokens", pool.blocks,
                                (pool.blocks - 1) * 16)));
  CHECK(holds(page, "ridge batch 295 tokens"));
  CHECK(holds(page, "131072 B a token, 16 tokens a block"));
}

TEST_CASE("the cycles of an explanation are those that the simulation prices") {
  const Explanation e = explained();
  const std::vector<ExplainedCycle>& cycles = e.pools.at(0).cycles;
  REQUIRE(cycles.size() == 5);
  const std::int64_t most = std::min<std::int64_t>(1024, (e.pools[0].blocks - 1) / (explained_context / 16));
  const std::vector<std::int64_t> batches = {1, 8, 64, most};
  for (std::size_t i = 0; i < batches.size(); ++i) {
    CHECK(cycles[i].shape.decode_sequences == batches[i]);
    CHECK(cycles[i].shape.decode_context == batches[i] * explained_context);
  }
  CHECK(cycles[4].shape.prefill_tokens == 8192);
  CHECK(cycles[4].shape.prefill_pairs == std::int64_t{8192} * 8193 / 2);
  CHECK(cycles[0].bottleneck() == Tier::hbm);
  CHECK(cycles[4].bottleneck() == Tier::compute);
  for (const ExplainedCycle& cycle : cycles) {
    double sum = 0;
    for (const Line& line : cycle.cost.critical.at) sum += line.value;
    CHECK(sum == Approx(cycle.cost.total().value).epsilon(1e-12));
  }
  // The worked cycle of 8 sequences: its products take 5.115 ms in hbm; attention and its padding come on top.
  CHECK(cycles[1].cost.critical[Tier::hbm].value > 5.115e-3);
  CHECK(cycles[1].cost.critical[Tier::hbm].value < 5.5e-3);
  CHECK(cycles[1].cost.critical[Tier::vector].value == Approx(8 * 60e-6));
}

TEST_CASE("a prompt budget beyond the longest sequence is several prompts") {
  const Explanation e = explained({"/pools/0/engine/max_model_len=3000"});
  const ExplainedCycle& prefill = e.pools.at(0).cycles.back();
  CHECK(prefill.shape.prefill_tokens == 8192);
  CHECK(prefill.shape.sampled == 3);
  CHECK(prefill.shape.prefill_pairs == 2 * (3000 * 3001 / 2) + 2192 * 2193 / 2);
}

TEST_CASE("settings tell who chose them") {
  const Explanation defaults = explained();
  CHECK(chosen(defaults.pools.at(0), "max_num_seqs").value == "1024");
  CHECK(chosen(defaults.pools.at(0), "max_num_seqs").from == "vLLM's default for the device");
  CHECK(chosen(defaults.pools.at(0), "max_model_len").from == "the model's longest position");
  const Explanation set =
      explained({"/pools/0/engine/max_num_seqs=32", "/pools/0/engine/num_gpu_blocks_override=9000"});
  const ExplainedPool& pool = set.pools.at(0);
  CHECK(chosen(pool, "max_num_seqs").value == "32");
  CHECK(chosen(pool, "max_num_seqs").from == "the scenario");
  CHECK(pool.blocks == 9000);
  CHECK(holds(squeezed(text(set)), "replaced by num_gpu_blocks_override"));
  CHECK(pool.cycles.size() == 4);  // 64 sequences are more than the 32 that are allowed
}

TEST_CASE("the inputs begin with what should be doubted") {
  const Explanation e = explained();
  REQUIRE(!e.inputs.empty());
  CHECK(std::is_sorted(e.inputs.begin(), e.inputs.end(),
                       [](const Provenance& a, const Provenance& b) { return a.basis > b.basis; }));
  CHECK(e.inputs.front().basis != e.inputs.back().basis);
  const std::string page = text(e);
  check_no_trailing_blanks(page);
  for (const Provenance& entry : e.inputs) {
    INFO(entry.name);
    CHECK(holds(page, entry.name));
    CHECK(holds(page, entry.source));
  }
}

TEST_CASE("an explanation as JSON says the same") {
  const Explanation e = explained();
  const json::Node root = json::parse(json_text(e), "explain").root;
  REQUIRE(root.find("pools") != nullptr);
  const json::Node& pool = root.find("pools")->items.at(0);
  CHECK(pool.find("memory")->find("blocks")->integer == e.pools[0].blocks);
  CHECK(pool.find("cycles")->items.size() == e.pools[0].cycles.size());
  double weights = 0;
  for (const json::Member& part : pool.find("weight_bytes")->members) weights += part.value.number;
  CHECK(weights == Approx(e.pools[0].held.weights().value));
  for (const json::Node& cycle : pool.find("cycles")->items) {
    double sum = 0;
    for (const json::Member& tier : cycle.find("critical_s")->members) sum += tier.value.number;
    CHECK(sum == Approx(cycle.find("seconds")->number));
  }
  CHECK(root.find("inputs")->items.size() == e.inputs.size());
}

TEST_CASE("the page of a model") {
  const std::vector<std::string> nowhere;
  const ModelDescription d =
      describe(ModelCatalogue(test::catalogue().models).find("meta-llama/Llama-3.1-8B", nowhere));
  const std::string raw = text(d);
  check_no_trailing_blanks(raw);
  const std::string page = squeezed(raw);
  INFO(raw);
  // 4096 wide, 32 layers, 32 heads of 128 with 8 for keys and values, 14336 inner, vocabulary 128256, not tied.
  const std::int64_t attention = 32LL * 4096 * (4096 + 2 * 1024 + 4096);
  const std::int64_t ffn = 32LL * 3 * 4096 * 14336;
  const std::int64_t embedding = 128256LL * 4096;
  const std::int64_t norms = (2 * 32 + 1) * 4096;
  CHECK(attention == 1342177280);
  CHECK(ffn == 5637144576);
  const std::int64_t total = attention + ffn + 2 * embedding + norms;
  CHECK(total == 8030261248);
  CHECK(holds(page, "parameters 8,030,261,248\n"));
  CHECK(holds(page, "input embedding 525,336,576\n"));
  CHECK(holds(page, "output head 525,336,576\n"));
  CHECK(holds(page, "attention 1,342,177,280\n"));
  CHECK(holds(page, "feed-forward 5,637,144,576\n"));
  CHECK(holds(page, "norms and other vectors 266,240\n"));
  CHECK(!holds(page, "router 0"));
  CHECK(holds(page, fmt::format("bf16 {:.4g} GB as published\n", static_cast<double>(total) * 2 / 1e9)));
  const double narrow = static_cast<double>(attention + ffn) + 2.0 * static_cast<double>(2 * embedding + norms);
  CHECK(holds(page, fmt::format("fp8 {:.4g} GB\n", narrow / 1e9)));
  CHECK(holds(page, "bf16 131,072 B\n"));
  CHECK(holds(page, "fp8 65,536 B\n"));
  // The next token behind 1,024: 2 per weight that is multiplied, and 4 per key, head and element of it.
  const double decode = 2.0 * static_cast<double>(attention + ffn + embedding) + 4.0 * 32 * 32 * 128 * 1024;
  CHECK(holds(page, fmt::format("1,024 {:.4g} GFLOP", decode / 1e9)));
  CHECK(holds(page, fmt::format("{:.4g} MB\n", 131072.0 * 1024 / 1e6)));
}

TEST_CASE("the page of a device") {
  const std::vector<std::string> nowhere;
  const auto device = test::catalogue().device("h100_sxm", nowhere);
  const std::string raw = device_text(device->info());
  check_no_trailing_blanks(raw);
  const std::string page = squeezed(raw);
  INFO(raw);
  const double memory = 79.22 * 1024 * 1024 * 1024;
  CHECK(holds(page, "bandwidth 3.35 TB/s, vendor\n"));
  CHECK(holds(page, fmt::format("memory {:.4f} GB, measured\n", memory / 1e9)));
  CHECK(holds(page, fmt::format("drain time {:.4g} ms", memory / 3.35e12 * 1e3)));
  CHECK(holds(page, fmt::format("bf16 989 TFLOP/s {:.0f}\n", 989e12 * 2 / (2 * 3.35e12))));
  CHECK(holds(page, fmt::format("fp8 1.979 PFLOP/s {:.0f}\n", 1979e12 * 1 / (2 * 3.35e12))));
  CHECK(holds(page, "rent 2.95 USD/h (1.3 USD/h to 6.88 USD/h), estimate\n"));
  CHECK(!holds(page, "mxfp4"));
  // Every number of the file with its source, the estimates before what was measured.
  CHECK(page.find("estimate /price") < page.find("measured /memory"));
  for (const Provenance& entry : device->info().provenance) {
    INFO(entry.name);
    CHECK(holds(page, entry.source));
  }
}

TEST_CASE("the ridge of a format that the device cannot multiply is unknown") {
  const std::vector<std::string> nowhere;
  const auto device = test::catalogue().device("h100_sxm", nowhere);
  CHECK(!ridge_batch(device->info(), Precision::mxfp4, Precision::mxfp4).has_value());
  // Four-bit weights that are widened to 16 bits take a quarter of the bytes and the same products.
  const auto widened = ridge_batch(device->info(), Precision::int4, Precision::bf16);
  REQUIRE(widened.has_value());
  CHECK(*widened == Approx(989e12 * (4.125 / 8) / (2 * 3.35e12)));
}

TEST_CASE(
    "time for each sampled sequence is the scenario's, else the device file's, else what GPUs were measured to need") {
  const auto sampling = [](const std::vector<std::string>& edits) {
    return chosen(explained(edits).pools.front(), "sampling_time_per_sequence");
  };
  CHECK(sampling({}).value == "60 us");
  CHECK(holds(sampling({}).from, "as measured on GPUs"));
  const std::string corsair = "/pools/0/device=dmatrix_corsair";
  const std::vector<std::string> on_corsair = {corsair, "/pools/0/parallelism={\"tensor\": 8}",
                                               "/interconnect=corsair_server", "/model/weights=mxint8",
                                               "/pools/0/engine/max_model_len=4096"};
  const ChosenValue by_device = sampling(on_corsair);
  CHECK(by_device.value == "60 us");
  CHECK(by_device.from == "the device's file");
  std::vector<std::string> said = on_corsair;
  said.push_back("/pools/0/engine/sampling_time_per_sequence=5 us");
  CHECK(sampling(said).value == "5 us");
  CHECK(sampling(said).from == "the scenario");

  // A report says how much of the answer rests on it.
  const Explanation explanation = explained(on_corsair);
  const auto input = std::find_if(explanation.inputs.begin(), explanation.inputs.end(), [](const Provenance& entry) {
    return holds(entry.name, "/engine/sampling_time_per_sequence");
  });
  REQUIRE(input != explanation.inputs.end());
  CHECK(input->basis == Basis::placeholder);
}
