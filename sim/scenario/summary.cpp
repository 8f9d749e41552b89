#include "sim/scenario/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/scenario/cost_report.hpp"
#include "sim/scenario/energy.hpp"
#include "sim/scenario/resolved.hpp"
#include "sim/scenario/saturation.hpp"
#include "sim/scenario/versions.hpp"

namespace memwall {
namespace {

void write(JsonWriter& json, std::string_view key, const Summary& summary) {
  json.key(key).begin_object();
  json.member("mean", summary.mean).member("p50", summary.p50).member("p90", summary.p90).member("p95", summary.p95);
  json.member("p99", summary.p99).member("max", summary.max).end_object();
}

/// Tiers without a share are left out: the report is for reading.
void write_shares(JsonWriter& json, std::string_view key, const TierArray<double>& shares) {
  json.key(key).begin_object();
  for (std::size_t i = 0; i < tier_count; ++i) {
    if (shares.at[i] > 0) json.member(tier_names[i], shares.at[i]);
  }
  json.end_object();
}

void write_cycles(JsonWriter& json, const CycleShares& shares) {
  json.member("count", shares.count).member("busy_s", shares.busy_s);
  write_shares(json, "bottleneck_share", shares.bottleneck_share);
  write_shares(json, "runner_up_share", shares.runner_up_share);
  write_shares(json, "time_share", shares.time_share);
  json.key("limit_share").begin_object();
  for (std::size_t i = 0; i < limit_count; ++i) {
    if (shares.limit_share[i] > 0) json.member(limit_names[i], shares.limit_share[i]);
  }
  json.end_object();
}

class SummaryWriter {
 public:
  SummaryWriter(const LoadedScenario& loaded, const Outcome& outcome)
      : loaded_(loaded), outcome_(outcome), json_(text_) {}

  std::string write_all(std::string_view version) {
    const Results& r = outcome_.results;
    json_.begin_object().member("schema", 1);
    json_.key("versions").begin_object().member("program", version);
    json_.member("scenario", scenario_version(loaded_.resolved));
    json_.member("device_data", outcome_.built.data_version).end_object();
    json_.key("scenario").value(resolved_scenario(loaded_, outcome_.built));
    json_.member("seed", loaded_.scenario.seed).member("digest", fmt::format("{:016x}", r.digest));
    json_.member("duration_s", r.duration.seconds());
    requests();
    throughput();
    latency();
    goodput();
    json_.member("images", outcome_.results.images);
    deadlines(outcome_.results.deadlines);
    groups("classes", outcome_.results.classes);
    groups("tenants", outcome_.results.tenants);
    saturation_part();
    cycles();
    pools();
    cost();
    energy();
    json_.key("confidence")
        .begin_object()
        .member("regime", "unvalidated")
        .key("band")
        .null()
        .member("validated_rows", 0)
        .end_object();
    inputs();
    workloads();
    json_.end_object().finish();
    return std::move(text_);
  }

 private:
  void requests() {
    const RequestCounts& counts = outcome_.results.requests;
    json_.key("requests").begin_object().member("arrived", counts.arrived);
    for (const Status status : {Status::completed, Status::rejected, Status::failed, Status::aborted, Status::timed_out,
                                Status::unfinished}) {
      json_.member(name(status), counts.of(status));
    }
    json_.end_object();
    const TokenCounts& tokens = outcome_.results.tokens;
    json_.key("tokens").begin_object().member("input", tokens.input).member("input_cached", tokens.input_cached);
    json_.member("output", tokens.output).end_object();
  }

  void throughput() {
    const Throughput& t = outcome_.results.throughput;
    json_.key("throughput").begin_object().member("requests_per_s", t.requests_per_s);
    json_.member("input_tokens_per_s", t.input_tokens_per_s).member("output_tokens_per_s", t.output_tokens_per_s);
    json_.member("output_tokens_per_s_per_device", t.output_tokens_per_s_per_device).end_object();
  }

  void latency() {
    const LatencySummaries& l = outcome_.results.latency;
    json_.key("latency").begin_object();
    write(json_, "ttft_s", l.ttft);
    write(json_, "tpot_s", l.tpot);
    write(json_, "itl_s", l.itl);
    write(json_, "e2e_s", l.e2e);
    write(json_, "queue_s", l.queue);
    json_.end_object();
  }

