// Independently measured runs of the SN40L, and the same static batches priced cycle by cycle.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "sim/llm/price_program.hpp"
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"
#include "tests/devices/csv_cells.hpp"
#include "tools/catalogue.hpp"

namespace memwall::test {

struct MeasuredRun {
  std::string model;
  std::int64_t batch = 0, input = 0, output = 0;
  double seconds = 0;
};

inline std::vector<MeasuredRun> measured_runs(const std::filesystem::path& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = csv_cells(line);
  std::vector<MeasuredRun> runs;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = csv_cells(line);
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = cells[i];
    if (row.at("device") != "SN40L") continue;
    REQUIRE(row.at("n_devices") == "8");
    // A row without a throughput is a batch that ends with its first token.
    const std::string time = row.at("osl") == "1" ? row.at("ttft_ms_mean") : row.at("e2e_ms_mean");
    runs.push_back({row.at("model"), std::stoll(row.at("load_value")), std::stoll(row.at("isl")),
                    std::stoll(row.at("osl")), std::stod(time) * 1e-3});
  }
  return runs;
}

/// The catalogue's model of the same dimensions.
inline std::string catalogue_name(const std::string& measured) {
  if (measured == "meta-llama/Meta-Llama-3-8B") return "meta-llama/Llama-3.1-8B";
  if (measured == "meta-llama/Meta-Llama-3-70B") return "meta-llama/Llama-3.1-70B";
  if (measured == "mistralai/Mistral-7B-v0.1") return "mistralai/Mistral-7B-v0.3";
  return measured;
}

/// A whole static batch: its prompts at once, then a token for each sequence in every cycle.
inline double simulated(const MeasuredRun& run) {
  const Catalogue catalogue = tools::program_catalogue();
  const std::vector<std::string> nowhere;
  const ModelShape model = ModelCatalogue(catalogue.models).find(catalogue_name(run.model), nowhere);
  Deployment deployment;
  deployment.tensor = 8;
  auto rdu = device("sambanova_sn40l");
  rdu = rdu->holding(footprint(model, deployment).weights());
  REQUIRE(rdu != nullptr);
  // What an engine spends on each sequence a cycle is the default of scenarios (docs/models/vllm.md), not this chip's.
  const PriceProgram program(cycle_operators(model, deployment), rdu, catalogue.interconnect("sn40l_node", nowhere),
                             {Seconds{0}, true, Seconds{60e-6}});
  BatchShape prompts;
  for (std::int64_t i = 0; i < run.batch; ++i) prompts.add(0, run.input, true, false);
  prompts.padded = prompts.tokens;
  double seconds = program.price_from_scratch(prompts).total().value;
  for (std::int64_t k = 1; k < run.output; ++k) {
    BatchShape cycle;
    for (std::int64_t i = 0; i < run.batch; ++i) cycle.add(run.input + k - 1, 1, true, true);
    cycle.padded = cycle.tokens;
    seconds += program.price_from_scratch(cycle).total().value;
  }
  return seconds;
}

}  // namespace memwall::test
