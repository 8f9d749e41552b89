// Cycles of a replica whose attention and feed-forward parts live on two groups of devices.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/llm/cycle_overheads.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/llm/interleave.hpp"
#include "sim/llm/operator_sum.hpp"

namespace memwall {

/// What joins the two groups; the same in both directions, which do not disturb each other.
struct GroupLink {
  BytesPerSecond bandwidth;  ///< of all of it together, one direction
  Seconds latency;           ///< from one group into the other, before the first byte
  Tier tier = Tier::scale_out;
  Bytes there;  ///< activations of one token, to the feed-forward part
  Bytes back;   ///< the same on the way to attention
};

/// One group of devices, as a stage that the parts of a batch visit.
class StagePricer {
 public:
  virtual ~StagePricer() = default;
  /// For one of `parts` equal parts of the batch, all layers.
  [[nodiscard]] virtual Stage price(const BatchShape& shape, std::int64_t parts) = 0;
  [[nodiscard]] virtual Stage price_from_scratch(const BatchShape& shape, std::int64_t parts) const = 0;
};

/// All devices of the group run every layer together.
class TogetherStage final : public StagePricer {
 public:
  explicit TogetherStage(OperatorSum operators) : operators_(std::move(operators)) {}
  [[nodiscard]] Stage price(const BatchShape& shape, std::int64_t parts) override;
  [[nodiscard]] Stage price_from_scratch(const BatchShape& shape, std::int64_t parts) const override;
  [[nodiscard]] const std::vector<Reach>& reaches() const { return operators_.reaches(); }

 private:
  OperatorSum operators_;
};

/// The layers' feed-forward parts lie side by side on the devices of the group. A part of a batch arrives whole, so
/// each weight is read once for all of its rows; the devices of other layers are free for other parts meanwhile.
class LaidOutStage final : public StagePricer {
 public:
  /// `operators` are those of the whole model's feed-forward parts on one device, `layers` the number of layers that
  /// have one; `device` must be spatial.
  LaidOutStage(std::vector<Placed> operators, std::shared_ptr<const DeviceModel> device, double layers, double devices,
               Bytes activations_per_token);
  [[nodiscard]] Stage price(const BatchShape& shape, std::int64_t parts) override {
    return price_from_scratch(shape, parts);
  }
  [[nodiscard]] Stage price_from_scratch(const BatchShape& shape, std::int64_t parts) const override;
  [[nodiscard]] double places() const { return places_; }

 private:
  std::vector<Placed> operators_;  ///< each the share of one device
  std::shared_ptr<const DeviceModel> device_;
  double layers_;
  double each_;  ///< devices, or fractions of one, that work on a layer
  double places_;
  double fills_ = 0;
  Bytes activations_;
};

/// A batch is split into `micro_batches` equal parts (fewer where it has fewer tokens) that take turns: while one is on
/// the feed-forward side or under way, attention works on another. Activations cross the link twice a layer. The
/// interval of a cycle is the slower of a part's whole trip and all parts on the busiest stage; see interleave.hpp.
/// Head and sampling are with attention. docs/models/afd.md.
class SplitProgram final : public CyclePricer {
 public:
  /// `layers`: how many layers have a feed-forward part.
  SplitProgram(TogetherStage attention, std::unique_ptr<StagePricer> feed_forward, GroupLink link, double layers,
               std::int64_t micro_batches, CycleOverheads overheads);

  [[nodiscard]] const Cost& price(const BatchShape& shape) override;
  [[nodiscard]] Cost price_from_scratch(const BatchShape& shape) const override;
  [[nodiscard]] Affine lateness(const BatchShape& shape) const override;
  [[nodiscard]] const std::vector<Reach>& reaches() const override { return attention_.reaches(); }

  [[nodiscard]] std::vector<NamedStage> stages(const BatchShape& shape) const override;

  /// The stages of one part of this batch, in the order of its way: attention, there, feed-forward, back.
  [[nodiscard]] std::vector<Stage> way(const BatchShape& shape) const;
  [[nodiscard]] std::int64_t parts(const BatchShape& shape) const;
  /// Over the link in a cycle, both directions.
  [[nodiscard]] Bytes link_bytes(const BatchShape& shape) const;

 private:
  [[nodiscard]] Stage crossing(const BatchShape& shape, Bytes token) const;

  TogetherStage attention_;
  std::unique_ptr<StagePricer> feed_forward_;
  GroupLink link_;
  double layers_;
  std::int64_t micro_batches_;
  CycleOverheads overheads_;
  Cost host_;
  Cost answer_;
};

}  // namespace memwall
