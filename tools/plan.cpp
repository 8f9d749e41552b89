// memwall plan
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "tools/jobs.hpp"
#include "tools/options.hpp"
#include "tools/plan/report.hpp"
#include "tools/results/files.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace plan;

Options describe_options() {
  Options options;
  options.usage = "plan SCENARIO [--devices A,B] [--max-devices N] [--rate '20 /s'] [--goodput] [--out DIR] ...";
  options.example = "memwall plan scenarios/quickstart.json --devices h100_sxm,h200_sxm,b200_sxm";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"devices", Kind::value, "ids of devices to choose from; by default the whole catalogue"},
      {"tensor", Kind::value, "devices of a replica, where all share every layer (1,2,4,8)"},
      {"counts", Kind::value, "devices of a replica, where layers are laid out over them; by default as few as fit"},
      {"max-num-seqs", Kind::value, "values of the engine's max_num_seqs to try as well"},
      {"max-num-batched-tokens", Kind::value, "values of the engine's max_num_batched_tokens to try as well"},
      {"max-devices", Kind::value, "devices that a fleet may have (64)"},
      {"rate", Kind::value, "requests a time, such as '20 /s', in place of the scenario's"},
      {"price", Kind::repeated, "ID=2.5 USD/h: rent of a device, in place of its file's"},
      {"attainment", Kind::value, "share of the requests that must be good, beside the SLOs: 0.99"},
      {"spares", Kind::value, "replicas that may be down while the SLOs still hold (0)"},
      {"exhaustive", Kind::flag, "simulate every candidate that can be built, whatever bounds say"},
      {"goodput", Kind::flag, "the highest rate at which the scenario's own fleet meets its SLOs"},
      set_option(),
      {"jobs", Kind::value, "runs at a time; by default as many as the machine has cores"},
      {"top", Kind::value, "layouts that are listed (20); 0: all"},
      {"json", Kind::value, "write everything there"},
      {"vega", Kind::value, "write price against the tightest SLO there, as a Vega-Lite specification"},
      {"out", Kind::value, "folder for plan.json, candidates.csv, plan.vega.json and the plan as scenario.json"},
      search_option(),
  };
  return options;
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    out.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return out;
}

std::vector<std::int64_t> whole_numbers(const Arguments& given, const std::string& option,
                                        std::vector<std::int64_t> fallback) {
  const auto list = given.text(option);
  if (!list) return fallback;
  std::vector<std::int64_t> out;
  for (const std::string& word : words_of(*list)) {
    std::int64_t value = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc() || stop != end || value < 1) {
      throw InputError("--" + option + " " + *list + ": must be whole numbers from 1 on, such as 1,2,4");
    }
    out.push_back(value);
  }
  return out;
}

std::int64_t positive(const Arguments& given, const std::string& option, std::int64_t fallback) {
  const std::int64_t value = given.whole_number(option).value_or(fallback);
  if (value < 1) throw InputError("--" + option + " 0: must be 1 or more");
  return value;
}

double quantity(const Arguments& given, const std::string& option, Dimension dimension) {
  const units::Parsed parsed = units::parse(*given.text(option), dimension);
  if (!parsed.value) throw InputError("--" + option + " " + *given.text(option) + ": " + parsed.problem);
  return *parsed.value;
}

double share(const Arguments& given, const std::string& option) {
  const auto word = given.text(option);
  if (!word) return 0;
  double value = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= 1)) {
    throw InputError("--" + option + " " + *word + ": a share from 0 to 1 is wanted, such as 0.99");
  }
  return value;
}

std::vector<EngineSettings> engine_settings(const Arguments& given) {
  std::vector<EngineSettings> out = {{}};
  for (const std::int64_t seqs : whole_numbers(given, "max-num-seqs", {})) out.push_back({seqs, {}});
  const auto tokens = whole_numbers(given, "max-num-batched-tokens", {});
  const std::size_t plain = out.size();
  for (const std::int64_t each : tokens) {
    for (std::size_t i = 0; i < plain; ++i) out.push_back({out[i].max_num_seqs, each});
  }
  return out;
}

