// trace.json: a run as a timeline for Perfetto (ui.perfetto.dev) and other readers of Chrome's trace events.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/metrics/csv.hpp"
#include "sim/metrics/record.hpp"

namespace memwall::tools::exports {

/// Writes the events of Chrome's Trace Event Format while the run goes on:
///  - a process a replica, a thread a lane; a slice ("X") for each run of cycles of one plan with one bottleneck, which
///    is its name, so that a viewer colours slices by bottleneck; its args say cycles, tokens, sequences and limit;
///  - a counter ("C") with the busy share of every tier, told where a share moved by a hundredth;
///  - requests as nested async slices ("b", "e"): the whole, and in it queue, prefill and decode;
///  - transfers of caches as async slices with a flow ("s", "f") from the replica that prefilled to the one that
///  decodes.
/// Times are in microseconds with six decimals, which is exact.
///
/// The size is bounded: from the moment on at which `most_slices` slices have been written, nothing that begins later
/// is. `otherData` at the end says when that was and how many slices and requests are left out.
class PerfettoTrace final : public Sink {
 public:
  static constexpr std::int64_t default_most_slices = 10'000;

  /// `pools`: their names by id.
  PerfettoTrace(ByteSink sink, std::vector<std::string> pools, std::int64_t most_slices = default_most_slices);

  void cycles(const CycleSpan& span) override;
  void idle(const IdleSpan& span) override;
  void request(const RequestRecord& record) override;
  void segment(ReplicaId, std::int64_t, std::int64_t, const TierRamps&, std::uint64_t) override {}
  void token_gap(ReplicaId, Int128) override {}

  /// Ends the document. Call it once, when the run is over.
  void finish();

 private:
  struct Replica {
    bool named = false;
    std::int32_t lanes = 0;  ///< that have a name
    std::array<std::int64_t, tier_count> hundredths{};
  };

  /// Whether what begins then is still written.
  [[nodiscard]] bool open_at(Time begin) const { return begin < cut_; }
  Replica& replica(ReplicaId id, PoolId pool, std::int32_t lane);
  void slice(const CycleSpan& span, Tier bottleneck, std::int64_t from, std::int64_t until);
  void busy(const CycleSpan& span, Replica& owner);
  void async(std::string_view phase, const RequestRecord& record, std::string_view name, Time at);
  void nested(const RequestRecord& record, std::string_view name, Time begin, Time end);
  void transfer(const RequestRecord& record);
  void event(std::string_view phase, Time at, std::int64_t process, std::int64_t thread);
  void microseconds(std::int64_t ps);
  void integer(std::int64_t value);
  void hand_on(std::size_t at_least);

  ByteSink sink_;
  std::vector<std::string> pools_;
  std::int64_t most_slices_;
  std::int64_t slices_ = 0;
  Time cut_ = Time::never();
  std::int64_t slices_left_out_ = 0;
  std::int64_t requests_left_out_ = 0;
  std::vector<Replica> replicas_;
  std::string text_;
  bool any_ = false;
};

}  // namespace memwall::tools::exports
