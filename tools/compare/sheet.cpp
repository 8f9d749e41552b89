#include "tools/compare/sheet.hpp"

#include <filesystem>

#include "sim/base/error.hpp"
#include "sim/scenario/versions.hpp"

namespace memwall::tools::compare {
namespace {

/// What tells the traffic of a scenario: its seed and its workloads.
std::string traffic(const Sheet& sheet, const Catalogue& catalogue) {
  const LoadedScenario loaded = load_scenario(sheet, catalogue);
  std::string out = std::to_string(loaded.scenario.seed);
  for (const char* key : {"workload", "workloads"}) {
    if (const json::Node* node = loaded.resolved.find(key)) out += scenario_version(*node);
  }
  return out;
}

}  // namespace

Sheet load_sheet(const std::string& path, const std::vector<std::string>& edits) {
  Sheet out{std::filesystem::path(path).stem().string(), path, scenario_document(path), {}, {}};
  out.document.set(edits);
  return out;
}

LoadedScenario load_scenario(const Sheet& sheet, const Catalogue& catalogue, const RunOptions& options) {
  return memwall::load_scenario(sheet.document, sheet.path, catalogue, options);
}

void require_same_traffic(const std::vector<Sheet>& sheets, const Catalogue& catalogue) {
  std::string first;
  std::string of;
  for (const Sheet& sheet : sheets) {
    if (!sheet.refusal.empty()) continue;
    std::string found;
    try {
      found = traffic(sheet, catalogue);
    } catch (const InputError&) {
      continue;
    }
    if (first.empty()) {
      first = found;
      of = sheet.path;
    } else if (found != first) {
      throw InputError(sheet.path + ": has another workload or seed than " + of +
                       ", so the requests are not the same; --any-workload compares them all the same");
    }
  }
}

}  // namespace memwall::tools::compare
