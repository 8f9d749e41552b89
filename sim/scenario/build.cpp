#include "sim/scenario/build.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "sim/base/units.hpp"
#include "sim/llm/layer_kinds.hpp"
#include "sim/llm/operators.hpp"
#include "sim/llm/price_program.hpp"
#include "sim/llm/spatial_memory.hpp"
#include "sim/llm/spatial_program.hpp"
#include "sim/llm/streamed_program.hpp"
#include "sim/scenario/build_feed_forward.hpp"
#include "sim/scenario/build_routes.hpp"
#include "sim/scenario/build_what_if.hpp"
#include "sim/scenario/check_layout.hpp"
#include "sim/scenario/versions.hpp"

namespace memwall {
namespace {

Seconds parsed_time(std::string_view text) {
  const units::Parsed parsed = units::parse(text, Seconds::dimension);
  law(parsed.value.has_value(), "a default is a value with a fitting unit");
  return Seconds{*parsed.value};
}

std::string factor_text(double factor) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), factor).ptr;
  return "x " + std::string(digits.data(), end);
}

class Builder {
 public:
  Builder(const Scenario& scenario, const Catalogue& catalogue, const BuildOptions& options)
      : scenario_(scenario), catalogue_(catalogue), options_(options), models_(catalogue.models) {}

  Built build() {
    if (!scenario_.interconnect.empty()) {
      built_.interconnect = catalogue_.interconnect(scenario_.interconnect, options_.directories);
      note(scenario_.interconnect, built_.interconnect->provenance());
    }
    open_workloads();
    for (const PoolSpec& pool : scenario_.pools) built_.pools.push_back(build_pool(pool));
    built_.kv_transfer = scenario_.kv_transfer;
    check_handovers(built_.pools);
    note_kv_transfer();
    for (const BuiltPool& pool : built_.pools) note_tiers(pool);
    note_data_version();
    return std::move(built_);
  }

