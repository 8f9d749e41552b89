// The tiers: every resource whose time can limit a cycle, in the fixed order that breaks ties.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace memwall {

/// A resource whose time can limit a cycle. The order is part of the contract: ties go to the earlier tier.
enum class Tier : std::uint8_t {
  compute,          ///< matrix units
  vector,           ///< element-wise work, sampling
  sram,             ///< on-chip memory
  hbm,              ///< stacked memory in the package
  capacity_memory,  ///< LPDDR or DDR on the accelerator
  package,          ///< die to die
  scale_up,         ///< links inside the scale-up domain (NVLink, ICI, C2C)
  scale_out,        ///< links between domains (InfiniBand, Ethernet)
  host_link,        ///< PCIe or C2C to the host
  host_memory,
  nvme,
  object_store,
  disk,
  launch,    ///< fixed device time of kernels that neither bytes nor flops explain
  host_cpu,  ///< scheduling and input preparation that is not hidden
  pipeline,  ///< hop, fill and drain latency of spatial machines and pipeline stages
  power,     ///< the clock is lowered by a power cap
  idle,      ///< no work
};

inline constexpr std::size_t tier_count = 18;

inline constexpr std::array<std::string_view, tier_count> tier_names = {
    "compute",   "vector",    "sram",        "hbm",  "capacity_memory", "package", "scale_up",
    "scale_out", "host_link", "host_memory", "nvme", "object_store",    "disk",    "launch",
    "host_cpu",  "pipeline",  "power",       "idle"};

constexpr std::size_t index(Tier tier) { return static_cast<std::size_t>(tier); }
constexpr std::string_view name(Tier tier) { return tier_names[index(tier)]; }
constexpr Tier tier_at(std::size_t position) { return static_cast<Tier>(position); }

/// One value for each tier.
template <class T>
struct TierArray {
  std::array<T, tier_count> at{};

  constexpr T& operator[](Tier tier) { return at[index(tier)]; }
  constexpr const T& operator[](Tier tier) const { return at[index(tier)]; }
  friend bool operator==(const TierArray&, const TierArray&) = default;
};

/// What stopped the batch of a cycle from growing.
enum class Limit : std::uint8_t { no_demand, kv_capacity, max_seqs, token_budget, pipeline, policy };

inline constexpr std::size_t limit_count = 6;
inline constexpr std::array<std::string_view, limit_count> limit_names = {"no_demand",    "kv_capacity", "max_seqs",
                                                                          "token_budget", "pipeline",    "policy"};
constexpr std::string_view name(Limit limit) { return limit_names[static_cast<std::size_t>(limit)]; }

/// What kind of work a cycle holds.
enum class Phase : std::uint8_t { prefill, decode, mixed };

inline constexpr std::size_t phase_count = 3;
inline constexpr std::array<std::string_view, phase_count> phase_names = {"prefill", "decode", "mixed"};
constexpr std::string_view name(Phase phase) { return phase_names[static_cast<std::size_t>(phase)]; }

}  // namespace memwall
