// Where every derived number of a scenario comes from: what `memwall explain` prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/hw/cost.hpp"
#include "sim/llm/batch_shape.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/scenario/build.hpp"

namespace memwall {

/// A setting with the place that it was taken from.
struct ChosenValue {
  std::string key;
  std::string value;
  std::string from;
};

/// A cycle with its price. Costs are those of its first moment: attention grows from there.
struct ExplainedCycle {
  std::string name;
  BatchShape shape;
  Cost cost;
  Affine lateness;                 ///< seconds from its end until its last token exists
  std::vector<NamedStage> stages;  ///< of a part, where parts of the batch take turns

  /// The tier with the largest critical time, ties to the earlier one.
  [[nodiscard]] Tier bottleneck() const;
};

/// The second group of devices of a replica.
struct ExplainedFeedForward {
  std::string device;
  Deployment deployment;
  SplitMemory memory;
  Bytes link_bytes_per_token;  ///< both directions, all layers
};

struct ExplainedPool {
  std::string name;
  std::string device;
  std::string model;
  std::int32_t replicas = 1;
  std::int64_t devices = 1;  ///< of a replica
  std::vector<ChosenValue> chosen;
  Deployment deployment;
  Footprint held;  ///< on one device
  std::optional<ExplainedFeedForward> feed_forward;
  MemoryPlan memory;
  Bytes device_memory;
  double utilization = 0;
  std::int64_t block_size = 0;
  std::int64_t blocks = 0;      ///< with the null block; an override of the engine's sum included
  std::optional<double> ridge;  ///< tokens, at the device's peaks
  std::vector<ExplainedCycle> cycles;
};

struct Explanation {
  std::vector<ExplainedPool> pools;
  std::vector<Provenance> inputs;
};

/// Tokens that each sequence of an explained decode cycle has behind it, or the longest that the engine allows.
inline constexpr std::int64_t explained_context = 1024;

[[nodiscard]] Explanation explain(const Scenario& scenario, const Built& built);

/// For a terminal, and as JSON.
[[nodiscard]] std::string text(const Explanation& explanation);
[[nodiscard]] std::string json_text(const Explanation& explanation);

}  // namespace memwall
