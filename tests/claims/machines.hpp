// Claims about machines of other kinds: on-chip memory, wafers, fixed function.
#pragma once

#include "sim/scenario/energy.hpp"
#include "tests/claims/claim.hpp"

namespace memwall::test {

inline Claim lpu_count() {
  const Priced lpu("lpu_70b");
  const std::int64_t devices = lpu.pool().devices_per_replica;
  Claim out{"70B needs about 600 first-generation LPUs", "press, forums: ~570 to 576", "`seed/lpu_70b.json`", "", {}};
  out.numbers = fmt::format("{} chips of {:.0f} MB hold Llama-3.1-70B in 16 bits and one sequence of 2,048 tokens",
                            devices, lpu.pool().device->info().memory.value.value * 1e-6);
  out.says = holds_if(near(static_cast<double>(devices), 600, 0.1));
  return out;
}

/// Lengths of cycles with one plan may differ by the growing context alone.
inline Claim lpu_jitter() {
  const Outcome outcome = seed_run("lpu_70b");
  const CycleShares& cycles = outcome.results.cycles.by_phase[static_cast<std::size_t>(Phase::decode)];
  const TierArray<double>& used = outcome.results.cycles.utilisation;
  const Summary& itl = outcome.results.latency.itl;
  const double spread = itl.max / itl.p50 - 1;
  Claim out{"An LPU's cycle has no jitter and no time in stacked memory",
            "Groq: static schedule",
            "`seed/lpu_70b.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "gaps between tokens {:.4f} ms, the longest {:.2f} % above the median (a growing context); hbm {:g} %, launch "
      "{:g} %, "
      "host {:g} % of the time; pipeline {:.0f} % of decode",
      itl.p50 * 1e3, 100 * spread, 100 * used[Tier::hbm], 100 * used[Tier::launch], 100 * used[Tier::host_cpu],
      100 * cycles.time_share[Tier::pipeline]);
  out.says = holds_if(spread < 0.01 && used[Tier::hbm] == 0 && used[Tier::launch] == 0 && used[Tier::host_cpu] == 0);
  return out;
}

inline Claim wafer_use() {
  const Outcome outcome = seed_run("wafer_8b");
  const DeviceInfo info = chip("cerebras_wse3");
  const double speed = 1 / outcome.results.latency.tpot.mean;
  const double weights = outcome.built.pools[0].memory.terms.front().bytes.value;
  const double read = weights * speed;
  Claim out{"44 GB and 21 PB/s on a wafer set the speed of one user",
            "Cerebras: SRAM of WSE-3",
            "`seed/wafer_8b.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "{:.0f} tokens/s of Llama-3.1-8B read {:.0f} TB/s, {:.2f} % of {:.0f} PB/s; tier {} has {:.0f} % of the time. 44 "
      "GB "
      "drain in {:.1f} us, so memory alone would allow {:.0f} tokens/s",
      speed, read * 1e-12, 100 * read / info.bandwidth.value.value, info.bandwidth.value.value * 1e-15,
      name(largest(outcome.results.cycles.all.time_share)),
      100 * outcome.results.cycles.all.time_share[largest(outcome.results.cycles.all.time_share)],
      drain_time(info).value * 1e6, info.bandwidth.value.value / weights);
  out.says = holds_if(read > 0.5 * info.bandwidth.value.value);
  return out;
}

inline Claim fixed_use() {
  const Priced sohu("sohu_70b");
  BatchShape shape;
  for (int i = 0; i < 8; ++i) shape.add(0, 2048, true, false);
  shape.padded = shape.tokens;
  const Cost cost = sohu.program->price_from_scratch(shape);
  const double links = cost.critical[Tier::scale_up].value;
  const double all = cost.total().value;
  const double engine = cost.critical[Tier::vector].value + cost.critical[Tier::host_cpu].value;
  const double math = cost.busy[Tier::compute].value;
  Claim out{"A fixed data path uses over 90 % of its arithmetic", "Etched", "`seed/sohu_70b.json`", "", {}};
  out.numbers = fmt::format(
      "a prefill of 16,384 tokens of 70B on eight: compute is busy {:.0f} % of {:.0f} ms, {:.0f} % of the time without "
      "sums "
      "between chips and the engine; scale_up has {:.0f} %. The 90 % are an input of ours, the links a placeholder",
      100 * math / all, all * 1e3, 100 * math / (all - links - engine), 100 * links / all);
  out.says = math / all > 0.9 ? Says::holds : math / (all - links - engine) > 0.9 ? Says::conditions : Says::fails;
  return out;
}

inline Claim fixed_refusal() {
  std::string why = "accepted";
  try {
    (void)seed_run("sohu_hybrid");
  } catch (const InputError& error) {
    why = error.what();
  }
  std::string sparse = "accepted";
  try {
    (void)seed_run("sohu_70b", {"/model/sparse_attention={\"tokens\": 2048}"});
  } catch (const InputError& error) {
    sparse = error.what();
  }
  const Outcome slow = seed_run("sohu_hybrid_slow");
  const Outcome gpu = seed_run("gpu_hybrid");
  const double times = slow.results.latency.tpot.mean / gpu.results.latency.tpot.mean;
  Claim out{"If it is wrong, there is less room to manoeuvre",
            "essay, of fixed function",
            "`seed/sohu_hybrid.json`, `seed/sohu_hybrid_slow.json`, `seed/gpu_hybrid.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "refused: \"{}\"; sparse attention: \"{}\". With its state-space layers on a slow path of placeholders a token "
      "of the "
      "hybrid takes {:.0f} ms, {:.0f} times that of one H200, and tier {} has {:.0f} %",
      why, sparse, slow.results.latency.tpot.mean * 1e3, times, name(largest(slow.results.cycles.all.time_share)),
      100 * slow.results.cycles.all.time_share[largest(slow.results.cycles.all.time_share)]);
  const bool both =
      why.find("has no recurrence") != std::string::npos && sparse.find("has no sparse_attention") != std::string::npos;
  out.says = holds_if(both && times > 1);
  return out;
}

inline Section machines() {
  return {"Machines of other kinds", "", {lpu_count(), lpu_jitter(), wafer_use(), fixed_use(), fixed_refusal()}};
}

}  // namespace memwall::test