  void goodput() {
    const Results& r = outcome_.results;
    if (!r.goodput) {
      json_.key("goodput").null();
      return;
    }
    json_.key("goodput").begin_object().member("requests_per_s", r.goodput->requests_per_s);
    json_.member("attainment", r.goodput->attainment).key("objectives").begin_list();
    for (const Verdict& verdict : r.verdicts) {
      json_.begin_object().member("workload",
                                  loaded_.scenario.workloads[static_cast<std::size_t>(verdict.workload)].name);
      json_.member("metric", name(verdict.bound.metric)).member("percentile", verdict.bound.percentile);
      json_.member("limit_s", verdict.bound.limit.seconds()).member("observed_s", verdict.observed_s);
      json_.member("met", verdict.met).end_object();
    }
    json_.end_list().end_object();
  }

  void deadlines(const Deadlines& counts) {
    json_.key("deadlines");
    if (counts.met + counts.missed == 0) {
      json_.null();
      return;
    }
    json_.begin_object().member("met", counts.met).member("missed", counts.missed).end_object();
  }

  void groups(std::string_view key, const std::vector<GroupResults>& groups) {
    json_.key(key).begin_list();
    for (const GroupResults& group : groups) {
      json_.begin_object().member("name", group.name).member("arrived", group.requests.arrived);
      json_.member("completed", group.requests.of(Status::completed));
      json_.key("tokens").begin_object().member("input", group.tokens.input);
      json_.member("input_cached", group.tokens.input_cached).member("output", group.tokens.output).end_object();
      deadlines(group.deadlines);
      json_.key("latency").begin_object();
      write(json_, "ttft_s", group.latency.ttft);
      write(json_, "tpot_s", group.latency.tpot);
      write(json_, "e2e_s", group.latency.e2e);
      write(json_, "queue_s", group.latency.queue);
      json_.end_object().end_object();
    }
    json_.end_list();
  }

  void number_or_null(std::string_view key, const std::optional<double>& number) {
    json_.key(key);
    if (number) {
      json_.value(*number);
    } else {
      json_.null();
    }
  }

  void saturation_part() {
    const Saturation s = saturation(outcome_);
    json_.key("saturation").begin_object();
    number_or_null("load_over_capacity", s.load);
    number_or_null("arrivals_per_s", s.arrivals_per_s);
    number_or_null("capacity_requests_per_s",
                   s.pools.empty() ? std::nullopt : std::optional(s.capacity_requests_per_s));
    json_.key("pools").begin_list();
    for (std::size_t i = 0; i < s.pools.size(); ++i) {
      const PoolCapacity& pool = s.pools[i];
      json_.begin_object().member("name", outcome_.built.pools[i].spec.name).member("batch", pool.batch);
      json_.member("limit", name(pool.limit)).member("cycle_s", pool.cycle.value);
      json_.member("requests_per_s", pool.requests_per_s).end_object();
    }
    json_.end_list().end_object();
  }

  void cycles() {
    const Shares& shares = outcome_.results.cycles;
    json_.key("cycles").begin_object();
    write_cycles(json_, shares.all);
    json_.member("idle_s", shares.idle_s).key("by_phase").begin_object();
    for (std::size_t i = 0; i < phase_count; ++i) {
      json_.key(phase_names[i]).begin_object();
      write_cycles(json_, shares.by_phase[i]);
      json_.end_object();
    }
    json_.end_object().end_object();
  }

  void pools() {
    const EnergyReport energy = energy_of(outcome_);
    json_.key("pools").begin_list();
    for (std::size_t i = 0; i < outcome_.results.pools.size(); ++i) {
      const PoolResults& pool = outcome_.results.pools[i];
      const BuiltPool& built = outcome_.built.pools[i];
      json_.begin_object().member("name", pool.name).member("device", built.spec.device);
      json_.member("devices", pool.devices).member("replicas", pool.replicas);
      if (built.feed_forward) feed_forward(built);
      write_shares(json_, "utilisation", pool.cycles.utilisation);
      json_.member("kv_peak", pool.kv_peak).member("preemptions", pool.preemptions);
      json_.member("prefix_hit_rate", pool.prefix_hit_rate);
      power(energy.pools[i]);
      if (!built.spec.tiers.tiers.empty()) tiers(i);
      engine(built);
      json_.end_object();
    }
    json_.end_list();
  }

