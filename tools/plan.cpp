// memwall plan
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "tools/jobs.hpp"
#include "tools/page/page.hpp"
#include "tools/plan/pools.hpp"
#include "tools/plan/rack.hpp"
#include "tools/plan/report.hpp"
#include "tools/plan/windows.hpp"
#include "tools/plan/within.hpp"
#include "tools/plan_words.hpp"
#include "tools/rack_text.hpp"
#include "tools/results/files.hpp"
#include "tools/results/what_if.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace plan;

/// Every candidate keeps its reason, and a fleet of each size is one.
constexpr std::int64_t most_devices = 16384;

/// A price of a device that is not planned with would change nothing.
void check_prices(const Base& base, const std::vector<std::string>& devices) {
  for (const std::string& price : base.prices) {
    const std::string id = price.substr(0, price.find('='));
    if (std::find(devices.begin(), devices.end(), id) != devices.end()) continue;
    throw InputError("--price " + price + ": \"" + id + "\" is not planned with; " + suggestion(id, devices));
  }
}

Choices choices(const Arguments& given, const Base& base) {
  const Scenario& scenario = base.loaded.scenario;
  Choices out;
  out.own_device = scenario.pools.front().device;
  out.own_links = scenario.interconnect;
  out.directories = base.loaded.build.directories;
  out.devices = base.catalogue->device_names();
  if (out.own_device.ends_with(".json")) out.devices.insert(out.devices.begin(), out.own_device);
  if (const auto list = given.text("devices")) out.devices = words_of(*list);
  out.tensor = whole_numbers(given, "tensor", {1, 2, 4, 8});
  out.counts = whole_numbers(given, "counts", {});
  out.engines = engine_settings(given);
  check_prices(base, out.devices);
  return out;
}

/// The scenario's own pool as a layout.
Layout own_layout(const Base& base) {
  const Scenario& scenario = base.loaded.scenario;
  const PoolSpec& pool = scenario.pools.front();
  Layout layout;
  layout.device = pool.device;
  layout.spatial = base.catalogue->device(pool.device, base.loaded.build.directories)->spatial() != nullptr;
  layout.devices = layout.spatial ? pool.count : std::optional<std::int64_t>(pool.tensor);
  layout.links = scenario.interconnect;
  return layout;
}

void require_slo(const Base& base) {
  for (const WorkloadSpec& workload : base.loaded.scenario.workloads) {
    if (!workload.slo.bounds.empty()) return;
  }
  throw InputError(base.path +
                   ": has no \"slo\", and a plan needs objectives to meet, such as --set '/slo/ttft/p99=2 s'");
}

std::vector<std::string> edits_of(const Arguments& given, const std::string& path, const Catalogue& catalogue) {
  RunOptions options;
  options.set = given.list("set");
  std::vector<std::string> edits = options.set;
  for (std::string& edit : what_if_edits(path, catalogue, options, given.list("what-if"))) {
    edits.push_back(std::move(edit));
  }
  return edits;
}

double rate_factor(const Arguments& given, const Traffic& traffic) {
  if (!given.has("rate")) return 1;
  require_rate(traffic, "--rate");
  return quantity(given, "rate", PerSecond::dimension) / *traffic.requests_per_s;
}

/// The folder of --out, made where it is not there.
std::optional<std::filesystem::path> out_folder(const Arguments& given) {
  const auto word = given.text("out");
  if (!word) return std::nullopt;
  std::error_code failed;
  std::filesystem::create_directories(*word, failed);
  if (failed) throw InputError("--out " + *word + ": cannot be made (" + failed.message() + ")");
  return std::filesystem::path(*word);
}

void write_results(const Arguments& given, const Base& base, const FleetPlan& plan, const Traffic& traffic,
                   const std::optional<HighestRate>& reach, double factor) {
  const auto folder = out_folder(given);
  if (const auto file = given.text("json")) write_file(*file, plan_json(plan, traffic, reach));
  if (const auto file = given.text("vega")) write_file(*file, plan_vega(plan));
  if (!folder) return;
  const std::filesystem::path& out = *folder;
  write_file((out / "plan.json").string(), plan_json(plan, traffic, reach));
  write_file((out / "candidates.csv").string(), candidates_csv(plan));
  write_file((out / "plan.vega.json").string(), plan_vega(plan));
  if (!plan.best) return;
  const Candidate& best = plan.candidates[*plan.best];
  const LoadedScenario loaded = load_fleet(base, {&plan.offers[best.offer].layout, best.replicas, factor});
  write_file((out / "scenario.json").string(), indented_json(loaded.document.tree().root));
}