std::vector<std::string> prices(const Arguments& given) {
  std::vector<std::string> out = given.list("price");
  for (const std::string& each : out) {
    const std::size_t sign = each.find('=');
    if (sign == std::string::npos) throw InputError("--price " + each + ": ID=2.5 USD/h is wanted");
    const units::Parsed parsed = units::parse(each.substr(sign + 1), DollarsPerSecond::dimension);
    if (!parsed.value) throw InputError("--price " + each + ": " + parsed.problem);
  }
  return out;
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

double rate_factor(const Arguments& given, const Traffic& traffic) {
  if (!given.has("rate")) return 1;
  require_rate(traffic, "--rate");
  const double rate = quantity(given, "rate", PerSecond::dimension);
  if (!(rate > 0)) throw InputError("--rate " + *given.text("rate") + ": must be above zero");
  return rate / *traffic.requests_per_s;
}

void write_results(const Arguments& given, const Base& base, const FleetPlan& plan, const Traffic& traffic,
                   const std::optional<HighestRate>& reach, double factor) {
  if (const auto file = given.text("json")) write_file(*file, plan_json(plan, traffic, reach));
  if (const auto file = given.text("vega")) write_file(*file, plan_vega(plan));
  const auto folder = given.text("out");
  if (!folder) return;
  const std::filesystem::path out(*folder);
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
  const Feasible found = feasible(base, layout, traffic);
  if (!found.fits() && found.rejection.reason != Reason::price) throw InputError(found.rejection.text);
  const std::int64_t replicas = base.loaded.scenario.pools.front().replicas;
  const HighestRate reached = goodput(base, layout, replicas, found, traffic, demands);
  const std::string fleet =
      fmt::format("{} {} of {}", replicas, replicas == 1 ? "replica" : "replicas", layout.name(found.devices));
  fmt::print("{}", goodput_text(reached, fleet));
  return reached.at ? exit_done : exit_missed;
}

}  // namespace

int plan_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> paths = given->list("scenario");
  if (paths.size() != 1) throw InputError("one scenario is wanted; usage: memwall " + options.usage);
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const auto jobs = static_cast<std::size_t>(positive(*given, "jobs", cores));
  const Parallel parallel = [jobs](std::size_t count, const std::function<void(std::size_t)>& work) {
    run_jobs(count, jobs, work);
  };

  const Catalogue catalogue = program_catalogue(given->list("search"));
  const Base base = open_base(paths.front(), given->list("set"), catalogue, prices(*given));
  require_slo(base);
  const Traffic traffic = survey(base.loaded);
  SearchOptions wanted;
  wanted.demands.attainment = share(*given, "attainment");
  if (given->has("goodput")) return find_goodput(base, traffic, wanted.demands);

  wanted.max_devices = positive(*given, "max-devices", wanted.max_devices);
  wanted.spares = given->whole_number("spares").value_or(0);
  wanted.exhaustive = given->has("exhaustive");
  wanted.rate_factor = rate_factor(*given, traffic);
  const FleetPlan found = search(base, offers_of(base, layouts(choices(*given, base), catalogue), traffic, parallel),
                                 traffic, wanted, parallel);
  std::optional<HighestRate> reach;
  if (found.best && traffic.requests_per_s) {
    const Candidate& best = found.candidates[*found.best];
    const Offer& offer = found.offers[best.offer];
    reach = goodput(base, offer.layout, best.replicas - wanted.spares, offer.found, traffic, wanted.demands);
  }
  constexpr std::int64_t listed = 20;
  const auto top = static_cast<std::size_t>(given->whole_number("top").value_or(listed));
  fmt::print("{}", plan_text(found, traffic, reach, top));
  write_results(*given, base, found, traffic, reach, wanted.rate_factor);
  return found.best ? exit_done : exit_missed;
}

}  // namespace memwall::tools