 private:
  void open_workloads() {
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      SourceContext context;
      context.seed = scenario_.seed;
      context.workload = static_cast<std::int32_t>(i);
      context.base_directory = options_.base_directory;
      context.search = {options_.directories.begin(), options_.directories.end()};
      built_.workloads.push_back({scenario_.workloads[i].open(context)});
      shares_tokens_ = shares_tokens_ || built_.workloads.back().source->shares_tokens();
    }
  }

  BuiltPool build_pool(const PoolSpec& spec) {
    BuiltPool pool;
    pool.spec = spec;
    pool.device = catalogue_.device(spec.device, options_.directories, spec.device_changes());
    note(spec.device, pool.device->info().provenance);
    const ModelSpec& model = scenario_.models.at(spec.model);
    pool.model = models_.find(model.config, options_.directories);
    pool.deployment = deploy(model, pool.model, *pool.device, spec.tensor);
    share_experts(spec, pool.deployment);
    const LayerPart part = spec.feed_forward ? LayerPart::attention : LayerPart::all;
    check_layers(pool, *pool.device, part);
    if (auto placed = pool.device->holding(footprint(pool.model, pool.deployment).weights(part))) {
      pool.device = std::move(placed);
    }
    const bool spatial = pool.device->spatial() != nullptr;
    check_layout(spec, *pool.device);
    if (!spatial) check_interconnect(spec, pool.deployment);

    VllmConfig& engine = pool.engine.scheduler;
    engine = spec.engine.scheduler;
    const DeviceInfo& info = pool.device->info();
    engine.max_num_seqs = spec.engine.max_num_seqs.value_or(info.default_max_num_seqs);
    engine.max_num_batched_tokens = spec.engine.max_num_batched_tokens.value_or(info.default_max_num_batched_tokens);
    engine.max_model_len = spec.engine.max_model_len.value_or(pool.model.max_position);
    plan_blocks(pool, spatial);
    if (spec.feed_forward) add_feed_forward(pool, model);

    pool.engine.pool = PoolId{static_cast<std::int32_t>(built_.pools.size())};
    pool.engine.padding = GraphPadding(0);
    if (spec.engine.cuda_graphs.value_or(info.host_driven))
      pool.engine.padding = GraphPadding::vllm(engine.max_num_seqs, 0);
    pool.engine.keep_block_identity = shares_tokens_ && engine.enable_prefix_caching;
    pool.engine.one_cycle_an_event = options_.reference;
    pool.engine.tell_block_growth = options_.every_cycle;
    pool.engine.tell_prefill = spec.role == PoolRole::prefill || !spec.tiers.tiers.empty();
    if (scenario_.kv_transfer) pool.engine.load_tier = scenario_.kv_transfer->tier;

    pool.overheads.schedule_hidden = engine.async_scheduling;
    pool.overheads.schedule = spec.engine.schedule_time.value_or(
        info.host_driven ? parsed_time(default_schedule_time(engine.async_scheduling)) : Seconds{});
    pool.overheads.sampling_per_sequence = spec.engine.sampling_time_per_sequence.value_or(default_sampling(info));
    apply_speeds(pool, built_.interconnect.get());
    limit_power(pool);
    // Not `info`, which is of the device before its speeds were changed.
    pool.price = device_price(spec.cost, pool.device->info(), spec.name);
    note_overheads(pool);
    note_what_if(pool);
    note_model(pool);
    return pool;
  }

  static void share_experts(const PoolSpec& spec, Deployment& deployment) {
    deployment.data = spec.experts.data;
    deployment.expert = spec.experts.expert;
    deployment.redundant = spec.experts.redundant;
    deployment.expert_skew = spec.experts.skew;
    deployment.most_domains = spec.experts.most_domains;
    deployment.exchange = spec.experts.exchange;
  }

  /// A device keeps to its board power even where nobody asks; what its work may draw is what is left beside the part
  /// that it draws for itself.
  static void limit_power(BuiltPool& pool) {
    const DeviceInfo& info = pool.device->info();
    const auto& asked = pool.spec.power_cap;
    const std::string where = "pool \"" + pool.spec.name + "\": power_cap ";
    if (pool.feed_forward) {
      if (asked) throw InputError(where + "is not built for replicas of two groups of devices; leave it out");
      return;
    }
    if (asked && !info.energy.running) {
      throw InputError(where + "cannot be kept to, because the file of " + info.id + " has no energy of its work");
    }
    if (!info.energy.running || (!asked && !info.power)) return;
    const Watts running = info.energy.running->value;
    if (asked && info.power && *asked > info.power->value) {
      throw InputError(where + units::format(*asked) + " is above the board power of " + info.id + ", " +
                       units::format(info.power->value));
    }
    pool.power_cap = asked ? *asked : info.power->value;
    // Of what a running device draws before any work, what it would draw idle does not follow the clock.
    const Watts idle = info.energy.idle ? info.energy.idle->value : running;
    if (!(*pool.power_cap > idle)) {
      throw InputError(where + units::format(*pool.power_cap) + " leaves nothing for work: " + info.id + " draws " +
                       units::format(idle) + " at any clock");
    }
    pool.overheads.power = {*pool.power_cap - idle, running - idle};
  }

  void check_interconnect(const PoolSpec& spec, const Deployment& deployment) const {
    const int ranks = spec.tensor * spec.experts.data;
    if (ranks == 1) return;
    const Interconnect& links = *built_.interconnect;
    if (ranks > links.max_ranks()) {
      throw InputError("pool \"" + spec.name + "\" wants " + std::to_string(ranks) + " devices in a replica, but " +
                       scenario_.interconnect + " joins " + std::to_string(links.max_ranks()));
    }
    if (deployment.expert == 1 || ranks <= links.domain()) return;
    for (const auto direction : {ExchangeDirection::dispatch, ExchangeDirection::combine}) {
      const ExchangeMethod* method = links.exchange_method(deployment.exchange, direction);
      if (method != nullptr && !method->across) {
        throw InputError("pool \"" + spec.name + "\" exchanges tokens over several domains of " +
                         std::to_string(links.domain()) + " devices, but \"" + method->name + "\" of " +
                         scenario_.interconnect + " has no rate \"across\"");
      }
    }
  }

  void note_data_version() {
    const std::vector<std::string>& folders = options_.directories;
    std::set<std::string> texts;
    for (const PoolSpec& pool : scenario_.pools) {
      texts.insert(catalogue_.device_text(pool.device, folders));
      texts.insert(models_.text(scenario_.models.at(pool.model).config, folders));
    }
    for (const PoolSpec& pool : scenario_.pools) {
      if (!pool.feed_forward) continue;
      texts.insert(catalogue_.device_text(pool.feed_forward->device, folders));
      const std::string& links = pool.feed_forward->interconnect;
      if (!links.empty()) texts.insert(catalogue_.interconnect_text(links, folders));
    }
    if (built_.interconnect) texts.insert(catalogue_.interconnect_text(scenario_.interconnect, folders));
    built_.data_version = data_version(texts);
  }

  void add_feed_forward(BuiltPool& pool, const ModelSpec& model) {
    const FeedForwardSpec& spec = *pool.spec.feed_forward;
    const auto device = catalogue_.device(spec.device, options_.directories, spec.device_changes());
    note(spec.device, device->info().provenance);
    check_layers(pool, *device, LayerPart::feed_forward);
    std::shared_ptr<const Interconnect> links;
    if (!spec.interconnect.empty()) {
      links = catalogue_.interconnect(spec.interconnect, options_.directories);
      note(spec.interconnect, links->provenance());
    }
    pool.feed_forward = build_feed_forward(pool, deploy(model, pool.model, *device, spec.tensor), device, links);
    note("pool " + pool.spec.name,
         {{"/ffn/link/bandwidth", units::format(spec.link_bandwidth), Basis::estimate, "the scenario", std::nullopt},
          {"/ffn/link/latency", units::format(spec.link_latency), Basis::estimate, "the scenario", std::nullopt}});
  }

  static void check_layers(const BuiltPool& pool, const DeviceModel& device, LayerPart part) {
    std::vector<Fault> faults;
    for (const LayerKind kind : layer_kinds(pool.model, pool.deployment)) {
      const bool feed_forward = kind == LayerKind::feed_forward || kind == LayerKind::mixture_of_experts;
      if (part == (feed_forward ? LayerPart::attention : LayerPart::feed_forward)) continue;
      const auto why = device.refusal(kind);
      if (why)
        faults.push_back({"", 0, "", "pool \"" + pool.spec.name + "\" cannot run " + pool.model.name + ": " + *why});
    }
    if (!faults.empty()) throw InputError(std::move(faults));
  }

  static void plan_blocks(BuiltPool& pool, bool spatial) {
    VllmConfig& engine = pool.engine.scheduler;
    MemorySettings settings;
    settings.device_memory = pool.device->info().memory.value;
    settings.gpu_memory_utilization = pool.spec.engine.gpu_memory_utilization;
    settings.max_num_batched_tokens = engine.max_num_batched_tokens;
    settings.max_num_seqs = engine.max_num_seqs;
    settings.max_model_len = engine.max_model_len;
    settings.block_size = engine.block_size;
    settings.weights_elsewhere = [&pool](Bytes weights) { return pool.device->weights_elsewhere(weights); };
    settings.runtime_reserve = pool.device->info().runtime_reserve;
    settings.streamable = spatial && pool.device->spatial()->weight_store() != nullptr;
    settings.part = pool.spec.feed_forward ? LayerPart::attention : LayerPart::all;
    pool.devices_per_replica = std::int64_t{pool.spec.tensor} * pool.spec.experts.data;
    if (pool.spec.streamed) {
      const Bytes store = pool.device->spatial()->weight_store()->capacity.value;
      SpatialMemory memory = plan_streamed_memory(pool.model, pool.deployment, settings, store, pool.spec.count);
      pool.devices_per_replica = memory.devices;
      pool.memory = std::move(memory.plan);
    } else if (spatial) {
      SpatialMemory memory = plan_spatial_memory(pool.model, pool.deployment, settings, pool.spec.count);
      pool.devices_per_replica = memory.devices;
      pool.memory = std::move(memory.plan);
    } else {
      pool.memory = plan_memory(pool.model, pool.deployment, settings);
    }
    engine.sequence_blocks = pool.memory.sequence_blocks;
    engine.reaches = limited_reaches(cycle_operators(pool.model, pool.deployment));
    engine.num_blocks = pool.spec.engine.num_gpu_blocks_override.value_or(pool.memory.blocks);
    const std::int64_t needed =
        (engine.max_model_len + engine.block_size - 1) / engine.block_size + 1 + engine.sequence_blocks;
    if (engine.num_blocks < needed) {
      throw InputError("pool \"" + pool.spec.name + "\": num_gpu_blocks_override " + std::to_string(engine.num_blocks) +
                       " holds less than one sequence of max_model_len " + std::to_string(engine.max_model_len) +
                       " tokens (" + std::to_string(needed) +
                       " blocks with the null block): set a smaller max_model_len or more blocks");
    }
  }

  void note(const std::string& owner, const std::vector<Provenance>& entries) {
    for (Provenance entry : entries) {
      entry.name = owner + entry.name;
      const bool known = std::any_of(built_.provenance.begin(), built_.provenance.end(),
                                     [&](const Provenance& other) { return other.name == entry.name; });
      if (!known) built_.provenance.push_back(std::move(entry));
    }
  }

  static Seconds default_sampling(const DeviceInfo& info) {
    if (!info.host_driven) return {};
    return info.sampling_per_sequence ? info.sampling_per_sequence->value : parsed_time(default_sampling_time());
  }

  void note_kv_transfer() {
    if (!scenario_.kv_transfer) return;
    const KvTransferSpec& transfer = *scenario_.kv_transfer;
    note("kv_transfer",
         {{"/bandwidth", units::format(transfer.bandwidth), Basis::estimate, "the scenario", std::nullopt},
          {"/latency", units::format(transfer.latency), Basis::estimate, "the scenario", std::nullopt}});
  }

  void note_tiers(const BuiltPool& pool) {
    (void)tiers_setup(pool);
    for (const KvTierSpec& tier : pool.spec.tiers.tiers) {
      note("pool " + pool.spec.name + "/kv_tiers/" + tier.name,
           {{"/capacity", units::format(tier.capacity), Basis::estimate, "the scenario", std::nullopt},
            {"/bandwidth", units::format(tier.bandwidth), Basis::estimate, "the scenario", std::nullopt},
            {"/latency", units::format(tier.latency), Basis::estimate, "the scenario", std::nullopt}});
    }
  }

  void note_overheads(const BuiltPool& pool) {
    const std::string prefix = "pool " + pool.spec.name;
    const std::string given = "the scenario";
    const auto& of_device = pool.device->info().sampling_per_sequence;
    const bool by_device = of_device && !pool.spec.engine.sampling_time_per_sequence;
    note(prefix,
         {{"/engine/schedule_time", units::format(pool.overheads.schedule), Basis::estimate,
           pool.spec.engine.schedule_time ? given : "suggested starting value, docs/models/vllm.md", std::nullopt},
          {"/engine/sampling_time_per_sequence", units::format(pool.overheads.sampling_per_sequence),
           by_device ? of_device->basis : Basis::estimate,
           pool.spec.engine.sampling_time_per_sequence ? given
           : by_device                                 ? of_device->source
                       : "residual of measured decode over the sum of kernels, docs/models/vllm.md",
           std::nullopt}});
  }

  /// The catalogue's numbers are told as they are; what the scenario made of them stands beside them.
  void note_what_if(const BuiltPool& pool) {
    note_factors("pool " + pool.spec.name + "/what_if", pool.spec.what_if);
    if (pool.spec.feed_forward)
      note_factors("pool " + pool.spec.name + "/ffn/what_if", pool.spec.feed_forward->what_if);
  }

  void note_factors(const std::string& owner, const WhatIf& what_if) {
    for (const auto& [key, factor] : changed_keys(what_if)) {
      note(owner, {{"/" + std::string(key), factor_text(factor), Basis::estimate, "the scenario", std::nullopt}});
    }
  }

  /// What was assumed of layers whose cache does not grow with the length.
  void note_model(const BuiltPool& pool) {
    const std::string prefix = "pool " + pool.spec.name;
    if (pool.memory.sequence_blocks > 0) {
      note(prefix, {{"/model/blocks_per_sequence", std::to_string(pool.memory.sequence_blocks), Basis::estimate,
                     "constant states and full windows of a sequence, taken whole when it starts, docs/models.md",
                     std::nullopt}});
    }
    if (state_bytes_per_sequence(pool.model).value > 0) {
      note(prefix, {{"/model/recurrence", "at the rates of plain streaming and of products", Basis::estimate,
                     "no kernel of recurrent layers is measured, docs/models.md", std::nullopt}});
    }
  }

  const Scenario& scenario_;
  const Catalogue& catalogue_;
  const BuildOptions& options_;
  ModelCatalogue models_;
  Built built_;
  bool shares_tokens_ = false;
};

}  // namespace

