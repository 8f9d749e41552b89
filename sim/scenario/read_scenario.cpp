#include <set>

#include "sim/base/suggest.hpp"
#include "sim/scenario/read_engine.hpp"
#include "sim/scenario/read_feed_forward.hpp"
#include "sim/scenario/read_routing.hpp"
#include "sim/scenario/spec.hpp"

namespace memwall {
namespace {

class ScenarioReader {
 public:
  ScenarioReader(const Catalogue& catalogue, const std::vector<std::string>& directories)
      : catalogue_(catalogue), directories_(directories), models_(catalogue.models) {}

  Scenario read(Reader& r) {
    r.reserve("tiers", std::nullopt,
              "a list of tiers for all pools is planned and not built yet; write \"kv_tiers\" in a pool");
    r.reserve("faults", std::nullopt,
              "a list of failures to inject is planned and not built yet; leave it out: nothing fails");
    (void)r.integer("schema", {.low = 1, .high = 1}, "version of this format: 1");
    scenario_.name = r.text("name", "unnamed", "what the report calls it");
    scenario_.seed = static_cast<std::uint64_t>(
        r.integer("seed", {.fallback = 1, .low = 0}, "start of every random draw; the same seed gives the same bytes"));
    read_models(r);
    r.list("pools", true, "groups of equal replicas", [this](Reader& pool) { read_pool(pool); });
    scenario_.interconnect =
        r.text("interconnect", "", "links between the devices of a replica; needed above one device");
    check_name(r, "interconnect", scenario_.interconnect, catalogue_.interconnect_names());
    r.object("router", false, "which replica a request goes to",
             [this](Reader& router) { read_router(router, scenario_); });
    if (r.has("kv_transfer")) {
      r.object("kv_transfer", false, "how caches move from pools that prefill to pools that decode",
               [this](Reader& transfer) { scenario_.kv_transfer = read_kv_transfer(transfer); });
    }
    Slo slo;
    r.object("slo", false, "objectives of every workload that has none of its own",
             [&slo](Reader& objectives) { slo = read_slo(objectives); });
    read_workloads(r, slo);
    check_pools(r);
    check_routing(r, scenario_);
    return std::move(scenario_);
  }

 private:
  void read_models(Reader& r) {
    if (r.has("model")) {
      r.object("model", false, "the model that every pool runs",
               [this](Reader& m) { scenario_.models["model"] = read_model(m); });
    }
    r.map("models", !r.has("model"), "models by a name of your own, which pools pick by",
          [this](const std::string& name, Reader& m) { scenario_.models[name] = read_model(m); });
  }

  ModelSpec read_model(Reader& r) {
    ModelSpec spec = read_model_keys(r);
    try {
      if (!spec.config.empty()) (void)models_.find(spec.config, directories_);
    } catch (const InputError& error) {
      for (const Fault& fault : error.faults()) r.fault("config", fault.text());
    }
    return spec;
  }

