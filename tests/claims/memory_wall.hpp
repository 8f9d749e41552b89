// Claims about arithmetic and memory: ridges, batches, drain times, long contexts.
#pragma once

#include "sim/base/units.hpp"
#include "sim/llm/parameters.hpp"
#include "tests/claims/claim.hpp"

namespace memwall::test {

inline Claim h100_peak() {
  const DeviceInfo info = chip("h100_sxm");
  const double dense = info.peak[static_cast<std::size_t>(Precision::fp8)]->value.value;
  const double sparse = dense * info.sparsity.at("2:4").value;
  const double bandwidth = info.bandwidth.value.value;
  const auto device = tools::program_catalogue().device("h100_sxm", {});
  Gemm large;
  large.weights = Bytes{8192.0 * 8192};
  large.flops_per_row = Flops{2.0 * 8192 * 8192};
  large.weight_format = large.compute = Precision::fp8;
  const double rows = 8192;
  const double reached = large.flops_per_row.value * rows / device->gemm(large, rows).total().value;
  Claim out{"An H100 does 2 to 4 PFLOP/s and reads 3.35 TB/s", "essay; NVIDIA data sheet", "`memwall device h100_sxm`",
            "", Says::open};
  out.numbers = fmt::format(
      "fp8 {:.2f} PFLOP/s dense, {:.2f} with 2:4 zeros in the weights, over {:.2f} TB/s: {:.0f} and {:.0f} FLOP a "
      "byte. "
      "A product of 8,192 cubed reaches {:.2f} PFLOP/s",
      dense * 1e-15, sparse * 1e-15, bandwidth * 1e-12, dense / bandwidth, sparse / bandwidth, reached * 1e-15);
  const bool both = near(dense, 2e15, 0.02) && near(sparse, 4e15, 0.02) && near(bandwidth, 3.35e12, 0.001);
  out.says = both ? Says::conditions : Says::fails;
  return out;
}

inline Claim widening_gap() {
  struct Generation {
    std::string id;
    Precision wide;
    std::vector<Precision> narrow;
  };
  const std::vector<Generation> generations = {
      {"v100_sxm_32", Precision::fp16, {}},
      {"a100_sxm_80", Precision::bf16, {}},
      {"h100_sxm", Precision::bf16, {Precision::fp8}},
      {"h200_sxm", Precision::bf16, {Precision::fp8}},
      {"b200_sxm", Precision::bf16, {Precision::fp8, Precision::nvfp4}},
      {"rubin", Precision::bf16, {Precision::fp8, Precision::nvfp4}},
  };
  Claim out{"The gap between arithmetic and memory widens with every generation", "essay", "`memwall device`", "", {}};
  bool widens = true;
  double last = 0, first = 0, widest_last = 0;
  for (const Generation& each : generations) {
    const double wide = ridge(each.id, each.wide);
    widens = widens && wide >= last;
    last = wide;
    if (first == 0) first = wide;
    out.numbers += fmt::format("{}{} {:.0f}", out.numbers.empty() ? "ridge batch: " : "; ", each.id, wide);
    widest_last = wide;
    for (const Precision format : each.narrow) {
      const double narrow = ridge(each.id, format);
      out.numbers += fmt::format(", {} {:.0f}", name(format), narrow);
      widest_last = std::max(widest_last, narrow);
    }
  }
  out.numbers += fmt::format(". In 16 bits Rubin is at {:.2f} of V100, in its narrowest formats at {:.2f}",
                             last / first, widest_last / first);
  out.says = widens ? Says::holds : widest_last > first ? Says::conditions : Says::fails;
  return out;
}

inline std::string batch_text(const std::optional<std::int64_t>& batch) {
  return batch ? std::to_string(*batch) : "none up to 65536";
}

inline constexpr std::int64_t largest_batch = 1 << 16;

inline Claim dense_batch() {
  const Priced h100("h100_below_ridge");
  const double rule = ridge("h100_sxm", Precision::bf16);
  const auto short_contexts = turning_batch(*h100.program, 1, largest_batch);
  const auto long_contexts = turning_batch(*h100.program, 2000, largest_batch);
  Claim out{"A dense model wants a batch of about 300", "lecture: ridge batch", "`seed/h100_below_ridge.json`", "", {}};
  out.numbers = fmt::format(
      "ridge {:.0f}; simulated, Llama-3.1-8B in 16 bits on one H100: arithmetic takes over from memory at a batch of "
      "{} "
      "with 1 token of context, {} with 2,000: there caches grow with the batch as fast as arithmetic",
      rule, batch_text(short_contexts), batch_text(long_contexts));
  const bool at_short = short_contexts && near(static_cast<double>(*short_contexts), 300, 0.25);
  out.says = !at_short ? Says::fails : long_contexts ? Says::holds : Says::conditions;
  return out;
}

inline Claim moe_batch() {
  const Priced h200("deepseek_h200");
  const ModelShape& model = h200.pool().model;
  const double sparsity = static_cast<double>(count_parameters(model).total()) /
                          static_cast<double>(count_active_parameters(model).total());
  const auto short_contexts = turning_batch(*h200.program, 1, largest_batch);
  const auto long_contexts = turning_batch(*h200.program, 2000, largest_batch);
  const double hopper = ridge("h100_sxm", Precision::fp8) * sparsity;
  Claim out{"A mixture of experts of DeepSeek's class wants a batch near 6,000",
            "essay: 300 x 700 / 37",
            "`seed/deepseek_h200.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "ridge x total / active: {:.0f} on H100, {:.0f} on H200; simulated on eight H200 {} at 1 token of context, {} at "
      "2,000",
      hopper, ridge("h200_sxm", Precision::fp8) * sparsity, batch_text(short_contexts), batch_text(long_contexts));
  const bool at_short = near(hopper, 6000, 0.25) && short_contexts.has_value();
  out.says = !at_short ? Says::fails : long_contexts ? Says::holds : Says::conditions;
  return out;
}

inline Claim capacity_forbids() {
  const Priced h200("deepseek_h200");
  const VllmConfig& engine = h200.pool().engine.scheduler;
  const auto tokens = static_cast<double>((engine.num_blocks - 1) * engine.block_size);
  Claim out{"KV capacity forbids that batch",
            "the memory sum; latents are whole on every rank",
            "`seed/deepseek_h200.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "eight H200 beside the weights hold {:.0f} tokens of cache: {:.0f} sequences of 2,000 tokens, or 6,000 sequences "
      "of "
      "{:.0f}",
      tokens, std::floor(tokens / 2000), std::floor(tokens / 6000));
  out.says = holds_if(tokens / 2000 < 6000);
  return out;
}

inline Claim objective_forbids() {
  const Priced h200("deepseek_h200");
  const Cost cost = h200.decode(6000, 50);
  const double bare = cost.total().value - cost.critical[Tier::vector].value;
  Claim out{"An objective of 50 ms a token forbids that batch", "SLO of a chat", "`seed/deepseek_h200.json`", "", {}};
  out.numbers = fmt::format(
      "a cycle of 6,000 sequences of 50 tokens takes {:.0f} ms, {:.0f} ms of it the 60 us that an engine takes for "
      "each "
      "sequence ({:.0f} ms without)",
      cost.total().value * 1e3, cost.critical[Tier::vector].value * 1e3, bare * 1e3);
  out.says = holds_if(bare > 0.05);
  return out;
}

inline Claim streaming_cycle() {
  const Outcome outcome = seed_run("h100_stream");
  const double cycle = outcome.results.latency.tpot.mean;
  const double drain = drain_time(chip("h100_sxm")).value;
  Claim out{"A cycle that streams the memory takes tens of milliseconds",
            "lecture: drain time of HBM",
            "`seed/h100_stream.json`",
            "",
            {}};
  out.numbers =
      fmt::format("drain time {:.1f} ms; 70B in 8 bits, {:.0f} GB of weights on one H100, one token every {:.1f} ms",
                  drain * 1e3, outcome.built.pools[0].memory.terms.front().bytes.value * 1e-9, cycle * 1e3);
  out.says = holds_if(cycle > 0.01 && cycle < 0.1 && largest(outcome.results.cycles.all.time_share) == Tier::hbm);
  return out;
}

/// A memory by its parts.
struct Store {
  std::string_view name;
  Bytes capacity;
  BytesPerSecond bandwidth;
};

inline std::string size_text(Bytes bytes) {
  return bytes.value < 1e12 ? fmt::format("{:.0f} GB", bytes.value * 1e-9)
                            : fmt::format("{:.4g} TB", bytes.value * 1e-12);
}

/// A time with a unit that people wait in.
inline std::string waiting_text(Seconds seconds) {
  if (seconds.value >= 2 * 3600) return fmt::format("{:.1f} h", seconds.value / 3600);
  return seconds.value >= 120 ? fmt::format("{:.1f} min", seconds.value / 60) : duration_text(seconds);
}

/// Whether drain times lie in the lecture's interval, or within a quarter of its ends.
inline Claim drained(const std::string& what, Seconds low, Seconds high, const std::string& said,
                     const std::vector<Store>& parts, const std::string& source) {
  Claim out{
      "The drain time of " + what + " is " + said, "lecture; parts: " + source, "capacity over bandwidth", "", {}};
  int inside = 0;
  for (const Store& part : parts) {
    const Seconds drain = part.capacity / part.bandwidth;
    out.numbers += fmt::format("{}{} ({} at {}) {}", out.numbers.empty() ? "" : "; ", part.name,
                               size_text(part.capacity), units::format(part.bandwidth), waiting_text(drain));
    inside += drain.value >= low.value / 1.25 && drain.value <= high.value * 1.25 ? 1 : 0;
  }
  const int all = static_cast<int>(parts.size());
  out.numbers += fmt::format(". {} of {} within 25 %", inside, all);
  out.says = inside == all ? Says::holds : inside > 0 ? Says::conditions : Says::fails;
  return out;
}

inline std::vector<Claim> drain_times() {
  const auto of = [](const std::string& id, std::size_t memory) {
    const MemoryTier tier = chip(id).memories().at(memory);
    return std::pair{tier.capacity.value, tier.bandwidth.value};
  };
  std::vector<Store> hbm;
  for (const char* id : {"h100_sxm", "h200_sxm", "b200_sxm", "gb300", "rubin", "mi300x"}) {
    hbm.push_back({id, of(id, 0).first, of(id, 0).second});
  }
  const auto rdu = of("sambanova_sn40l", 2);
  return {
      drained("HBM", Seconds{0.015}, Seconds{0.020}, "15 to 20 ms", hbm, "device files"),
      drained("DDR", Seconds{1}, Seconds{10}, "1 to 10 s",
              {{"a socket's twelve channels", Bytes{1e12}, BytesPerSecond{378e9}},
               {"the same from one GPU over PCIe 5", Bytes{1e12}, BytesPerSecond{55e9}},
               {"DDR of an SN40L", rdu.first, rdu.second}},
              "Micron STREAM on 12 x DDR5-4800; host to device copies of ml-engineering; device file"),
      drained("flash", Seconds{60}, Seconds{60}, "about a minute",
              {{"one enterprise drive", Bytes{7.68e12}, BytesPerSecond{14e9}},
               {"eight of them in a node", Bytes{61.44e12}, BytesPerSecond{100e9}},
               {"the lecture's: 1 TB a drive", Bytes{1e12}, BytesPerSecond{14e9}}},
              "PCIe 5 drives, 14 GB/s by data sheet"),
      drained("disk", Seconds{3600}, Seconds{3600}, "about an hour",
              {{"one nearline drive", Bytes{30e12}, BytesPerSecond{0.28e9}},
               {"the lecture's: 1 TB a drive", Bytes{1e12}, BytesPerSecond{0.28e9}}},
              "30 TB drives; 280 MB/s is remembered and not sourced"),
  };
}

/// The shortest context at which reading one sequence's cache takes as long as reading the weights.
inline Claim crossover() {
  const Priced pool("crossover_100b");
  const double weights = footprint(pool.pool().model, pool.pool().deployment).weights().value * 8;
  const double parameters = static_cast<double>(count_parameters(pool.pool().model).total());
  const double cache = kv_bytes_per_token(pool.pool().model, pool.pool().deployment.cache()).value;
  const double memory = memory_time(pool.decode(1, 1)).value;
  std::int64_t low = 1, high = 400000;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (memory_time(pool.decode(1, middle)).value < 2 * memory ? low : high) = middle;
  }
  const double by_arithmetic = parameters / (ridge("h200_sxm", Precision::fp8) * cache);
  Claim out{"Caches equal weights at 200,000 tokens for 100B active parameters and 500 KB a token",
            "essay",
            "`seed/crossover_100b.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "{:.0f} GB of weights over {:.0f} KB a token: {:.0f} tokens in bytes; a token takes twice the memory time of a "
      "short "
      "context at {} tokens on eight H200. Batch B divides it by B. The lecture's other crossover (cache time equals "
      "arithmetic at the ridge) lies at {:.0f} tokens",
      weights * 1e-9, cache * 1e-3, weights / cache, high, by_arithmetic);
  const bool bytes = near(weights / cache, 200000, 0.05);
  out.says = bytes && near(static_cast<double>(high), 200000, 0.25) ? Says::conditions : Says::fails;
  return out;
}