int find_goodput(const Base& base, const Traffic& traffic, const Demands& demands) {
  const Layout layout = own_layout(base);
  check_prices(base, {layout.device});
  const Feasible found = feasible(base, layout, traffic);
  if (!found.fits() && found.rejection.reason != Reason::price) throw InputError(found.rejection.text);
  const std::int64_t replicas = base.loaded.scenario.pools.front().replicas;
  const HighestRate reached = goodput(base, layout, replicas, found, traffic, demands);
  const std::string fleet =
      fmt::format("{} {} of {}", replicas, replicas == 1 ? "replica" : "replicas", layout.name(found.devices));
  fmt::print("{}", goodput_text(reached, fleet));
  return reached.at ? exit_done : exit_missed;
}

/// What every way to plan starts from.
struct Work {
  const Arguments& given;
  const Base& base;
  const Traffic& traffic;
  const Parallel& parallel;
  SearchOptions wanted;

  [[nodiscard]] std::vector<Offer> offers() const {
    return offers_of(base, layouts(choices(given, base), *base.catalogue), traffic, parallel);
  }
  [[nodiscard]] std::size_t top() const {
    constexpr std::int64_t listed = 20;
    return static_cast<std::size_t>(given.whole_number("top").value_or(listed));
  }
};

page::Page plan_page(const Base& base, const FleetPlan& plan, const std::string& printed) {
  page::Page out{"plan: " + base.loaded.scenario.name, base.path, {}};
  out.sections.push_back({"plan", "The plan, and why not each other", {page::Printed{printed}}});
  out.sections.push_back({"candidates",
                          "Candidates",
                          {page::finished_chart("plan",
                                                "Candidates that ran, by price and by how close they come to their "
                                                "tightest objective.",
                                                plan_vega(plan))}});
  return out;
}

int find_plan(const Work& work) {
  const FleetPlan found = search(work.base, work.offers(), work.traffic, work.wanted, work.parallel);
  std::optional<HighestRate> reach;
  if (found.best && work.traffic.requests_per_s) {
    const Candidate& best = found.candidates[*found.best];
    const Offer& offer = found.offers[best.offer];
    reach = goodput(work.base, offer.layout, best.replicas - work.wanted.spares, offer.found, work.traffic,
                    work.wanted.demands);
  }
  const std::string printed = plan_text(found, work.traffic, reach, work.top());
  fmt::print("{}", printed);
  if (const auto file = work.given.text("report")) write_file(*file, page::html(plan_page(work.base, found, printed)));
  write_results(work.given, work.base, found, work.traffic, reach, work.wanted.rate_factor);
  return found.best ? exit_done : exit_missed;
}

int find_pools(const Work& work) {
  require_pools_alone(work.given);
  const PoolsPlan found = search_pools(work.base, work.wanted, work.parallel);
  fmt::print("{}", pools_text(found, work.top()));
  if (const auto folder = out_folder(work.given)) {
    const std::filesystem::path& out = *folder;
    write_file((out / "candidates.csv").string(), pools_csv(found));
    if (found.best) {
      RunOptions options;
      options.set = pools_edits(work.base, *found.best, work.wanted.rate_factor);
      const LoadedScenario loaded = load_scenario(work.base.path, *work.base.catalogue, options);
      write_file((out / "scenario.json").string(), indented_json(loaded.document.tree().root));
    }
  }
  return found.best ? exit_done : exit_missed;
}

int find_rack_sweep(const Work& work) {
  require_one_pool(work.base);
  const RackSweep found = sweep_rack(work.base, find_rack(*work.given.text("rack")), work.traffic, work.parallel);
  fmt::print("{}", rack_sweep_text(found));
  if (const auto file = work.given.text("vega")) write_file(*file, rack_sweep_vega(found));
  if (const auto folder = out_folder(work.given)) {
    write_file((*folder / "rack.csv").string(), rack_sweep_csv(found));
    write_file((*folder / "rack.vega.json").string(), rack_sweep_vega(found));
  }
  return exit_done;
}

