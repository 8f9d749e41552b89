// result.json: a run as `vllm bench serve --save-result` writes one, for whatever reads those files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/scenario/run.hpp"
#include "tools/exports/vllm_tally.hpp"

namespace memwall::tools::exports {

/// Single requests and their tokens, as `--save-detailed` has them. Keeps a moment for each cycle that decodes and a
/// record for each request.
class TokenTimes final : public Sink {
 public:
  void cycles(const CycleSpan& span) override;
  void idle(const IdleSpan&) override {}
  void request(const RequestRecord& record) override { records_.push_back(record); }
  void segment(ReplicaId, std::int64_t, std::int64_t, const TierRamps&, std::uint64_t) override {}
  void token_gap(ReplicaId, Int128) override {}

  /// Members `input_lens` to `errors` as JSON without braces, by request id. A request has a token in every cycle of
  /// its replica between its first token and its last. Where it has fewer tokens than there were cycles (it was
  /// preempted, or other batches were in flight), its gaps are told as equal and counted in `itls_spread_evenly`.
  [[nodiscard]] std::string members() const;

 private:
  std::vector<RequestRecord> records_;
  std::map<std::int32_t, std::vector<std::int64_t>> born_ps_;  ///< by replica, rising
};

/// `detailed` may be null. The keys and definitions are those of vllm/benchmarks/serve.py; `date` is the simulated
/// clock's beginning, because files do not tell when they were made.
[[nodiscard]] std::string result_json(const LoadedScenario& loaded, const Outcome& outcome, const VllmTally& tally,
                                      const TokenTimes* detailed);

/// The model of a scenario by the name of its configuration; several are joined by commas.
[[nodiscard]] std::string model_name(const Scenario& scenario);

}  // namespace memwall::tools::exports
