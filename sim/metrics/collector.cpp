#include "sim/metrics/collector.hpp"

#include <algorithm>
#include <utility>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

double over(std::int64_t part, double whole) { return whole > 0 ? static_cast<double>(part) / whole : 0; }

CostSplit split_of(const CycleTally& tally) { return {fixed_seconds(tally.prefill()), fixed_seconds(tally.decode())}; }

Goodput goodput_of(std::int64_t arrived, std::int64_t good, double seconds) {
  return {arrived, good, over(good, seconds), over(good, static_cast<double>(arrived))};
}

}  // namespace

Collector::Collector(CollectorSetup setup)
    : setup_(std::move(setup)),
      pools_(setup_.pools.size()),
      classes_(setup_.exact_below),
      tenants_(setup_.exact_below) {
  Names names;
  for (const CollectorSetup::Pool& each : setup_.pools) names.pools.push_back(each.name);
  for (const CollectorSetup::Workload& each : setup_.workloads) {
    names.workloads.push_back({each.model, each.tenant, each.class_name, each.labels});
    classes_.workload(each.class_name, each.labels.classes);
    tenants_.workload(each.tenant, each.labels.tenants);
    workloads_.push_back({request_bounds(each.slo), {}, {}, LatencyTally(setup_.exact_below), 0});
  }
  if (setup_.requests_csv) request_csv_.emplace(std::move(setup_.requests_csv), names);
  if (setup_.cycles_csv) cycle_csv_.emplace(std::move(setup_.cycles_csv), names, setup_.cycle_rows, setup_.cycle_row);
}

Collector::PoolState& Collector::pool(PoolId id) {
  law(id.value >= 0 && static_cast<std::size_t>(id.value) < pools_.size(), "a record names a pool that is unknown");
  return pools_[static_cast<std::size_t>(id.value)];
}

void Collector::cycles(const CycleSpan& span) {
  PoolState& state = pool(span.pool);
  state.tally.add(span);
  state.energy.add(span);
  const std::int64_t last = span.cycles - 1;
  state.kv_peak_tokens = std::max(state.kv_peak_tokens, span.kv_tokens_at(last));
  state.kv_peak_blocks = std::max(state.kv_peak_blocks, span.kv_blocks_at(last));
  if (span.steady_tokens > 0) {
    const Ramp& gap = span.gap != nullptr ? *span.gap : span.clock.length;
    itl_.add_ramp(gap.from(span.offset), span.cycles, span.steady_tokens);
  }
  if (cycle_csv_) cycle_csv_->cycles(span);
}

void Collector::idle(const IdleSpan& span) {
  pool(span.pool).tally.add_idle(span.end - span.begin, span.waits_for);
  if (cycle_csv_) cycle_csv_->idle(span);
}

void Collector::token_gap(ReplicaId replica, Int128 gap) {
  static_cast<void>(replica);
  itl_.add(gap);
}

void Collector::request(const RequestRecord& record) {
  law(record.workload >= 0 && static_cast<std::size_t>(record.workload) < workloads_.size(),
      "a request names a workload that is unknown");
  digest_.request(record);
  WorkloadState& workload = workloads_[static_cast<std::size_t>(record.workload)];
  const RequestLatency latency = latency_of(record);
  const bool met = slo_met(workload.bounds, record, latency);

  ++workload.requests.arrived;
  ++workload.requests.ended[static_cast<std::size_t>(record.status)];
  workload.good += met ? 1 : 0;
  workload.latency.add(record, latency);
  if (record.status == Status::completed) {
    add(workload.tokens, {record.input_tokens, record.cached_tokens, record.output_tokens});
  }
  classes_.add(record, latency, record.labels.service_class);
  tenants_.add(record, latency, record.labels.tenant);
  if (record.status == Status::completed) images_ += record.labels.images;
  if (record.labels.deadline != Time::never()) ++(deadline_met(record) ? deadlines_.met : deadlines_.missed);
  if (record.pool.value >= 0) {
    PoolState& state = pool(record.pool);
    state.preemptions += record.preemptions;
    if (record.first_scheduled != Time::never()) {
      state.scheduled_input += record.input_tokens;
      state.scheduled_cached += record.cached_tokens;
    }
  }
  if (request_csv_) {
    request_csv_->row(record, latency,
                      !workload.bounds.any ? RequestCsv::Met::not_asked
                      : met                ? RequestCsv::Met::yes
                                           : RequestCsv::Met::no);
  }
}

