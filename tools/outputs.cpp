#include "tools/outputs.hpp"

#include <sys/resource.h>

#include <filesystem>

#include "sim/base/error.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/scenario/summary.hpp"
#include "tools/exports/prometheus.hpp"
#include "tools/machine.hpp"
#include "tools/report/report.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

std::string performance_json(double wall_s, const Outcome& outcome) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("wall_s", wall_s);
  json.member("cycles_per_s", static_cast<double>(outcome.cycles) / wall_s);
  json.member("requests_per_s", static_cast<double>(outcome.results.requests.arrived) / wall_s);
  json.member("events", outcome.events);
  json.member("peak_rss_bytes", static_cast<std::int64_t>(usage.ru_maxrss) * 1024);
  json.end_object().finish();
  return text;
}

}  // namespace

RunOutputs::RunOutputs(const std::string& folder, const OutputWish& wish, const Scenario& scenario)
    : folder_(folder), wish_(wish) {
  std::error_code error;
  if (std::filesystem::exists(folder, error) && !std::filesystem::is_directory(folder, error)) {
    throw InputError("--out " + folder + ": this is a file; name a folder, which is made where it does not exist");
  }
  std::filesystem::create_directories(folder, error);
  if (error) throw InputError(folder + ": cannot be made: " + error.message());
  for (const PoolSpec& pool : scenario.pools) pools_.push_back(pool.name);
}

ByteSink RunOutputs::stream(const std::string& name) {
  files_.push_back(std::make_unique<AtomicFile>(std::filesystem::path(folder_) / name));
  return [file = files_.back().get()](std::string_view bytes) { file->append(bytes); };
}

void RunOutputs::listen(RunOptions& options) {
  options.requests_csv = stream("requests.csv");
  if (wish_.cycles) options.cycles_csv = stream("cycles.csv");
  options.listeners.push_back(&tally_);
  if (wish_.save_detailed) options.listeners.push_back(&tokens_.emplace());
  if (wish_.report) {
    options.listeners.push_back(&rows_.emplace(pools_));
    options.cycle_row = [this](const CycleRow& row) { rows_->cycle(row); };
  }
  if (wish_.perfetto) options.listeners.push_back(&trace_.emplace(stream("trace.json"), pools_));
}

std::vector<std::string> RunOutputs::finish(const LoadedScenario& loaded, const Outcome& outcome, double wall_s) {
  if (trace_) trace_->finish();
  const std::string summary = summary_json(loaded, outcome, version);
  const std::string machine = machine_json(outcome);
  write("summary.json", summary);
  write("machine.json", machine);
  write("result.json", exports::result_json(loaded, outcome, tally_, tokens_ ? &*tokens_ : nullptr));
  write("metrics.prom", exports::metrics_prom(tally_, outcome, exports::model_name(loaded.scenario)));
  write("performance.json", performance_json(wall_s, outcome));
  std::vector<std::string> names;
  for (const auto& file : files_) {
    file->commit();
    names.push_back(file->path().string());
  }
  if (rows_) {
    const report::RunFacts facts{SummaryView(summary, "summary.json"), json::parse(machine, "machine.json")};
    names.push_back(report::write_page(folder_, report::run_page(facts, rows_->rows())));
  }
  return names;
}

}  // namespace memwall::tools
