// Cycles of a machine on which the layers are laid out in space: tokens flow through places.
#pragma once

#include <memory>
#include <vector>

#include "sim/hw/device.hpp"
#include "sim/hw/spatial.hpp"
#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/operators.hpp"

namespace memwall {

/// A cycle gives every running sequence one token and takes max(trip, slots x time of a place): the trip is what one
/// token needs through all layers, the other what the places need for all slots. The layers are taken as evenly spread,
/// so a place needs the work of a slot over the number of places. Fill, hops and hand-overs are tier `pipeline`; they
/// lengthen the trip and occupy nobody. Slots enter one after another, so the last of a cycle's tokens exist up to a
/// trip after the first place is free again: `lateness`.
class SpatialProgram final : public CyclePricer {
 public:
  /// `operators` are those of the whole model on one device (cycle_operators without tensor parallelism); `device` must
  /// be spatial.
  SpatialProgram(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device, double layers,
                 double devices, Bytes activations_per_token, CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override {
    answer_ = price_from_scratch(shape);
    return answer_;
  }
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;

  [[nodiscard]] Affine lateness(const BatchShape& shape) const override;

  [[nodiscard]] const std::vector<Reach>& reaches() const override { return reaches_; }

  /// Time of one slot's hops, fills and hand-overs.
  [[nodiscard]] Seconds latency() const { return latency_; }
  [[nodiscard]] double places() const { return places_; }

 private:
  struct Flow {
    Cost trip;         ///< of the longest way that a token goes
    Cost all_work;     ///< of every slot, at every place
    Affine last_slot;  ///< work of the slot that enters last, at every place
  };
  [[nodiscard]] Flow flow(const BatchShape& shape) const;
  [[nodiscard]] Cost work(Driver driver, double rows) const;
  [[nodiscard]] Cost decode_attention(const BatchShape& shape) const;
  [[nodiscard]] Cost prefill_attention(const BatchShape& shape) const;
  [[nodiscard]] Cost states(double sequences, double tokens) const;

  std::vector<Placed> operators_;  ///< each the share of one device
  std::vector<Reach> reaches_;
  std::vector<int> reach_;  ///< of each operator: place of its limited reach in a batch's sums; -1 = none
  std::shared_ptr<const DeviceModel> device_;
  CycleOverheads overheads_;
  Cost host_;
  double places_;
  double energy_share_;  ///< of a device, in the energy of a share of every operator
  double prompt_slot_;
  Seconds latency_;
  Cost token_;  ///< of a token that decodes, attention left out
  Cost prompt_slot_work_;
  Cost head_;
  Cost answer_;
};

}  // namespace memwall
