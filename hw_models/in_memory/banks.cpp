#include "hw_models/in_memory/banks.hpp"

#include <algorithm>
#include <utility>

#include "hw_models/common/reading.hpp"
#include "hw_models/common/routing.hpp"
#include "sim/hw/energy.hpp"

namespace memwall {
namespace {

Affine constant(Seconds seconds) { return Affine::constant(seconds.value); }

}  // namespace

Precision BankMachine::compute_format(Precision) const {
  // Both the banks and their hosts multiply 16 bits: fp16 in HBM-PIM, bf16 in AiM.
  return info_.peak[static_cast<std::size_t>(Precision::bf16)] ? Precision::bf16 : Precision::fp16;
}

Cost BankMachine::better(Affine once, double passes, Affine flops, double activations) const {
  Cost banks;
  banks.then(Tier::launch, constant(spec_.mode_switch));
  // Vectors go in and results come out over the pins, which are idle while the banks work.
  banks.then(Tier::hbm, Affine::constant(activations / spec_.pins.value));
  // A bank multiplies what it reads in the clock in which it reads it, so reading and arithmetic are one resource.
  banks.then(Tier::hbm, max(once * (passes / spec_.banks.value), flops / spec_.bank_rate.value));
  // A file's energy of a byte is that of the pins. What the banks read for themselves counts into the static part.
  spend_bytes(banks, info_.energy, Tier::hbm, Affine::constant(activations));
  if (!spec_.host) return banks;
  Cost host;
  host.then(Tier::launch, constant(spec_.host_launch));
  host.race(Tier::hbm, (once + activations) / spec_.pins.value, Tier::compute, flops / spec_.host->value);
  spend_bytes(host, info_.energy, Tier::hbm, once + activations);
  // Of two prices that grow the smaller is the minimum, which holds until they cross.
  const Contest contest = larger(banks.total(), host.total());
  Cost& winner = contest.first_wins ? host : banks;
  const Affine lower = winner.total();
  const Affine upper = contest.first_wins ? banks.total() : host.total();
  winner.horizon = std::min(lower.horizon, upper.horizon);
  if (lower.slope > upper.slope) {
    winner.horizon = std::min(winner.horizon, cycles_until(upper.value - lower.value, lower.slope - upper.slope));
  }
  return winner;
}

Cost BankMachine::gemm(const Gemm& work, double rows) const {
  if (rows <= 0) return {};
  return better(Affine::constant(work.weights.value), rows, Affine::constant(work.flops_per_row.value * rows),
                work.activations_per_row.value * rows);
}

Cost BankMachine::experts(const Experts& work, double tokens) const {
  if (tokens <= 0 || work.rows_per_token <= 0) return {};
  const double chosen = distinct_experts(work.experts, work.rows_per_token, tokens);
  const double rows = work.rows_per_token * tokens;
  return better(Affine::constant(work.weights_per_expert.value * chosen), rows / chosen,
                Affine::constant(work.flops_per_row.value * rows), work.activations_per_row.value * rows);
}

Cost BankMachine::decode_attention(const Attention& work, double sequences, Affine context) const {
  if (sequences <= 0) return {};
  // Every sequence reads its own keys once. Heads that share keys are passes of their own, which the arithmetic counts.
  return better(context * work.kv_per_token.value, 1, context * work.flops_per_decode_pair.value, 0);
}

Cost BankMachine::prefill_attention(const Attention& work, const PrefillWork& amount) const {
  if (amount.tokens <= 0) return {};
  const double keys = work.kv_per_token.value * amount.context;
  return better(Affine::constant(keys), amount.pairs / amount.context,
                Affine::constant(work.flops_per_pair.value * amount.pairs), 0);
}

/// Every sequence has its own state, which nothing reuses: read and written once a cycle, like keys.
Cost BankMachine::recurrence(const Recurrence& work, double sequences, double rows) const {
  if (rows <= 0) return {};
  Cost cost = better(Affine::constant(work.state.value * 2 * sequences), 1,
                     Affine::constant(work.flops_per_row.value * rows), work.activations_per_row.value * rows);
  return cost.then(Tier::launch, constant(spec_.host_launch * (work.kernels - 1)));
}

Cost BankMachine::elementwise(const Elementwise& work, double rows) const {
  Cost cost;
  if (rows <= 0) return cost;
  // Norms and activations are the host's in any mode.
  cost.then(Tier::launch, constant(spec_.host_launch * work.kernels));
  const Bytes bytes = work.bytes_per_row * rows;
  spend_bytes(cost, info_.energy, Tier::hbm, Affine::constant(bytes.value));
  return cost.then(Tier::hbm, constant(bytes / spec_.pins));
}

std::unique_ptr<DeviceModel> BankMachine::make(Reader& reader, DeviceInfo info) {
  Spec spec;
  spec.banks = read_rate<BytesPerSecond>(reader, "bank_bandwidth", "inside the banks, all of them at once");
  spec.bank_rate = read_rate<FlopsPerSecond>(reader, "bank_rate", "of the multipliers in the banks");
  spec.mode_switch = reader.sourced<Seconds>("mode_switch", "into the mode in which banks compute and back").value;
  spec.pins = info.bandwidth.value * read_share(reader, "bandwidth_share", "share of the pins' bandwidth");
  if (reader.has("host_rate")) spec.host = read_rate<FlopsPerSecond>(reader, "host_rate", "of the host's products");
  spec.host_launch = reader.sourced<Seconds>("host_launch", "fixed time of one operator on the host").value;
  const auto has = [&](Precision format) { return info.peak[static_cast<std::size_t>(format)].has_value(); };
  if (!has(Precision::bf16) && !has(Precision::fp16)) {
    reader.fault("peak", "needs \"bf16\" or \"fp16\", the format of the multipliers in the banks");
    return nullptr;
  }
  info.memory_tier = Tier::hbm;
  Sourced<BytesPerSecond> inside = info.bandwidth;
  inside.value = spec.banks;
  info.further = {{Tier::hbm, "inside the banks", info.memory, inside}};
  info.runtime_reserve = Bytes{};
  info.provenance = reader.provenance();
  return std::make_unique<BankMachine>(std::move(info), spec);
}

std::shared_ptr<const DeviceModel> BankMachine::with_speed(Tier tier, double factor) const {
  Spec spec = spec_;
  switch (tier) {
    case Tier::launch:
      spec.mode_switch = spec.mode_switch / factor;
      spec.host_launch = spec.host_launch / factor;
      break;
    case Tier::hbm:
      // The multipliers in the banks run with the banks, and their time is told as the memory's.
      spec.banks = spec.banks * factor;
      spec.bank_rate = spec.bank_rate * factor;
      spec.pins = spec.pins * factor;
      break;
    case Tier::compute:
      if (!spec.host) return nullptr;
      spec.host = *spec.host * factor;
      break;
    default: return nullptr;
  }
  return std::make_shared<const BankMachine>(info_, spec);
}

}  // namespace memwall