  /// Sums over the replicas of the pool.
  void tiers(std::size_t pool) {
    const BuiltPool& built = outcome_.built.pools[pool];
    const double block = built.memory.block.value * built.spec.tensor;
    json_.key("kv_tiers").begin_list();
    for (std::size_t level = 0; level < built.spec.tiers.tiers.size(); ++level) {
      const KvTierSpec& tier = built.spec.tiers.tiers[level];
      const TierTotals& seen = outcome_.tiers[pool][level];
      const auto bytes = [block](std::int64_t blocks) { return block * static_cast<double>(blocks); };
      const double capacity = tier.capacity.value * (tier.shared ? 1 : built.spec.replicas);
      json_.begin_object().member("name", tier.name).member("kind", name(tier.kind));
      json_.member("capacity_bytes", capacity).member("loads", seen.loads);
      json_.member("bytes_in", bytes(seen.stored)).member("bytes_out", bytes(seen.read));
      json_.member("bytes_held", bytes(seen.held)).member("bytes_peak", bytes(seen.peak));
      json_.member("bytes_evicted", bytes(seen.evicted)).member("bytes_expired", bytes(seen.expired));
      json_.member("bytes_refused", bytes(seen.refused));
      json_.member("stall_s", static_cast<double>(seen.stalled_ps) * 1e-12);
      json_.member("byte_seconds", block * seen.block_seconds);
      const double time = outcome_.results.duration.seconds();
      json_.member("occupancy", time > 0 ? block * seen.block_seconds / capacity / time : 0).end_object();
    }
    json_.end_list();
  }

  void feed_forward(const BuiltPool& pool) {
    json_.key("ffn").begin_object().member("device", pool.spec.feed_forward->device);
    json_.member("devices_per_replica", pool.feed_forward->memory.devices);
    json_.member("budget_bytes", pool.feed_forward->memory.budget.value);
    for (const MemoryTerm& term : pool.feed_forward->memory.terms) json_.member(term.name, term.bytes.value);
    json_.end_object();
  }

  /// Every setting with its value, defaults included, so that the report can be run again.
  void engine(const BuiltPool& pool) {
    const VllmConfig& c = pool.engine.scheduler;
    json_.key("engine").begin_object().member("kind", "vllm").member("block_size", c.block_size);
    json_.member("num_blocks", c.num_blocks).member("max_num_seqs", c.max_num_seqs);
    json_.member("max_num_batched_tokens", c.max_num_batched_tokens).member("max_model_len", c.max_model_len);
    json_.member("gpu_memory_utilization", pool.spec.engine.gpu_memory_utilization);
    json_.member("enable_prefix_caching", c.enable_prefix_caching);
    json_.member("enable_chunked_prefill", c.enable_chunked_prefill).member("watermark", c.watermark);
    json_.member("scheduler_reserve_full_isl", c.scheduler_reserve_full_isl);
    json_.member("long_prefill_token_threshold", c.long_prefill_token_threshold);
    json_.member("policy", c.policy == QueuePolicy::fcfs ? "fcfs" : "priority");
    json_.member("async_scheduling", c.async_scheduling).member("cuda_graphs", pool.engine.padding.captures());
    json_.member("schedule_time", units::format(pool.overheads.schedule));
    json_.member("sampling_time_per_sequence", units::format(pool.overheads.sampling_per_sequence));
    if (const auto& overlap = pool.spec.engine.overlap) {
      json_.key("dual_batch_overlap").begin_object();
      json_.member("decode_token_threshold", overlap->decode_token_threshold);
      json_.member("prefill_token_threshold", overlap->prefill_token_threshold);
      json_.member("communication_share", overlap->communication_share).end_object();
    }
    json_.end_object();
    json_.key("memory").begin_object().member("budget_bytes", pool.memory.budget.value);
    for (const MemoryTerm& term : pool.memory.terms) json_.member(term.name, term.bytes.value);
    json_.member("kv_block_bytes", pool.memory.block.value).end_object();
  }

