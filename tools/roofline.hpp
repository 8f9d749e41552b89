// The roofline of a device, with the operators of a model on it: how fast an operator could run for the bytes that it
// touches, and how fast the device's prices say that it runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/hw/device.hpp"
#include "sim/llm/deployment.hpp"
#include "sim/llm/model.hpp"

namespace memwall::tools {

/// A number format's peak, a level line.
struct Ceiling {
  std::string name;
  double rate = 0;  ///< FLOP/s
};

/// A memory's bandwidth, a rising line.
struct Slope {
  std::string name;
  double bandwidth = 0;  ///< bytes/s
};

/// An operator at the intensity of its work and at the rate that its price gives.
struct OperatorPoint {
  std::string name;
  double intensity = 0;       ///< FLOP for each byte of weights, cache and activations
  double rate = 0;            ///< FLOP/s
  double roof = 0;            ///< FLOP/s that its format's peak and the main memory allow
  Tier tier = Tier::compute;  ///< critical for the most time
};

struct Roofline {
  std::string title;
  std::vector<Ceiling> ceilings;  ///< falling
  std::vector<Slope> slopes;      ///< the memory of caches first
  std::vector<OperatorPoint> points;
};

/// What a batch of decoding sequences is, for the operators.
struct RooflineBatch {
  std::int64_t sequences = 32;
  std::int64_t context = 2000;  ///< tokens of each
};

[[nodiscard]] Roofline roofline_of(const DeviceModel& device);

/// Adds every operator with arithmetic of one decode cycle on one rank. The device has the rank's weights laid out.
void add_operators(Roofline& roofline, const DeviceModel& device, const ModelShape& model, const Deployment& deployment,
                   RooflineBatch batch);

/// The drawing for a terminal, both axes logarithmic, with a legend.
[[nodiscard]] std::string terminal_drawing(const Roofline& roofline);
/// The same as a whole SVG document.
[[nodiscard]] std::string svg_drawing(const Roofline& roofline);

}  // namespace memwall::tools
