#include "hw_models/fixed_transformer/fixed_transformer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "hw_models/common/formats.hpp"
#include "hw_models/common/reading.hpp"
#include "hw_models/common/routing.hpp"
#include "sim/base/error.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

Affine constant(Seconds seconds) { return Affine::constant(seconds.value); }
std::size_t at(LayerKind kind) { return static_cast<std::size_t>(kind); }

Cost slowly(const FixedTransformer::SlowPath& path, const EnergyFacts& energy, Affine bytes, Affine flops,
            int kernels) {
  Cost cost;
  // Its arithmetic is another chip's, and so is the energy of that.
  spend_bytes(cost, energy, Tier::host_link, bytes);
  cost.then(Tier::launch, constant(path.launch * kernels));
  cost.race(Tier::host_link, bytes / path.bandwidth.value, Tier::vector, flops / path.rate.value);
  return cost;
}

/// Kinds that have an operator of their own. The others differ from them in what surrounds it, which no slow path can
/// take over.
constexpr std::array separable = {LayerKind::softmax_attention, LayerKind::recurrence, LayerKind::mixture_of_experts};

std::array<bool, layer_kind_count> read_kinds(Reader& reader, std::string_view key, bool required,
                                              std::string_view doc) {
  std::array<bool, layer_kind_count> out{};
  for (const std::string& text : reader.texts(key, required, doc)) {
    const auto* found = std::find(layer_kind_names.begin(), layer_kind_names.end(), text);
    if (found == layer_kind_names.end()) {
      std::string known;
      for (const std::string_view kind : layer_kind_names) known += (known.empty() ? "" : ", ") + std::string(kind);
      reader.fault(key, "\"" + text + "\" is no kind of layer; these are: " + known);
    } else {
      out[static_cast<std::size_t>(found - layer_kind_names.begin())] = true;
    }
  }
  return out;
}

FixedTransformer::SlowPath read_slow_path(Reader& reader, const std::array<bool, layer_kind_count>& refused) {
  FixedTransformer::SlowPath path;
  reader.object("slow_path", true, "where some of the layers run that the data path does not know", [&](Reader& r) {
    path.layers = read_kinds(r, "layers", true, "kinds of layers that run there");
    path.bandwidth = read_rate<BytesPerSecond>(r, "bandwidth", "at which it is fed");
    path.rate = read_rate<FlopsPerSecond>(r, "rate", "of its arithmetic");
    path.launch = r.sourced<Seconds>("launch", "fixed time of one operator there").value;
    for (std::size_t i = 0; i < layer_kind_count; ++i) {
      if (!path.layers[i]) continue;
      const std::string kind(layer_kind_names[i]);
      if (refused[i]) r.fault("layers", "\"" + kind + "\" is refused as well; a layer is either refused or slow");
      if (std::find(separable.begin(), separable.end(), static_cast<LayerKind>(i)) == separable.end()) {
        r.fault("layers", "\"" + kind + "\" has no operator that could run elsewhere; it can only be refused");
      }
    }
  });
  return path;
}

}  // namespace

FixedTransformer::FixedTransformer(DeviceInfo info, Spec spec)
    : info_(std::move(info)), spec_(std::move(spec)), native_(slowest_native_format(info_)) {}

Precision FixedTransformer::compute_format(Precision weights) const {
  return info_.peak[static_cast<std::size_t>(weights)] ? weights : native_;
}

FlopsPerSecond FixedTransformer::rate(Precision format) const {
  return info_.peak[static_cast<std::size_t>(compute_format(format))]->value;
}

const FixedTransformer::SlowPath* FixedTransformer::slow(LayerKind kind) const {
  return spec_.slow && spec_.slow->layers[at(kind)] ? &*spec_.slow : nullptr;
}

std::optional<std::string> FixedTransformer::refusal(LayerKind kind) const {
  if (!spec_.refused[at(kind)]) return std::nullopt;
  return info_.name + " has no " + std::string(name(kind)) + " in its data path and cannot be given one";
}

void FixedTransformer::spend(Cost& cost, Affine bytes, Precision format, Affine flops) const {
  spend_bytes(cost, info_.energy, Tier::hbm, bytes);
  spend_flops(cost, info_.energy, compute_format(format), flops);
}

Cost FixedTransformer::gemm(const Gemm& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  const Bytes moved = work.weights + work.activations_per_row * rows;
  const Flops flops = work.flops_per_row * rows;
  cost.then(Tier::launch, constant(spec_.launch));
  cost.race(Tier::hbm, constant(moved / spec_.bandwidth), Tier::compute,
            constant(flops / (rate(work.compute) * spec_.compute)));
  spend(cost, Affine::constant(moved.value), work.compute, Affine::constant(flops.value));
  return cost;
}