  static void read_parallelism(Reader& p, PoolSpec& pool) {
    for (const std::string_view key : {"pipeline", "context", "sequence"}) {
      p.reserve(key, std::nullopt,
                "this way to divide a model is planned and not built yet; write \"tensor\", and \"replicas\" of the "
                "pool for copies of the whole model");
    }
    constexpr std::int64_t most = 1024;
    pool.tensor = static_cast<int>(
        p.integer("tensor", {.fallback = 1, .low = 1, .high = most}, "devices that share every layer"));
    ExpertSpec& e = pool.experts;
    e.data = static_cast<int>(p.integer("data", {.fallback = 1, .low = 1, .high = most},
                                        "engines of a replica that share its experts, each with a batch and a cache of "
                                        "its own; needs `expert`"));
    e.expert = static_cast<int>(p.integer("expert", {.fallback = 1, .low = 1, .high = most * most},
                                          "devices that hold whole experts of every layer: 1 (experts are divided as "
                                          "other layers are), or tensor x data"));
    e.redundant = static_cast<int>(p.integer("redundant_experts", {.fallback = 0, .low = 0, .high = most},
                                             "experts of a layer that are held twice"));
    e.skew =
        p.number("expert_skew", {.fallback = 0, .low = 0, .high = 4},
                 "popularity of experts by a power law with this exponent; the fullest device holds the others up");
    e.most_domains = static_cast<double>(p.integer(
        "max_domains_per_token", {.fallback = 0, .low = 0, .high = most},
        "scale-up domains that the experts of a token may lie in; 0: any. Bounds the copies of `normal` exchange"));
    e.exchange = static_cast<ExchangeMode>(
        p.choice("exchange",
                 {{"low_latency", "kernels that send a copy of a token to each of its experts"},
                  {"normal", "kernels that send a copy to each domain and rank, for large batches"}},
                 0, "how tokens travel to their experts"));
    if (e.expert > 1) return;
    const auto needs = [&](std::string_view key, bool said) {
      if (said) p.fault(key, "says something about whole experts on devices; it needs \"expert\" above 1");
    };
    needs("redundant_experts", e.redundant > 0);
    needs("expert_skew", e.skew > 0);
    needs("max_domains_per_token", e.most_domains > 0);
    needs("exchange", e.exchange != ExchangeMode::low_latency);
  }

  void read_pool(Reader& r) {
    PoolSpec pool;
    pool.name = r.text("name", "pool" + std::to_string(scenario_.pools.size() + 1), "what reports call it");
    r.reserve(
        "groups", std::nullopt,
        "a free list of groups is planned and not built yet; write the pool's \"device\" and \"parallelism\", and "
        "\"ffn\" for a second group that holds the feed-forward parts");
    r.reserve("role", "draft", "pools that draft for others are planned and not built yet; leave it out");
    pool.role = static_cast<PoolRole>(r.choice("role",
                                               {{"mixed", "prefill and decode together"},
                                                {"prefill", "computes prompts and hands their caches over"},
                                                {"decode", "takes caches over and goes on with them"}},
                                               0, "what its replicas do"));
    r.object("accepts", false, "which requests it takes; the first pool of the list that accepts a request gets it",
             [&pool](Reader& accepts) { pool.accepts = read_accepts(accepts); });
    pool.device = r.text("device", std::nullopt, "id of a device of the catalogue, or a path to a device file");
    check_name(r, "device", pool.device, catalogue_.device_names());
    r.object("package", false, "changes to the package of the device", [&pool](Reader& p) {
      pool.hbm_stacks = p.optional_integer("hbm_stacks", {.low = 1, .high = 256},
                                           "stacks of memory; capacity, bandwidth and price follow. Absent: as built");
    });
    pool.replicas =
        static_cast<std::int32_t>(r.integer("replicas", {.fallback = 1, .low = 1, .high = 1'000'000}, "equal engines"));
    pool.model = r.text("model", scenario_.models.size() == 1 ? scenario_.models.begin()->first : std::string(),
                        "which of `models` it runs; needed where there are several");
    pool.count = r.optional_integer("count", {.low = 1, .high = 1 << 20},
                                    "devices of a replica, for machines that layers are laid out on; absent: as few as "
                                    "hold the weights and one sequence of max_model_len");
    pool.streamed = r.choice("weights",
                             {{"resident", "they stay where they were loaded"},
                              {"streamed",
                               "they are brought from a store outside the devices layer by layer, once a cycle for the "
                               "whole batch"}},
                             0, "where weights live, on machines that layers are laid out on") == 1;
    r.object("parallelism", false, "how a replica divides the model",
             [&pool](Reader& p) { read_parallelism(p, pool); });
    if (r.has("ffn")) {
      r.object("ffn", false,
               "a second group of devices in each replica that holds the feed-forward part of every layer; the pool's "
               "own device keeps attention and the KV cache",
               [&](Reader& ffn) {
                 pool.feed_forward = read_feed_forward(
                     ffn,
                     [this](Reader& f, std::string_view key, const std::string& device) {
                       check_name(f, key, device, catalogue_.device_names());
                     },
                     [this](Reader& f, std::string_view key, const std::string& links) {
                       check_name(f, key, links, catalogue_.interconnect_names());
                     });
               });
    }
    pool.tiers = read_kv_tiers(r);
    r.object("engine", false, "the serving engine and its settings",
             [&pool](Reader& e) { pool.engine = read_engine(e); });
    r.object("what_if", false, "factors on what its devices, their host and their links are: 2 is twice as fast",
             [&pool](Reader& factors) { pool.what_if = read_what_if(factors); });
    pool.device_values = read_device_values(r);
    pool.power_cap = r.optional_quantity<Watts>(
        "power_cap", "power that each device keeps to by lowering its clock; absent: its board power");
    r.object("cost", false, "what its devices cost", [&pool](Reader& cost) { pool.cost = read_cost(cost); });
    if (pool.what_if.price != 1 && (pool.cost.price || pool.cost.purchase)) {
      r.fault("what_if", "changes the price of the device's file, but \"cost\" stands in its place: change it there");
    }
    scenario_.pools.push_back(std::move(pool));
  }

