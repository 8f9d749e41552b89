// Measured serving rows of others, which may not be copied into the project, against simulation.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>

#include "tests/accuracy/program.hpp"
#include "tests/catch.hpp"
#include "tests/shared.hpp"
#include "tools/accuracy/report.hpp"

using namespace memwall;
using namespace memwall::accuracy;

namespace {

std::optional<std::filesystem::path> path_of(const std::string& name) {
  const auto folder = test::shared("accuracy against " + name);
  if (!folder) return std::nullopt;
  return *folder / "reference" / "measured" / name;
}

std::optional<Study> study_of(const std::string& name) {
  const auto path = path_of(name);
  if (!path) return std::nullopt;
  return accuracy::study({path->string(), name}, test::program_catalogue());
}

std::set<std::string> ids(const Study& study) {
  std::set<std::string> out;
  for (const Figure& figure : study.figures) out.insert(figure.id);
  return out;
}

/// Every row is simulated or counted, and none is refused for capacity: they ran on real devices.
void check_accounted(const Study& study) {
  std::int64_t counted = study.simulated;
  for (const auto& [reason, rows] : study.unsupported) {
    INFO(rows << " x " << reason);
    CHECK(!reason.starts_with("does not fit"));
    counted += rows;
  }
  CHECK(counted == study.rows);
  CHECK(static_cast<std::int64_t>(ids(study).size()) == study.simulated);
}

}  // namespace

TEST_CASE("every supported row of saturated servers runs, and decode at batch 8 is within 10 %") {
  const auto study = study_of("mlenergy.csv");
  if (!study) return;
  std::cout << table(*study);
  check_accounted(*study);
  const std::set<std::string> simulated = ids(*study);
  std::int64_t wanted = 0;
  for (const MeasuredRow& row : read_measured_table({path_of("mlenergy.csv")->string(), "mlenergy.csv"}).rows) {
    // Dense and mixture models of the catalogue on one device or on tensor-parallel ones.
    const bool known = row.model.starts_with("Qwen/Qwen3-") || row.model.starts_with("meta-llama/Llama-3.");
    if (!known || row.expert.value_or(1) != 1) continue;
    ++wanted;
    INFO(row.id << " " << row.model);
    CHECK(simulated.count(row.id) == 1);
  }
  CHECK(wanted > 100);
  // Llama-3.1-8B on one and Llama-3.1-70B on four H100, in BF16, 8 sequences.
  for (const auto& [id, measured] : {std::pair{"mlenergy-0386", 7.316}, {"mlenergy-0365", 16.573}}) {
    const auto at = std::find_if(study->figures.begin(), study->figures.end(), [id = id](const Figure& each) {
      return each.id == id && each.metric == "itl_ms_p50";
    });
    REQUIRE(at != study->figures.end());
    INFO(id << ": measured " << at->measured << " ms, simulated " << at->simulated << " ms");
    CHECK(at->measured == Approx(measured).epsilon(1e-4));
    CHECK(std::abs(at->error()) < 0.10);
    CHECK(at->bottleneck == "hbm");
  }
}

TEST_CASE("other reference tables are compared without failing") {
  const auto fixed = study_of("trtllm_static.csv");
  if (!fixed) return;
  std::cout << table(*fixed);
  check_accounted(*fixed);
  CHECK(fixed->simulated > 0);
  const auto open = study_of("blis_vllm.csv");
  std::cout << table(*open);
  check_accounted(*open);
  CHECK(open->simulated > 0);
  const auto logs = study_of("vllm_request_traces.csv");
  std::cout << table(*logs);
  check_accounted(*logs);
  CHECK(logs->rows == 3);
}