inline Claim both_sides() {
  const Outcome below = seed_run("h100_below_ridge");
  const Outcome above = seed_run("h100_above_ridge");
  const auto share = [](const Outcome& outcome, Tier tier) {
    return outcome.results.cycles.by_phase[static_cast<std::size_t>(Phase::decode)].time_share[tier];
  };
  Claim out{"Below the ridge batch decode waits for memory, above it for arithmetic",
            "roofline model",
            "`seed/h100_below_ridge.json`, `seed/h100_above_ridge.json`",
            "",
            {}};
  out.numbers = fmt::format(
      "decode of Llama-3.1-8B on one H100, contexts of 16 to 80 tokens, engine's time of a sequence left out. Batch "
      "32: "
      "hbm {:.0f} %, compute {:.0f} %; batch 1,024: hbm {:.0f} %, compute {:.0f} %",
      100 * share(below, Tier::hbm), 100 * share(below, Tier::compute), 100 * share(above, Tier::hbm),
      100 * share(above, Tier::compute));
  out.says = holds_if(share(below, Tier::hbm) > share(below, Tier::compute) &&
                      share(above, Tier::compute) > share(above, Tier::hbm));
  return out;
}

inline Section memory_wall() {
  Section out{"The memory wall", "", {}};
  out.claims = {h100_peak(),        widening_gap(),      dense_batch(),    moe_batch(),
                capacity_forbids(), objective_forbids(), streaming_cycle()};
  for (Claim& claim : drain_times()) out.claims.push_back(std::move(claim));
  out.claims.push_back(crossover());
  out.claims.push_back(both_sides());
  return out;
}

}  // namespace memwall::test
