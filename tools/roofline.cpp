#include "tools/roofline.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include "hw_models/common/routing.hpp"
#include "sim/llm/operators.hpp"

namespace memwall::tools {
namespace {

/// What an operator does in a decode cycle, whatever its kind.
struct Amount {
  std::string name;
  double bytes = 0;
  double flops = 0;
  Precision compute = Precision::bf16;
  Cost cost;
};

std::optional<Amount> amount_of(const DeviceModel& device, const Gemm& work, RooflineBatch batch) {
  const auto rows = static_cast<double>(batch.sequences);
  return Amount{work.name, (work.weights + work.activations_per_row * rows).value, (work.flops_per_row * rows).value,
                work.compute, device.gemm(work, rows)};
}

std::optional<Amount> amount_of(const DeviceModel& device, const Experts& work, RooflineBatch batch) {
  const auto tokens = static_cast<double>(batch.sequences);
  const double rows = work.rows_per_token * tokens;
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  return Amount{work.name, (work.weights_per_expert * chosen + work.activations_per_row * rows).value,
                (work.flops_per_row * rows).value, work.compute, device.experts(work, tokens)};
}

std::optional<Amount> amount_of(const DeviceModel& device, const Attention& work, RooflineBatch batch) {
  const auto sequences = static_cast<double>(batch.sequences);
  const double context = sequences * static_cast<double>(batch.context);
  return Amount{work.name, work.kv_per_token.value * context, work.flops_per_decode_pair.value * context, work.compute,
                device.decode_attention(work, sequences, Affine{context, sequences})};
}

/// The others have next to no arithmetic, or run on the links.
template <class Other>
std::optional<Amount> amount_of(const DeviceModel&, const Other&, RooflineBatch) {
  return std::nullopt;
}

Tier slowest(const Cost& cost) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < tier_count; ++i) {
    if (cost.critical.at[i].value > cost.critical.at[best].value) best = i;
  }
  return tier_at(best);
}

}  // namespace

Roofline roofline_of(const DeviceModel& device) {
  const DeviceInfo& info = device.info();
  Roofline out;
  out.title = info.name;
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (!info.peak[i]) continue;
    const double rate = info.peak[i]->value.value;
    const auto same =
        std::find_if(out.ceilings.begin(), out.ceilings.end(), [&](const Ceiling& c) { return c.rate == rate; });
    if (same == out.ceilings.end()) {
      out.ceilings.push_back({std::string(precision_names[i]), rate});
    } else {
      same->name += ", " + std::string(precision_names[i]);
    }
  }
  std::stable_sort(out.ceilings.begin(), out.ceilings.end(),
                   [](const Ceiling& a, const Ceiling& b) { return a.rate > b.rate; });
  for (const MemoryTier& memory : info.memories()) out.slopes.push_back({memory.name, memory.bandwidth.value.value});
  return out;
}

void add_operators(Roofline& roofline, const DeviceModel& device, const ModelShape& model, const Deployment& deployment,
                   RooflineBatch batch) {
  for (const Placed& placed : cycle_operators(model, deployment)) {
    const auto amount = std::visit([&](const auto& work) { return amount_of(device, work, batch); }, placed.work);
    if (!amount || amount->bytes <= 0 || amount->flops <= 0) continue;
    OperatorPoint point;
    point.name = amount->name;
    point.intensity = amount->flops / amount->bytes;
    point.rate = amount->flops / amount->cost.total().value;
    const auto& peak = device.info().peak[static_cast<std::size_t>(device.compute_format(amount->compute))];
    point.roof = point.intensity * device.info().bandwidth.value.value;
    if (peak) point.roof = std::min(point.roof, peak->value.value);
    point.tier = slowest(amount->cost);
    const bool known = std::any_of(roofline.points.begin(), roofline.points.end(), [&](const OperatorPoint& other) {
      return other.name == point.name && other.intensity == point.intensity && other.rate == point.rate;
    });
    if (!known) roofline.points.push_back(std::move(point));
  }
}

}  // namespace memwall::tools
