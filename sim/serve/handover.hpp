// Prefill apart from decode: what is known of a request between the engine that computes its prompt and the one that
// goes on with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/metrics/record.hpp"
#include "sim/serve/kv/transfers.hpp"
#include "sim/serve/request.hpp"
#include "sim/serve/scheduler/plan.hpp"

namespace memwall {

/// When the cache moves, and who makes the first token that the client sees.
struct HandoverRules {
  /// false: the decode side hears of the request when its prompt is computed, and pulls the cache once it has room
  /// (vLLM's NIXL connector). true: it hears of it on arrival and keeps room for it, and whole blocks are sent after
  /// each chunk of the prompt (SGLang).
  bool push = false;
  /// false: the prefill side's token is the first one. true: the decode side computes the last token of the prompt
  /// again and samples the first one itself (vLLM).
  bool first_token_at_decode = false;
  /// Requests with fewer tokens that the decode side would have to compute stay there altogether; 0: none do.
  std::int64_t local_below = 0;
  Duration latency;  ///< of a transfer, behind its last byte
};

/// One request under way.
struct Handover {
  Request request;  ///< as it arrived
  std::size_t route = 0;
  ReplicaId prefill{-1};
  ReplicaId decode{-1};
  std::optional<Slot> prefill_slot;  ///< while the prefill side has it, or keeps its blocks
  std::optional<Slot> decode_slot;
  bool computed_all = false;         ///< the prefill side has done its part
  bool decode_ready = false;         ///< the decode side has its blocks
  bool loads = true;                 ///< the decode side waits for them to be filled
  std::int64_t hit_blocks = 0;       ///< of the decode side's own cache
  std::int64_t computed_blocks = 0;  ///< by the prefill side, whole ones until it is done
  std::int64_t sent_blocks = 0;      ///< of the prompt, from its start
  std::int64_t open = 0;             ///< transfers under way
  Time first_byte = Time::never();
  Time last_byte = Time::never();
  RequestRecord prefill_part;  ///< what its record will take over
};

/// Takes the records of both sides apart from the rest, and writes one for each request.
class HandoverSink final : public Sink {
 public:
  HandoverSink(Sink& next, const HandoverRules& rules) : next_(next), rules_(rules) {}
  void cycles(const CycleSpan& span) override { next_.cycles(span); }
  void idle(const IdleSpan& span) override { next_.idle(span); }
  void segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
               std::uint64_t plan_change) override {
    next_.segment(replica, first_cycle, cycles, ramps, plan_change);
  }
  void token_gap(ReplicaId replica, Int128 gap) override { next_.token_gap(replica, gap); }
  void request(const RequestRecord& record) override;

  std::map<RequestId, Handover> handovers;  ///< under way

 private:
  Sink& next_;
  HandoverRules rules_;
};

}  // namespace memwall
