// Cycles in which two halves of the batch take turns, so that the collectives of one hide behind the work of the other.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/interleave.hpp"
#include "sim/llm/operator_sum.hpp"

namespace memwall {

/// When a batch is split, and what its communication takes from the device. Names and meanings are vLLM's.
struct DualBatchOverlap {
  std::int64_t decode_token_threshold = 32;    ///< of a cycle of decodes alone: split from so many tokens on
  std::int64_t prefill_token_threshold = 512;  ///< of a cycle with prompts
  double communication_share = 0;              ///< of the arithmetic units, for as long as the batch is split; below 1
};

/// A split cycle reads the layers' weights once for each half. Its halves end together, so the time until the second
/// one is through belongs to the cycle; head and sampling follow for the whole batch. docs/models/overlap.md.
class OverlapProgram final : public CyclePricer {
 public:
  /// `layers` of the model. Throws LogicError where a share is to be set aside and the device cannot.
  OverlapProgram(const std::vector<Placed>& operators, std::shared_ptr<const DeviceModel> device,
                 std::shared_ptr<const Interconnect> interconnect, double layers, DualBatchOverlap settings,
                 CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override;
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;
  [[nodiscard]] std::vector<NamedStage> stages(const BatchShape& shape) const override;
  [[nodiscard]] const std::vector<Reach>& reaches() const override { return whole_.reaches(); }

  [[nodiscard]] bool splits(const BatchShape& shape) const;

 private:
  [[nodiscard]] Cost together(Stage work, Stage communication, const Cost& head) const;

  OperatorSum whole_;
  OperatorSum work_;  ///< of a half, on what communication leaves of the device
  OperatorSum communication_;
  OperatorSum head_;
  double layers_;
  DualBatchOverlap settings_;
  CycleOverheads overheads_;
  Cost host_;
  Cost answer_;
};

}  // namespace memwall