Built build(const Scenario& scenario, const Catalogue& catalogue, const BuildOptions& options) {
  return Builder(scenario, catalogue, options).build();
}

std::string_view default_schedule_time(bool asynchronous) {
  // What a cycle needs when it is hidden behind the device, and when it is not (serving-engine measurements quoted in
  // docs/models/vllm.md; suggested starting values, to be calibrated). Text and not numbers, so that a report that
  // quotes them is read back to the same bit.
  return asynchronous ? "0.3 ms" : "1.5 ms";
}

std::string_view default_sampling_time() { return "60 us"; }

std::unique_ptr<CyclePricer> cycle_pricer(const BuiltPool& pool, std::shared_ptr<const Interconnect> interconnect) {
  if (interconnect) interconnect = with_speeds(std::move(interconnect), pool.spec.what_if);
  if (pool.feed_forward) return std::make_unique<SplitProgram>(split_program(pool, std::move(interconnect)));
  std::vector<Placed> operators = cycle_operators(pool.model, pool.deployment);
  if (pool.spec.engine.overlap) {
    return std::make_unique<OverlapProgram>(operators, pool.device, std::move(interconnect),
                                            static_cast<double>(pool.model.layer_count()), *pool.spec.engine.overlap,
                                            pool.overheads);
  }
  if (pool.device->spatial() == nullptr) {
    return std::make_unique<PriceProgram>(std::move(operators), pool.device, std::move(interconnect), pool.overheads);
  }
  if (pool.spec.streamed) {
    return std::make_unique<StreamedProgram>(std::move(operators), pool.device, pool.devices_per_replica,
                                             pool.memory.weights_elsewhere, pool.overheads);
  }
  return std::make_unique<SpatialProgram>(
      std::move(operators), pool.device, static_cast<double>(pool.model.layer_count()),
      static_cast<double>(pool.devices_per_replica), activation_bytes_per_token(pool.model), pool.overheads);
}

std::vector<PoolSetup> pool_setups(const Built& built) {
  // A single device has nothing to join; collectives of one rank cost nothing.
  const auto interconnect = built.interconnect ? built.interconnect : std::make_shared<const Interconnect>();
  std::vector<PoolSetup> setups;
  for (const BuiltPool& pool : built.pools) {
    PoolSetup setup;
    setup.engine = pool.engine;
    setup.replicas = pool.spec.engines();
    setup.port = cache_port(pool, built.kv_transfer);
    setup.tiers = tiers_setup(pool);
    setup.program = cycle_pricer(pool, interconnect);
    setups.push_back(std::move(setup));
  }
  return setups;
}

}  // namespace memwall