int find_most(const Work& work) {
  Budget budget;
  budget.max_devices = work.given.has("max-devices") ? work.wanted.max_devices : most_devices;
  constexpr double hour = 3600;
  if (work.given.has("budget")) {
    budget.usd_per_hour = quantity(work.given, "budget", DollarsPerSecond::dimension) * hour;
  }
  if (work.given.has("power")) budget.watts = quantity(work.given, "power", Watts::dimension);
  const Within found = most_within(work.base, work.offers(), work.traffic, budget, work.wanted.demands, work.parallel);
  fmt::print("{}", within_text(found, budget, work.top()));
  if (const auto file = work.given.text("json")) write_file(*file, within_json(found));
  return found.best ? exit_done : exit_missed;
}

int find_growth(const Work& work, const std::vector<double>& factors) {
  require_rate(work.traffic, "--growth");
  const std::vector<Offer> offers = work.offers();
  bool all = true;
  fmt::print("{}", growth_heading());
  for (const double factor : factors) {
    SearchOptions wanted = work.wanted;
    wanted.rate_factor *= factor;
    const FleetPlan found = search(work.base, offers, work.traffic, wanted, work.parallel);
    all = all && found.best.has_value();
    fmt::print("{}", growth_row(found, work.traffic, factor));
  }
  return all ? exit_done : exit_missed;
}

int find_schedule(const Work& work) {
  require_rate(work.traffic, "--windows");
  const FleetPlan found = search(work.base, work.offers(), work.traffic, work.wanted, work.parallel);
  if (!found.best) {
    fmt::print("{}", plan_text(found, work.traffic, {}, work.top()));
    return exit_missed;
  }
  const Offer& offer = found.offers[found.candidates[*found.best].offer];
  const double factor = work.wanted.rate_factor;
  const Traffic scaled = survey(load_fleet(work.base, {&offer.layout, 1, factor}));
  const Schedule by_window = schedule(work.base, offer.layout, work.wanted.max_devices / offer.found.devices, factor,
                                      windows(work.given, scaled.last_arrival_s), work.wanted.demands, work.parallel);
  fmt::print("the plan for all of it: {}\n{}", fleet_name(found, found.candidates[*found.best]),
             schedule_text(by_window));
  if (const auto folder = out_folder(work.given)) {
    write_file((*folder / "windows.csv").string(), schedule_csv(by_window));
  }
  return by_window.holds() ? exit_done : exit_missed;
}

}  // namespace

int plan_verb(const std::vector<std::string>& words) {
  const Options options = plan_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> paths = given->list("scenario");
  if (paths.size() != 1) throw InputError("one scenario is wanted; usage: memwall " + options.usage);
  require_one_way(*given);
  if (given->has("report")) page::require_pages();
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto jobs = static_cast<std::size_t>(positive(*given, "jobs", cores));
  const Parallel parallel = [jobs](std::size_t count, const std::function<void(std::size_t)>& work) {
    run_jobs(count, jobs, work);
  };

  const Catalogue catalogue = program_catalogue(given->list("search"));
  const Base base = open_base(paths.front(), edits_of(*given, paths.front(), catalogue), catalogue, prices(*given));
  if (!given->has("rack")) require_slo(base);
  const Traffic traffic = survey(base.loaded);
  Work work{*given, base, traffic, parallel, {}};
  work.wanted.demands.attainment = share(*given, "attainment");
  work.wanted.max_devices = positive(*given, "max-devices", work.wanted.max_devices);
  if (work.wanted.max_devices > most_devices) {
    throw InputError(
        fmt::format("--max-devices {}: at most {} are planned for", work.wanted.max_devices, most_devices));
  }
  work.wanted.spares = given->whole_number("spares").value_or(0);
  work.wanted.exhaustive = given->has("exhaustive");
  work.wanted.rate_factor = rate_factor(*given, traffic);
  if (given->has("rack")) return find_rack_sweep(work);
  if (base.loaded.scenario.pools.size() > 1 || base.loaded.scenario.pools.front().feed_forward) {
    return find_pools(work);
  }
  if (given->has("goodput")) return find_goodput(base, traffic, work.wanted.demands);
  if (given->has("budget") || given->has("power")) return find_most(work);
  if (const auto list = given->text("growth")) return find_growth(work, growth_factors(*list));
  if (given->has("windows")) return find_schedule(work);
  return find_plan(work);
}

}  // namespace memwall::tools
