#include "tools/plan/rack.hpp"

#include <algorithm>
#include <array>

#include "sim/base/error.hpp"
#include "sim/llm/catalogue.hpp"
#include "tools/plan/stretched_links.hpp"

namespace memwall::tools::plan {
namespace {

constexpr std::array<std::int64_t, 6> domain_sizes = {8, 72, 144, 288, 576, 1152};
constexpr std::array media = {Medium::copper, Medium::pluggable_optics};
constexpr std::array<std::int64_t, 8> tensor_groups = {1, 2, 4, 8, 16, 32, 64, 72};
constexpr std::int64_t largest_batch = 512;

/// What optics cost where the device's file does not say how long a purchase is used and what power costs: the
/// assumptions of the files of bought devices, which are placeholders too.
constexpr double default_years = 4;
constexpr double default_usd_per_kwh = 0.07;
constexpr double default_pue = 1.2;

/// Opens no trace: a price needs the mean request alone.
class NoRequests final : public RequestSource {
 public:
  [[nodiscard]] Time next_arrival() const override { return Time::never(); }
  Request pop() override { return {}; }
  void ended(const Request&, Time) override {}
  [[nodiscard]] bool exhausted() const override { return true; }
  [[nodiscard]] bool shares_tokens() const override { return false; }
  [[nodiscard]] SourceNotes notes() const override { return {}; }
};

/// Experts of the model's layers; 0 where it has none.
std::int64_t experts_of(const Base& base) {
  const Scenario& scenario = base.loaded.scenario;
  const ModelCatalogue models(base.catalogue->models);
  const ModelSpec& spec = scenario.models.at(scenario.pools.front().model);
  for (const LayerGroup& group : models.find(spec.config, base.loaded.build.directories).layers) {
    if (const auto* moe = std::get_if<MoeFfn>(&group.ffn)) return moe->experts;
  }
  return 0;
}

/// A division of a domain into replicas.
struct Division {
  std::int64_t group = 1;
  bool experts = false;
  std::int64_t redundant = 0;
};

std::vector<Division> divisions(std::int64_t chips, std::int64_t experts) {
  std::vector<Division> out;
  for (const std::int64_t group : tensor_groups) {
    if (chips % group == 0) out.push_back({group, false, 0});
  }
  if (experts == 0) return out;
  for (const std::int64_t group : {8, 16, 36, 72, 144, 288, 576, 1152}) {
    if (chips % group != 0) continue;
    const std::int64_t redundant = (group - experts % group) % group;
    if (redundant <= experts) out.push_back({group, true, redundant});
  }
  return out;
}

std::string parallelism(const Division& division) {
  const std::string group = std::to_string(division.group);
  if (!division.experts) return "{\"tensor\": " + group + "}";
  std::string out = "{\"data\": " + group + ", \"expert\": " + group;
  if (division.redundant > 0) out += ", \"redundant_experts\": " + std::to_string(division.redundant);
  return out + "}";
}

Tier largest_part(const BuiltPool& pool, const CyclePricer& program, double batch, double context) {
  BatchShape shape;
  for (std::int64_t i = 0; i < std::max<std::int64_t>(1, static_cast<std::int64_t>(batch)); ++i) {
    shape.add(static_cast<std::int64_t>(context), 1, true, true, program.reaches());
  }
  shape.padded = pool.engine.padding.rows(shape.tokens);
  const Cost cost = program.price_from_scratch(shape);
  const auto less = [](const Line& a, const Line& b) { return a.value < b.value; };
  return tier_at(static_cast<std::size_t>(std::max_element(cost.critical.at.begin(), cost.critical.at.end(), less) -
                                          cost.critical.at.begin()));
}

class Sweep {
 public:
  Sweep(const Base& base, const RackDesign& design, const Traffic& traffic, const Parallel& parallel)
      : base_(base), design_(design), traffic_(traffic), parallel_(parallel), experts_(experts_of(base)) {
    if (traffic.requests == 0)
      throw InputError("--rack needs the mean request, and this workload waits for its answers");
    const std::string& name = base.loaded.scenario.pools.front().device;
    device_ = base.catalogue->device(name, base.loaded.build.directories);
    if (device_->spatial() != nullptr) {
      throw InputError("--rack is for devices that share layers over links; those of " + name +
                       " are laid out on them");
    }
    out_.name = design.name;
    out_.device = name;
    out_.links = links_of(name);
    out_.tpot_s = tightest_gap();
  }

  RackSweep run() {
    price_.emplace(device_cost());
    for (const std::int64_t chips : domain_sizes) {
      for (const Medium medium : media) out_.sizes.push_back(size_of(chips, medium));
    }
    std::vector<std::vector<RackPoint>> found(domain_sizes.size());
    parallel_(found.size(), [&](std::size_t i) { found[i] = points_of(domain_sizes[i]); });
    // The medium changes what a domain costs and whether it can be built, and no cycle.
    for (std::size_t i = 0; i < out_.sizes.size(); ++i) {
      std::vector<RackPoint> points = found[i / media.size()];
      for (RackPoint& point : points) {
        point.size = i;
        point.tokens_per_usd = point.tokens_per_s * 3600 / out_.sizes[i].usd_per_hour;
      }
      for (RackPoint& point : points) point.dominated = dominated(point, points);
      out_.points.insert(out_.points.end(), points.begin(), points.end());
    }
    return std::move(out_);
  }

 private:
  std::string links_of(const std::string& device) const {
    const std::string& own = base_.loaded.scenario.interconnect;
    if (!own.empty()) return own;
    Choices choices;
    choices.devices = {device};
    choices.tensor = {2};
    choices.engines = {{}};
    choices.directories = base_.loaded.build.directories;
    const Layout two = layouts(choices, *base_.catalogue).front();
    if (two.links.empty()) throw InputError(two.refusal);
    return two.links;
  }