Cost FixedTransformer::experts(const Experts& work, double tokens) const {
  Cost cost;
  if (tokens <= 0 || work.rows_per_token <= 0) return cost;
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  const double rows = work.rows_per_token * tokens;
  const Bytes moved = work.weights_per_expert * chosen + work.activations_per_row * rows;
  const Flops flops = work.flops_per_row * rows;
  if (const SlowPath* path = slow(LayerKind::mixture_of_experts)) {
    return slowly(*path, info_.energy, Affine::constant(moved.value), Affine::constant(flops.value), work.kernels);
  }
  cost.then(Tier::launch, constant(spec_.launch * work.kernels));
  cost.race(Tier::hbm, constant(moved / spec_.bandwidth), Tier::compute,
            constant(flops / (rate(work.compute) * spec_.compute)));
  spend(cost, Affine::constant(moved.value), work.compute, Affine::constant(flops.value));
  return cost;
}

Cost FixedTransformer::decode_attention(const Attention& work, double sequences, Affine context) const {
  Cost cost;
  if (sequences <= 0) return cost;
  const Affine bytes = context * work.kv_per_token.value;
  const Affine flops = context * work.flops_per_decode_pair.value;
  if (const SlowPath* path = slow(LayerKind::softmax_attention)) return slowly(*path, info_.energy, bytes, flops, 1);
  cost.then(Tier::launch, constant(spec_.launch));
  cost.race(Tier::hbm, bytes / spec_.bandwidth.value, Tier::compute,
            flops / (rate(work.compute) * spec_.attention).value);
  spend(cost, bytes, work.compute, flops);
  return cost;
}

Cost FixedTransformer::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  Cost cost;
  if (amount.tokens <= 0) return cost;
  const Bytes moved = work.kv_per_token * amount.context;
  const Flops flops = work.flops_per_pair * amount.pairs;
  if (const SlowPath* path = slow(LayerKind::softmax_attention)) {
    return slowly(*path, info_.energy, Affine::constant(moved.value), Affine::constant(flops.value), 1);
  }
  cost.then(Tier::launch, constant(spec_.launch));
  cost.race(Tier::compute, constant(flops / (rate(work.compute) * spec_.attention)), Tier::hbm,
            constant(moved / spec_.bandwidth));
  spend(cost, Affine::constant(moved.value), work.compute, Affine::constant(flops.value));
  return cost;
}

Cost FixedTransformer::recurrence(const Recurrence& work, double sequences, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  const Bytes moved = work.state * (2 * sequences) + work.activations_per_row * rows;
  const Flops flops = work.flops_per_row * rows;
  if (const SlowPath* path = slow(LayerKind::recurrence)) {
    return slowly(*path, info_.energy, Affine::constant(moved.value), Affine::constant(flops.value), work.kernels);
  }
  cost.then(Tier::launch, constant(spec_.launch * work.kernels));
  cost.race(Tier::compute, constant(flops / (rate(Precision::bf16) * spec_.attention)), Tier::hbm,
            constant(moved / spec_.bandwidth));
  spend(cost, Affine::constant(moved.value), Precision::bf16, Affine::constant(flops.value));
  return cost;
}

/// Norms and activations stand between the stages of the data path and stream with them; what they move is time of the
/// memory only as far as it leaves the chip, which it does not.
Cost FixedTransformer::elementwise(const Elementwise& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  return cost.then(Tier::launch, constant(spec_.launch * work.kernels));
}

std::unique_ptr<DeviceModel> FixedTransformer::make(Reader& reader, DeviceInfo info) {
  Spec spec;
  spec.launch = reader.sourced<Seconds>("launch", "fixed time of one operator of the data path").value;
  spec.bandwidth = info.bandwidth.value * read_share(reader, "bandwidth_share", "share of the memory's peak");
  spec.compute = read_share(reader, "compute_share", "share of the peak that products reach");
  spec.attention = read_share(reader, "attention_share", "share of the peak that attention reaches");
  spec.refused = read_kinds(reader, "refuses", false, "kinds of layers that the chip cannot run");
  if (reader.has("slow_path")) spec.slow = read_slow_path(reader, spec.refused);
  bool any = false;
  for (const auto& peak : info.peak) any = any || peak.has_value();
  if (!any) {
    reader.fault("peak", "needs at least one number format");
    return nullptr;
  }
  info.memory_tier = Tier::hbm;
  info.runtime_reserve = Bytes{};
  info.provenance = reader.provenance();
  return std::make_unique<FixedTransformer>(std::move(info), std::move(spec));
}

std::shared_ptr<const DeviceModel> FixedTransformer::with_speed(Tier tier, double factor) const {
  Spec spec = spec_;
  const bool slow = spec.slow.has_value();
  switch (tier) {
    case Tier::launch:
      spec.launch = spec.launch / factor;
      if (slow) spec.slow->launch = spec.slow->launch / factor;
      break;
    case Tier::hbm: spec.bandwidth = spec.bandwidth * factor; break;
    case Tier::compute:
      spec.compute *= factor;
      spec.attention *= factor;
      break;
    case Tier::host_link:
      if (!slow) return nullptr;
      spec.slow->bandwidth = spec.slow->bandwidth * factor;
      break;
    case Tier::vector:
      if (!slow) return nullptr;
      spec.slow->rate = spec.slow->rate * factor;
      break;
    default: return nullptr;
  }
  return std::make_shared<const FixedTransformer>(info_, std::move(spec));
}

}  // namespace memwall