  void cost() {
    const CostReport cost = cost_of(outcome_);
    const auto member = [&](std::string_view key, double value) {
      number_or_null(key, cost.known ? std::optional(value) : std::nullopt);
    };
    json_.key("cost").begin_object();
    member("usd_per_hour", cost.usd_per_hour());
    member("capital_usd_per_hour", cost.capital_usd_per_hour);
    member("energy_usd_per_hour", cost.energy_usd_per_hour);
    member("usd_per_mtok_input", cost.usd_per_mtok_input);
    member("usd_per_mtok_output", cost.usd_per_mtok_output);
    member("usd_per_mtok_total", cost.usd_per_mtok_total);
    member("usd_per_mtok_generated", cost.usd_per_mtok_generated);
    if (cost.known) json_.member("basis", name(cost.basis));
    reason(cost.unknown);
    json_.end_object();
  }

  /// Why numbers are null, or null.
  void reason(const std::string& unknown) {
    json_.key("unknown");
    if (unknown.empty()) {
      json_.null();
    } else {
      json_.value(unknown);
    }
  }

  void energy() {
    const EnergyReport report = energy_of(outcome_);
    const bool known = report.all.unknown.empty();
    const TokenCounts& tokens = outcome_.results.tokens;
    const auto member = [&](std::string_view key, double value) {
      number_or_null(key, known ? std::optional(value) : std::nullopt);
    };
    const auto per_token = [&](std::string_view key, std::int64_t count) {
      const bool any = known && count > 0;
      number_or_null(key, any ? std::optional(report.all.joules() / static_cast<double>(count)) : std::nullopt);
    };
    json_.key("energy").begin_object();
    member("joules", report.all.joules());
    per_token("joules_per_output_token", tokens.output);
    per_token("joules_per_token", tokens.input + tokens.output);
    write_shares(json_, "joules_by_tier", known ? report.all.work_j : TierArray<double>{});
    member("running_joules", report.all.running_j);
    member("idle_joules", report.all.idle_j);
    number_or_null("joules_at_most", report.all.most_j);
    if (known) json_.member("basis", name(report.all.basis));
    reason(report.all.unknown);
    json_.key("left_out").begin_list();
    for (const std::string& sentence : report.all.left_out) json_.value(sentence);
    json_.end_list().end_object();
  }

  void power(const PoolEnergy& pool) {
    if (!pool.unknown.empty()) {
      json_.key("power").null();
      return;
    }
    json_.key("power").begin_object().member("mean_w", pool.mean_w).member("peak_w", pool.peak_w);
    number_or_null("cap_w", pool.cap ? std::optional(pool.cap->value) : std::nullopt);
    json_.end_object();
  }

  void inputs() {
    std::array<std::int64_t, basis_names.size()> counts{};
    for (const Provenance& entry : outcome_.built.provenance) ++counts[static_cast<std::size_t>(entry.basis)];
    json_.key("inputs").begin_object();
    for (std::size_t i = 0; i < counts.size(); ++i) json_.member(basis_names[i], counts[i]);
    json_.end_object().key("assumptions").begin_list();
    for (const Provenance& entry : outcome_.built.provenance) {
      json_.begin_object().member("name", entry.name).member("value", entry.value).member("basis", name(entry.basis));
      json_.member("source", entry.source).end_object();
    }
    json_.end_list();
  }

  void workloads() {
    json_.key("workloads").begin_list();
    for (std::size_t i = 0; i < outcome_.notes.size(); ++i) {
      const SourceNotes& notes = outcome_.notes[i];
      json_.begin_object().member("name", loaded_.scenario.workloads[i].name);
      json_.member("rows_read", notes.rows_read).member("rows_kept", notes.rows_kept).key("dropped").begin_object();
      for (const auto& [reason, rows] : notes.dropped) json_.member(reason, rows);
      json_.end_object().key("first_drop").begin_object();
      for (const auto& [reason, place] : notes.first_drop) json_.member(reason, place);
      json_.end_object().key("warnings").begin_object();
      for (const auto& [reason, rows] : notes.warnings) json_.member(reason, rows);
      json_.end_object().key("remarks").begin_list();
      for (const std::string& remark : notes.remarks) json_.value(remark);
      json_.end_list().end_object();
    }
    json_.end_list();
  }

  const LoadedScenario& loaded_;
  const Outcome& outcome_;
  std::string text_;
  JsonWriter json_;
};

}  // namespace

std::string summary_json(const LoadedScenario& loaded, const Outcome& outcome, std::string_view version) {
  return SummaryWriter(loaded, outcome).write_all(version);
}

}  // namespace memwall
