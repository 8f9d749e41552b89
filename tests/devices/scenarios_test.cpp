// One scenario for each device of the catalogue: the same conversation, run to its end, held back by what can hold back
// a machine of its kind.
#include <set>

#include "sim/scenario/run.hpp"
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"
#include "tools/catalogue.hpp"

using namespace memwall;

namespace {

/// Tiers that a mechanism has at all: the host's and the engine's, and its own.
std::set<Tier> tiers_of(const DeviceModel& device) {
  std::set<Tier> tiers = {Tier::idle, Tier::compute};
  if (device.info().host_driven) tiers.insert({Tier::host_cpu, Tier::vector, Tier::launch, Tier::scale_up});
  for (const MemoryTier& memory : device.info().memories()) tiers.insert(memory.tier);
  if (device.spatial() != nullptr) tiers.insert(Tier::pipeline);
  if (device.info().mechanism == "in_memory") tiers.insert(Tier::vector);
  return tiers;
}

/// Scenarios that are named after a system and not after a device: a rack alone, and a rack beside GPUs.
constexpr const char* rack = "lpx_rack";
constexpr const char* pair = "rubin_lpx";

/// What holds back 8 billion weights at a handful of sequences. Stacked memory, but for machines that read them faster
/// than kernels start, hosts of memories that multiply no floating-point numbers, machines in which a token's trip
/// through chips is longer than any chip's work, and weights that lie in arrays that multiply.
Tier expected_bottleneck(const DeviceModel& device) {
  if (device.spatial() != nullptr) return Tier::pipeline;
  if (device.info().id == "dmatrix_corsair") return Tier::scale_up;
  if (device.info().id == "upmem_pim") return Tier::compute;
  return device.info().bandwidth.value.value > 20e12 ? Tier::launch : Tier::hbm;
}

}  // namespace

TEST_CASE("every device serves the same conversation to its end") {
  const auto folder = std::filesystem::path(MEMWALL_SOURCE_DIR) / "scenarios" / "devices";
  const Catalogue catalogue = tools::program_catalogue();
  std::vector<std::string> ids = test::ids_in(folder);
  CHECK(std::erase(ids, rack) == 1);
  CHECK(std::erase(ids, pair) == 1);
  CHECK(ids == catalogue.device_names());
  for (const std::string& id : ids) {
    INFO(id);
    const LoadedScenario loaded = load_scenario((folder / (id + ".json")).string(), catalogue, {});
    const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, {});
    REQUIRE(outcome.built.pools.size() == 1);
    const BuiltPool& pool = outcome.built.pools.front();
    CHECK(pool.device->info().id == id);
    CHECK(outcome.results.requests.arrived == 300);
    CHECK(outcome.results.requests.of(Status::completed) == 300);
    const std::set<Tier> possible = tiers_of(*pool.device);
    double shares = 0;
    double idle_share = 0;
    for (std::size_t i = 0; i < tier_count; ++i) {
      const double share = outcome.results.cycles.all.time_share.at[i];
      if (share > 0) {
        INFO(tier_names[i]);
        CHECK(possible.count(tier_at(i)) == 1);
      }
      shares += share;
      if (tier_at(i) == Tier::idle) idle_share = share;
    }
    CHECK(shares == Approx(1));
    const Tier expected = expected_bottleneck(*pool.device);
    for (std::size_t i = 0; i < tier_count; ++i) {
      INFO(tier_names[i] << " against " << name(expected));
      CHECK(outcome.results.cycles.all.bottleneck_share.at[i] <= outcome.results.cycles.all.bottleneck_share[expected]);
    }
    CHECK(idle_share < 0.9);
  }
}

TEST_CASE("attention on Rubin with the feed-forward parts on an LPX rack serves the conversation to its end") {
  const auto path = std::filesystem::path(MEMWALL_SOURCE_DIR) / "scenarios" / "devices" / (std::string(pair) + ".json");
  const Catalogue catalogue = tools::program_catalogue();
  const LoadedScenario loaded = load_scenario(path.string(), catalogue, {});
  const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, {});
  CHECK(outcome.results.requests.of(Status::completed) == 300);
  CHECK(outcome.built.pools.front().devices() == 4 + 256);
  // Both machines and the link between them show in the split of its time.
  double shares = 0;
  for (const double share : outcome.results.cycles.all.time_share.at) shares += share;
  CHECK(shares == Approx(1));
  for (const Tier tier : {Tier::launch, Tier::hbm, Tier::sram, Tier::pipeline, Tier::scale_out}) {
    INFO(name(tier));
    CHECK(outcome.results.cycles.all.time_share[tier] > 0);
  }
}

TEST_CASE("256 LPUs are the rack that its vendor describes, and serve a 70B model without any other memory") {
  const auto folder = std::filesystem::path(MEMWALL_SOURCE_DIR) / "scenarios" / "devices";
  const Catalogue catalogue = tools::program_catalogue();
  const LoadedScenario loaded = load_scenario((folder / (std::string(rack) + ".json")).string(), catalogue, {});
  const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, {});
  const BuiltPool& pool = outcome.built.pools.front();
  REQUIRE(pool.devices() == 256);
  const DeviceInfo& chip = pool.device->info();
  // 128 GB, 40 PB/s and 315 PFLOP/s of FP8 (NVIDIA, Inside Groq 3 LPX); the vendor rounds.
  CHECK(256 * chip.memory.value.value == Approx(128e9));
  CHECK(256 * chip.bandwidth.value.value == Approx(40e15).epsilon(0.05));
  CHECK(256 * chip.peak[static_cast<std::size_t>(Precision::fp8)]->value.value == Approx(315e15).epsilon(0.05));
  CHECK(outcome.results.requests.of(Status::completed) == 300);
  CHECK(outcome.results.cycles.all.time_share[Tier::hbm] == 0);
  CHECK(outcome.results.cycles.all.bottleneck_share[Tier::pipeline] > 0.5);
}
