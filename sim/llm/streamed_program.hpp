// Cycles of a machine that brings the weights of one layer after another from outside, because they do not fit on it.
#pragma once

#include <memory>
#include <vector>

#include "sim/hw/spatial.hpp"
#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/operator_sum.hpp"

namespace memwall {

/// All rows of a batch pass a layer while its weights are there, so weights are streamed once a cycle and used by the
/// whole batch. Every device is sent the same weights at the same time and has an equal part of the sequences. Bringing
/// a layer is hidden behind the layer before it, or the other way round: a cycle takes the longer of all weights over
/// the store's bandwidth and all layers' work. docs/models/wafer.md.
class StreamedProgram final : public CyclePricer {
 public:
  /// `operators` are those of the whole model on one device; `weights` is what a cycle brings; `device` must be spatial
  /// and have a weight store.
  StreamedProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device, std::int64_t devices,
                  Bytes weights, CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override;
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;
  [[nodiscard]] std::vector<NamedStage> stages(const BatchShape& shape) const override;
  [[nodiscard]] const std::vector<Reach>& reaches() const override { return work_.reaches(); }

 private:
  void finish(const BatchShape& shape, Cost& cost) const;
  [[nodiscard]] std::int64_t parts(const BatchShape& shape) const;

  OperatorSum work_;
  std::int64_t devices_;
  Seconds latency_;  ///< of all matrix operators of a cycle
  Cost stream_;
  CycleOverheads overheads_;
  Cost host_;
  Cost answer_;
};

}  // namespace memwall