  void read_workloads(Reader& r, const Slo& slo) {
    const auto one = [&](Reader& w) {
      WorkloadSpec spec;
      spec.name = w.text("name", "workload" + std::to_string(scenario_.workloads.size() + 1), "what reports call it");
      spec.tenant = w.text("tenant", "", "column `tenant` of requests.csv");
      spec.class_name = w.text("class", "", "column `class` of requests.csv");
      spec.slo = slo;
      w.object("slo", false, "objectives of this workload", [&spec](Reader& objectives) {
        Slo own = read_slo(objectives);
        if (!own.bounds.empty()) spec.slo = std::move(own);
      });
      std::vector<Variant> variants;
      for (const SourceKind& kind : catalogue_.sources) {
        variants.push_back({kind.name, kind.summary, [&spec, &kind](Reader& s) { spec.open = kind.read(s); }});
      }
      w.variant("source", variants, std::nullopt, "where its requests come from");
      scenario_.workloads.push_back(std::move(spec));
    };
    if (r.has("workload")) r.object("workload", false, "the requests", one);
    r.list("workloads", !r.has("workload"), "several streams of requests, merged by arrival", one);
  }

  void check_pools(Reader& r) {
    std::set<std::string> names;
    for (const PoolSpec& pool : scenario_.pools) {
      if (!names.insert(pool.name).second)
        r.fault("pools", "two pools are called \"" + pool.name + "\"; give each its own name");
      if (scenario_.models.count(pool.model) == 0 && !scenario_.models.empty()) {
        std::vector<std::string> known;
        for (const auto& [name, model] : scenario_.models) known.push_back(name);
        r.fault("pools",
                "pool \"" + pool.name + "\" names the model \"" + pool.model + "\"; " + suggestion(pool.model, known));
      }
      if (pool.tensor * pool.experts.data > 1 && scenario_.interconnect.empty()) {
        r.fault("interconnect", "missing: pool \"" + pool.name + "\" has replicas of " +
                                    std::to_string(pool.tensor * pool.experts.data) +
                                    " devices, and their links must be named");
      }
    }
  }

  static void check_name(Reader& r, std::string_view key, const std::string& name,
                         const std::vector<std::string>& known) {
    if (name.empty() || name.ends_with(".json")) return;
    for (const std::string& candidate : known) {
      if (candidate == name) return;
    }
    r.fault(key, "\"" + name + "\" is unknown; " + suggestion(name, known));
  }

  const Catalogue& catalogue_;
  const std::vector<std::string>& directories_;
  ModelCatalogue models_;
  Scenario scenario_;
};

}  // namespace

Scenario read_scenario(Reader& reader, const Catalogue& catalogue, const std::vector<std::string>& directories) {
  return ScenarioReader(catalogue, directories).read(reader);
}

}  // namespace memwall
