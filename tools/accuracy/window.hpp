// The part of a run that a benchmark would have watched: between warm-up and the last request sent.
#pragma once

#include <cstdint>
#include <memory>

#include "sim/metrics/collector.hpp"
#include "sim/serve/source.hpp"

namespace memwall::accuracy {

/// When the window opens and closes; filled while the run goes on.
struct WindowTimes {
  std::int64_t opens_after = 0;  ///< ended requests
  bool closes = true;            ///< with the last request sent; else with the run
  Time open = Time::never();
  Time close = Time::never();
};

/// Hands on what `inner` has to give, and notes in `times` when the window opens and closes.
[[nodiscard]] std::unique_ptr<RequestSource> watched(std::unique_ptr<RequestSource> inner,
                                                     std::shared_ptr<WindowTimes> times);

/// Hands on to a collector what lies in the window. A cycle does if it begins and ends there, a request if it arrived
/// there. Counts what needs the window's own clock.
class WindowSink final : public Sink {
 public:
  WindowSink(Collector& collector, std::shared_ptr<const WindowTimes> times)
      : collector_(collector), times_(std::move(times)) {}

  void cycles(const CycleSpan& span) override;
  void idle(const IdleSpan& span) override;
  void request(const RequestRecord& record) override;
  void segment(ReplicaId, std::int64_t, std::int64_t, const TierRamps&, std::uint64_t) override {}
  void token_gap(ReplicaId replica, Int128 gap) override;

  [[nodiscard]] Duration duration() const { return duration_; }
  /// Tokens generated: one with each decode, and each request's first.
  [[nodiscard]] std::int64_t output_tokens() const { return decoded_ + first_tokens_; }
  /// Sequences in a batch, mean over time.
  [[nodiscard]] double mean_batch() const;
  [[nodiscard]] std::int64_t cycles() const { return cycles_; }

 private:
  [[nodiscard]] bool holds(Time begin, Time end) const;

  Collector& collector_;
  std::shared_ptr<const WindowTimes> times_;
  Duration duration_;
  std::int64_t cycles_ = 0;
  std::int64_t decoded_ = 0;
  std::int64_t first_tokens_ = 0;
  double batch_seconds_ = 0;
  bool inside_ = false;  ///< the cycles told last
};

}  // namespace memwall::accuracy