  std::optional<double> tightest_gap() const {
    std::optional<double> least;
    for (const WorkloadSpec& workload : base_.loaded.scenario.workloads) {
      for (const SloBound& bound : workload.slo.bounds) {
        const bool gap = bound.metric == LatencyMetric::tpot || bound.metric == LatencyMetric::itl;
        if (gap && (!least || bound.limit.seconds() < *least)) least = bound.limit.seconds();
      }
    }
    return least;
  }

  /// USD an hour of one device, at its board power where that is paid for apart.
  double device_cost() const {
    const PoolSpec& pool = base_.loaded.scenario.pools.front();
    const auto price = device_price(pool.cost, device_->info(), pool.name);
    if (!price) {
      throw InputError("neither the scenario nor the file of " + out_.device +
                       " has a price; --set '/pools/0/cost/price=2.5 "
                       "USD/h' says it");
    }
    double usd = price->capital.value * 3600;
    const auto& watts = device_->info().power;
    if (price->electricity && watts) usd += watts->value.value * price->pue * price->electricity->value * 3600;
    return usd;
  }

  RackSize size_of(std::int64_t chips, Medium medium) const {
    RackSize size;
    size.chips = chips;
    size.medium = medium;
    size.checked = check(design_, chips, medium);
    const auto& bought = device_->info().purchase;
    constexpr double joules_per_kwh = 3.6e6;
    const double usd_per_joule = bought ? bought->electricity.value.value * bought->pue.value
                                        : default_usd_per_kwh / joules_per_kwh * default_pue;
    constexpr double hours_per_year = 8760;
    size.optics_usd_per_hour =
        size.checked.optics_price.value / ((bought ? bought->years : default_years) * hours_per_year) +
        size.checked.optics_power.value * usd_per_joule * 3600;
    size.usd_per_hour = *price_ * static_cast<double>(chips) + size.optics_usd_per_hour;
    return size;
  }

  std::vector<RackPoint> points_of(std::int64_t chips) const {
    const Metres further{check(design_, chips, Medium::pluggable_optics).longest_cable.value -
                         design_.length_in_rack.value.value};
    const std::string id = out_.links + "_of_" + std::to_string(chips);
    const std::string text = stretched_links(
        base_.catalogue->interconnect_text(out_.links, base_.loaded.build.directories), id, chips, further);
    std::vector<EmbeddedFile> files(base_.catalogue->interconnects.begin(), base_.catalogue->interconnects.end());
    const std::string path = id + ".json";
    files.push_back({path, text});
    Catalogue catalogue = *base_.catalogue;
    catalogue.interconnects = files;
    std::vector<RackPoint> out;
    for (const Division& division : divisions(chips, experts_)) {
      for (std::int64_t batch = 1; batch <= largest_batch; batch *= 2) {
        const auto point = point_of(catalogue, id, chips, division, batch);
        if (!point) break;
        out.push_back(*point);
        if (point->limit != Limit::max_seqs) break;
      }
    }
    return out;
  }

  /// Nothing where the model does not fit so, or cannot be divided so.
  std::optional<RackPoint> point_of(const Catalogue& catalogue, const std::string& links, std::int64_t chips,
                                    const Division& division, std::int64_t batch) const {
    RunOptions options;
    options.set = base_.edits;
    options.set.push_back("/pools/0/parallelism=" + parallelism(division));
    options.set.push_back("/pools/0/replicas=" + std::to_string(chips / division.group));
    options.set.push_back("/pools/0/engine/max_num_seqs=" + std::to_string(batch));
    options.set.push_back("/interconnect=\"" + links + "\"");
    try {
      LoadedScenario loaded = load_scenario(base_.path, catalogue, options);
      for (WorkloadSpec& workload : loaded.scenario.workloads) {
        workload.open = [](const SourceContext&) { return std::make_unique<NoRequests>(); };
      }
      const Built built = build(loaded.scenario, catalogue, loaded.build);
      const BuiltPool& pool = built.pools.front();
      const auto program = cycle_pricer(pool, built.interconnect);
      const PoolCapacity capacity = pool_capacity(pool, *program, traffic_.mean);
      RackPoint point;
      point.group = division.group;
      point.experts = division.experts;
      point.batch = capacity.batch;
      point.limit = capacity.limit;
      point.tokens_per_s_user = 1 / capacity.cycle.value;
      point.tokens_per_s = capacity.requests_per_s * traffic_.mean.output;
      point.tier = largest_part(pool, *program, capacity.batch, traffic_.mean.input + traffic_.mean.output / 2);
      return point;
    } catch (const InputError&) {
      return std::nullopt;
    }
  }

  static bool dominated(const RackPoint& point, const std::vector<RackPoint>& points) {
    return std::any_of(points.begin(), points.end(), [&point](const RackPoint& other) {
      const bool no_worse =
          other.tokens_per_s_user >= point.tokens_per_s_user && other.tokens_per_usd >= point.tokens_per_usd;
      return no_worse &&
             (other.tokens_per_s_user > point.tokens_per_s_user || other.tokens_per_usd > point.tokens_per_usd);
    });
  }

  const Base& base_;
  const RackDesign& design_;
  const Traffic& traffic_;
  const Parallel& parallel_;
  std::int64_t experts_;
  std::shared_ptr<const DeviceModel> device_;
  std::optional<double> price_;
  RackSweep out_;
};

}  // namespace

RackSweep sweep_rack(const Base& base, const RackDesign& design, const Traffic& traffic, const Parallel& parallel) {
  return Sweep(base, design, traffic, parallel).run();
}

}  // namespace memwall::tools::plan
