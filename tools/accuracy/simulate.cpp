#include "tools/accuracy/simulate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/scenario/build.hpp"
#include "sim/scenario/energy.hpp"
#include "tools/accuracy/steady_loop.hpp"
#include "tools/accuracy/window.hpp"
#include "workloads/generators/synthetic.hpp"

namespace memwall::accuracy {
namespace {

/// How long the measured open-loop stages last (docs/accuracy.md). In an overloaded run latencies grow with it.
constexpr double stage_s = 600;

class Replay final : public RequestSource {
 public:
  explicit Replay(std::vector<Request> requests) : requests_(std::move(requests)) {}
  Time next_arrival() const override { return exhausted() ? Time::never() : requests_[next_].arrival; }
  Request pop() override { return requests_.at(next_++); }
  void ended(const Request&, Time) override {}
  bool exhausted() const override { return next_ == requests_.size(); }
  bool shares_tokens() const override { return false; }
  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = static_cast<std::int64_t>(requests_.size());
    return notes;
  }

 private:
  std::vector<Request> requests_;
  std::size_t next_ = 0;
};

std::int64_t longest_sequence(const ServingCase& served) {
  const double answer = std::ceil(static_cast<double>(served.output_tokens) * served.spread.longest());
  std::int64_t longest = served.input_tokens + static_cast<std::int64_t>(answer);
  for (const Request& request : served.requests) {
    longest = std::max(longest, request.input_tokens + request.output_tokens);
  }
  return longest;
}

std::unique_ptr<RequestSource> requests_of(const ServingCase& served, std::int64_t in_service, WindowTimes& window,
                                           const SourceContext& context) {
  if (served.load == Load::replayed) {
    window.closes = false;
    return std::make_unique<Replay>(served.requests);
  }
  if (served.load == Load::steady_loop) {
    SteadyLoopOptions loop;
    loop.clients = served.clients;
    loop.in_service = in_service;
    // Half a generation to let the start fade, and then at least one to watch: enough for means of rates and medians
    // of gaps, which average over every sequence of every cycle.
    window.opens_after = std::max<std::int64_t>(in_service / 2, 8);
    loop.requests = served.clients + window.opens_after + std::max<std::int64_t>(in_service, 64);
    loop.input_tokens = served.input_tokens;
    loop.output_tokens = served.output_tokens;
    loop.longest = longest_sequence(served);
    loop.spread = served.spread;
    loop.stops_by_eos = served.stops_by_eos;
    return steady_loop(loop);
  }
  SyntheticOptions options;
  options.shape.lengths.input = FixedLength{served.input_tokens};
  options.shape.lengths.output = FixedLength{served.output_tokens};
  if (served.load == Load::together) {
    window.closes = false;
    options.begin.extent.count = served.clients;
    options.begin.arrivals = ClosedLoop{served.clients, {}};
  } else {
    options.begin.extent.count = std::max<std::int64_t>(100, std::llround(served.rate_per_s * stage_s));
    options.begin.arrivals = OpenArrivals{GammaArrivals{PerSecond{served.rate_per_s}, 1}};
  }
  return synthetic_requests(options, context);
}

PoolSpec pool_of(const ServingCase& served) {
  PoolSpec pool;
  pool.name = "measured";
  pool.device = served.device;
  pool.model = "model";
  pool.tensor = served.tensor;
  EngineKeys& engine = pool.engine;
  engine.max_num_seqs = served.max_num_seqs;
  engine.max_num_batched_tokens = served.max_num_batched_tokens;
  engine.gpu_memory_utilization = served.gpu_memory_utilization;
  engine.max_model_len = longest_sequence(served);
  engine.scheduler.async_scheduling = served.engine != Engine::vllm_sync;
  // Of vLLM; a scenario's default too (docs/models/vllm.md).
  engine.sampling_time_per_sequence = Seconds{60e-6};
  if (served.engine == Engine::tensorrt_llm) {
    engine.schedule_time = Seconds{0};
    engine.sampling_time_per_sequence = Seconds{0};
  }
  return pool;
}

Tier largest(const CycleShares& shares) {
  const auto& at = shares.bottleneck_share.at;
  return tier_at(static_cast<std::size_t>(std::max_element(at.begin(), at.end()) - at.begin()));
}

}  // namespace

Simulated simulate(const ServingCase& served, const Catalogue& catalogue) {
  Scenario scenario;
  ModelSpec& model = scenario.models["model"];
  model.config = served.model;
  model.weights = served.weights;
  model.kv_cache = served.kv;
  scenario.pools.push_back(pool_of(served));
  if (served.tensor > 1) scenario.interconnect = served.interconnect;
  const auto window = std::make_shared<WindowTimes>();
  const std::int64_t in_service = std::min(served.clients, served.max_num_seqs.value_or(served.clients));
  WorkloadSpec workload;
  workload.name = "measured";
  workload.open = [&](const SourceContext& context) {
    auto requests = requests_of(served, in_service, *window, context);
    return watched(std::move(requests), window);
  };
  scenario.workloads.push_back(std::move(workload));

  Built built = build(scenario, catalogue, {});
  CollectorSetup setup;
  const BuiltPool& pool = built.pools.front();
  setup.pools.push_back({"measured", pool.devices(), 1, pool.engine.scheduler.num_blocks - 1});
  setup.workloads.push_back({});
  Collector collector(std::move(setup));
  WindowSink sink(collector, window);
  Cluster cluster(pool_setups(built), std::move(built.workloads), std::make_unique<LeastLoaded>(1), sink);
  cluster.run();
  collector.finish();
  law(sink.duration().ps > 0, "a measured row's run has time in its window");

  Simulated out;
  out.results = collector.results(sink.duration());
  out.output_tokens_per_s = static_cast<double>(sink.output_tokens()) / sink.duration().seconds();
  out.mean_batch = sink.mean_batch();
  if (const PoolEnergy energy = pool_energy(pool, out.results.pools.front()); energy.unknown.empty())
    out.joules = energy.joules();
  out.devices = pool.devices();
  out.cycles = sink.cycles();
  out.bottleneck = largest(out.results.cycles.all);
  return out;
}

}  // namespace memwall::accuracy
