// The facts of a device that planning, capacity, energy and money need, beside its prices of work.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/tier.hpp"
#include "sim/hw/package.hpp"
#include "sim/hw/precision.hpp"

namespace memwall {

using JoulesPerByte = Quantity<Dimension{.data = -1, .energy = 1}>;
using JoulesPerFlop = Quantity<Dimension{.work = -1, .energy = 1}>;
using DollarsPerJoule = Quantity<Dimension{.energy = -1, .money = 1}>;

/// One memory of a device.
struct MemoryTier {
  Tier tier = Tier::hbm;
  std::string name;                   ///< as people name it: "HBM3e", "GDDR7"
  Sourced<Bytes> capacity;            ///< what a process can allocate
  Sourced<BytesPerSecond> bandwidth;  ///< peak

  /// Time to read all of it once: no cycle that uses everything it holds can be shorter.
  [[nodiscard]] Seconds drain() const { return capacity.value / bandwidth.value; }
};

/// What work costs in energy. Power of a board is the static part plus bytes and flops by these; anything absent counts
/// into the static part.
struct EnergyFacts {
  std::optional<Sourced<Watts>> running;  ///< clocked and powered, before any byte or flop
  std::optional<Sourced<Watts>> idle;     ///< with nothing to do
  TierArray<std::optional<Sourced<JoulesPerByte>>> per_byte;
  std::array<std::optional<Sourced<JoulesPerFlop>>, precision_count> per_flop;  ///< by format of the arithmetic
};

/// A device that is bought and not rented.
struct Purchase {
  Sourced<Dollars> price;
  double years = 0;  ///< of use, after which it is worth nothing
  Sourced<DollarsPerJoule> electricity;
  Sourced<double> pue;  ///< watts drawn by the building for each watt of the device
};

/// A kind of layer, for devices that cannot run all of them.
enum class LayerKind : std::uint8_t {
  softmax_attention,  ///< full or grouped heads over a growing cache
  window_attention,   ///< the same over a window
  latent_attention,   ///< over a compressed cache (MLA)
  sparse_attention,   ///< over keys that an index chooses (DSA and relatives)
  recurrence,         ///< state-space layers, linear attention, delta rules
  feed_forward,
  mixture_of_experts,
};

inline constexpr std::size_t layer_kind_count = 7;
inline constexpr std::array<std::string_view, layer_kind_count> layer_kind_names = {
    "softmax_attention", "window_attention", "latent_attention",  "sparse_attention",
    "recurrence",        "feed_forward",     "mixture_of_experts"};
constexpr std::string_view name(LayerKind kind) { return layer_kind_names[static_cast<std::size_t>(kind)]; }

/// The facts of a device that planning, capacity and money need, beside its prices of work.
struct DeviceInfo {
  std::string id;  ///< as scenarios name it
  std::string name;
  std::string mechanism;
  Sourced<Bytes> memory;              ///< what a process can allocate for weights, caches and activations, one device
  Tier memory_tier = Tier::hbm;       ///< where weights and caches live
  Sourced<BytesPerSecond> bandwidth;  ///< peak of that memory
  std::string memory_name = "HBM";    ///< as people name it
  std::vector<MemoryTier> further;    ///< other memories of the device
  std::optional<Bytes> runtime_reserve;  ///< of `memory`, kept by the runtime; absent: as CUDA and its libraries do
  std::array<std::optional<Sourced<FlopsPerSecond>>, precision_count>
      peak;                                        ///< dense matrix rate by format; absent = not native
  std::optional<Sourced<Watts>> power;             ///< board power limit
  std::optional<Sourced<DollarsPerSecond>> price;  ///< of one device: its rent, or what owning it comes to
  std::optional<Purchase> purchase;                ///< what `price` was computed from, where the device is bought
  EnergyFacts energy;
  /// How many times faster products run whose weights have zeros in a pattern that the device skips, by pattern.
  std::map<std::string, Sourced<double>> sparsity;
  /// What an engine on this device needs for each sequence that gets a token, beside the model's operators; absent:
  /// what engines on GPUs were measured to need.
  std::optional<Sourced<Seconds>> sampling_per_sequence;
  std::optional<Package> package;  ///< with it, memory, bandwidth and price are those of its number of stacks
  bool host_driven = true;  ///< a host schedules and launches every cycle, and takes time for that and for sampling
  std::int64_t default_max_num_batched_tokens = 0;  ///< what vLLM's API server chooses for this device
  std::int64_t default_max_num_seqs = 0;
  std::vector<Provenance> provenance;  ///< every number of the device's file
  std::vector<std::string> stated;     ///< pointers of those that a scenario put in place of the file's

  /// Every memory, the one of caches first.
  [[nodiscard]] std::vector<MemoryTier> memories() const {
    std::vector<MemoryTier> all = {{memory_tier, memory_name, memory, bandwidth}};
    all.insert(all.end(), further.begin(), further.end());
    return all;
  }
};

}  // namespace memwall