void Collector::finish() {
  if (request_csv_) request_csv_->finish();
  if (cycle_csv_) cycle_csv_->finish();
}

LatencyTally Collector::all_latencies() const {
  LatencyTally all(setup_.exact_below);
  for (const WorkloadState& workload : workloads_) all.merge(workload.latency);
  return all;
}

std::vector<double> Collector::quantiles(LatencyMetric metric, const std::vector<double>& p) const {
  if (metric != LatencyMetric::itl) return all_latencies().of(metric)->quantiles(p);
  std::vector<double> out;
  for (const double each : p) out.push_back(itl_.quantile_ps(each) * 1e-12);
  return out;
}

std::vector<Verdict> Collector::verdicts() const {
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    const std::int64_t completed = workloads_[i].requests.of(Status::completed);
    for (const SloBound& bound : setup_.workloads[i].slo.bounds) {
      const double p = bound.percentile / 100;
      const Distribution* latencies = workloads_[i].latency.of(bound.metric);
      const double observed = latencies != nullptr ? latencies->quantiles({p}).front() : itl_.quantile_ps(p) * 1e-12;
      const std::int64_t observations = latencies != nullptr ? latencies->count() : itl_.count();
      out.push_back(judge(static_cast<std::int32_t>(i), bound, observed, observations, completed));
    }
  }
  return out;
}

PoolResults Collector::pool_results(std::size_t position) const {
  const CollectorSetup::Pool& shape = setup_.pools[position];
  const PoolState& state = pools_[position];
  PoolResults out;
  out.name = shape.name;
  out.devices = shape.devices;
  out.replicas = shape.replicas;
  out.cycles = state.tally.shares();
  out.computed = state.tally.tokens();
  out.split = split_of(state.tally);
  out.work_joules = state.energy.joules();
  out.work_peak_w = state.energy.peak_watts();
  out.kv_peak_tokens = state.kv_peak_tokens;
  out.kv_peak_blocks = state.kv_peak_blocks;
  out.kv_peak = over(state.kv_peak_blocks, static_cast<double>(shape.kv_blocks));
  out.preemptions = state.preemptions;
  out.prefix_hit_rate = over(state.scheduled_cached, static_cast<double>(state.scheduled_input));
  return out;
}

Results Collector::results(Duration duration) const {
  Results out;
  out.digest = digest_.value();
  out.duration = duration;
  const double seconds = duration.seconds();

  Goodput asked;
  bool any_slo = false;
  for (const WorkloadState& state : workloads_) {
    WorkloadResults workload{state.requests, state.tokens, summaries(state.latency), std::nullopt};
    add(out.requests, state.requests);
    add(out.tokens, state.tokens);
    if (state.bounds.any) {
      any_slo = true;
      asked.arrived += state.requests.arrived;
      asked.good += state.good;
      workload.goodput = goodput_of(state.requests.arrived, state.good, seconds);
    }
    out.workloads.push_back(std::move(workload));
  }
  if (any_slo) out.goodput = goodput_of(asked.arrived, asked.good, seconds);
  out.verdicts = verdicts();
  out.images = images_;
  out.deadlines = deadlines_;
  out.classes = classes_.results();
  out.tenants = tenants_.results();
  out.latency = summaries(all_latencies());
  out.latency.itl = summarize(itl_);

  CycleTally all;
  std::int64_t devices = 0;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    out.pools.push_back(pool_results(i));
    all.merge(pools_[i].tally);
    devices += setup_.pools[i].devices;
  }
  out.cycles = all.shares();
  out.computed = all.tokens();
  out.split = split_of(all);

  out.throughput.requests_per_s = over(out.requests.of(Status::completed), seconds);
  out.throughput.input_tokens_per_s = over(out.tokens.input, seconds);
  out.throughput.output_tokens_per_s = over(out.tokens.output, seconds);
  if (devices > 0) {
    out.throughput.output_tokens_per_s_per_device = out.throughput.output_tokens_per_s / static_cast<double>(devices);
  }
  return out;
}

}  // namespace memwall
