// A device, a source and a sink that are small enough to reason about, for tests of the engine.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/llm/price_program.hpp"
#include "sim/serve/cluster.hpp"

namespace memwall::test {

/// Every price is linear but attention, which has a bend, so that horizons occur.
class ToyDevice final : public DeviceModel {
 public:
  ToyDevice() : attention_({{0, 5e-6}, {2000, 6e-6}, {9000, 30e-6}, {50000, 60e-6}}) { info_.id = "toy"; }
  const DeviceInfo& info() const override { return info_; }
  Cost gemm(const Gemm& work, double rows) const override {
    Cost cost;
    cost.then(Tier::launch, Affine::constant(3e-6));
    cost.race(Tier::hbm, Affine::constant((work.weights.value + work.activations_per_row.value * rows) / 3e12),
              Tier::compute, Affine::constant(work.flops_per_row.value * rows / 8e14));
    return cost;
  }
  Cost experts(const Experts&, double) const override { return {}; }
  Cost decode_attention(const Attention&, double, Affine context) const override {
    Cost cost;
    cost.then(Tier::hbm, attention_.at(context));
    return cost;
  }
  Cost prefill_attention(const Attention& work, const PrefillWork& amount) const override {
    Cost cost;
    cost.then(Tier::compute, Affine::constant(work.flops_per_pair.value * amount.pairs / 5e14));
    return cost;
  }
  Cost elementwise(const Elementwise&, double) const override { return {}; }
  Cost recurrence(const Recurrence&, double, double) const override { return {}; }
  Precision compute_format(Precision weights) const override { return weights; }

 private:
  DeviceInfo info_;
  TimeTable attention_;
};

/// With one attention for all keys and one for each of `reaches`.
inline std::unique_ptr<PriceProgram> toy_program(bool asynchronous, const std::vector<Reach>& reaches = {}) {
  Gemm gemm;
  gemm.weights = Bytes{4e7};
  gemm.activations_per_row = Bytes{3e4};
  gemm.flops_per_row = Flops{4e7};
  Gemm head = gemm;
  head.weights = Bytes{1e8};
  Attention attention;
  attention.flops_per_pair = Flops{1e4};
  std::vector<Placed> operators = {
      {10, gemm, Driver::tokens}, {1, head, Driver::sampled}, {10, attention, Driver::attention}};
  for (const Reach reach : reaches) operators.push_back({7, attention, Driver::attention, reach});
  CycleOverheads overheads{Seconds{asynchronous ? 3e-4 : 1.5e-3}, asynchronous, Seconds{6e-5}};
  return std::make_unique<PriceProgram>(std::move(operators), std::make_shared<ToyDevice>(),
                                        std::make_shared<Interconnect>(), overheads);
}

/// A fixed list of requests, in order of arrival.
class ListSource final : public RequestSource {
 public:
  explicit ListSource(std::vector<Request> requests) : requests_(std::move(requests)) {}
  Time next_arrival() const override { return next_ < requests_.size() ? requests_[next_].arrival : Time::never(); }
  Request pop() override { return requests_[next_++]; }
  void ended(const Request&, Time) override {}
  bool exhausted() const override { return next_ == requests_.size(); }
  bool shares_tokens() const override { return true; }
  SourceNotes notes() const override { return {}; }

 private:
  std::vector<Request> requests_;
  std::size_t next_ = 0;
};

/// Keeps everything.
class Recorder final : public Sink {
 public:
  struct Segment {
    std::int32_t replica;
    std::int64_t first_cycle, cycles;
    TierRamps ramps;
    std::uint64_t change;
  };
  void cycles(const CycleSpan& span) override {
    for (std::int64_t k = 0; k < span.cycles; ++k) boundaries.push_back(span.clock.boundary(span.offset + k + 1));
    spans.push_back(span);
    steady_tokens += span.steady_tokens * span.cycles;
    tokens += (span.decode_tokens + span.prefill_tokens) * span.cycles;
  }
  void idle(const IdleSpan& span) override { idles.push_back(span); }
  void request(const RequestRecord& record) override { requests.push_back(record); }
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t change) override {
    segments.push_back({replica.value, first_cycle, cycles, ramps, change});
  }
  void token_gap(ReplicaId, Int128 gap) override { gaps.push_back(static_cast<std::int64_t>(gap >> 24)); }

  std::vector<CycleSpan> spans;
  std::vector<IdleSpan> idles;
  std::vector<RequestRecord> requests;
  std::vector<Segment> segments;
  std::vector<Time> boundaries;
  std::vector<std::int64_t> gaps;
  std::int64_t steady_tokens = 0;
  std::int64_t tokens = 0;
};

struct ToyRun {
  bool identity = true;
  VllmConfig config;
  std::int32_t replicas = 1;
  std::vector<Request> requests;
};

inline void run_toy(const ToyRun& toy, bool reference, Recorder& recorder) {
  std::vector<PoolSetup> pools(1);
  pools[0].engine.scheduler = toy.config;
  pools[0].engine.padding = GraphPadding::vllm(toy.config.max_num_seqs, 0);
  pools[0].engine.keep_block_identity = toy.identity;
  pools[0].engine.one_cycle_an_event = reference;
  pools[0].replicas = toy.replicas;
  pools[0].program = toy_program(toy.config.async_scheduling, toy.config.reaches);
  std::vector<WorkloadSetup> workloads(1);
  workloads[0].source = std::make_unique<ListSource>(toy.requests);
  Cluster cluster(std::move(pools), std::move(workloads), std::make_unique<LeastLoaded>(toy.replicas), recorder);
  cluster.run();
}

}  // namespace memwall::test
