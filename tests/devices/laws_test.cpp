// Laws that hold for random work on every device of the catalogue, whatever its mechanism and its numbers.
#include <cmath>
#include <functional>

#include "hw_models/fixed_transformer/fixed_transformer.hpp"
#include "hw_models/in_memory/arrays.hpp"
#include "hw_models/in_memory/banks.hpp"
#include "hw_models/scratchpad/scratchpad.hpp"
#include "sim/base/math.hpp"
#include "sim/base/random.hpp"
#include "sim/hw/tables.hpp"
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"
#include "tests/devices/tier_times.hpp"

using namespace memwall;

namespace {

constexpr std::uint64_t seed = 20;
constexpr std::uint64_t pieces = 400;
constexpr std::array formats = {Precision::bf16, Precision::fp8, Precision::int8, Precision::nvfp4, Precision::int4};

/// One draw of every kind of work, and how it is priced.
struct Work {
  Gemm gemm;
  double rows;
  Experts experts;
  Attention attention;
  double sequences;
  Affine context;
  PrefillWork prefill;
  Elementwise small;
  Recurrence recurrence;
};

double between(const DrawKey& key, std::uint64_t index, double low, double high) {
  return low * math::pow(high / low, random_uniform(key, index));
}

Work draw(const DeviceModel& device, std::uint64_t piece) {
  const DrawKey key{seed, 0, piece, Purpose::test};
  const Precision weights = device.stored_format(formats[piece % formats.size()]);
  const Precision compute = device.compute_format(weights);
  const double wide = bytes_per_weight(weights);
  const double inner = between(key, 0, 128, 16384), outer = between(key, 1, 128, 65536);
  Work work;
  work.gemm = {"", Bytes{inner * outer * wide}, Bytes{2 * (inner + outer)}, Flops{2 * inner * outer}, weights, compute};
  work.rows = std::ceil(between(key, 2, 1, 16384));
  const double experts = std::ceil(between(key, 3, 2, 256));
  work.experts = {"",
                  experts,
                  std::min(experts, between(key, 4, 0.05, 8)),
                  Bytes{inner * 2048 * wide},
                  Bytes{4 * inner},
                  Flops{2 * inner * 2048},
                  2,
                  weights,
                  compute};
  const Precision cache = piece % 2 == 0 ? Precision::bf16 : Precision::fp8;
  const double heads = std::ceil(between(key, 5, 1, 16)), group = std::ceil(between(key, 6, 1, 128));
  const double kv = 2 * heads * 128 * bytes_per_weight(cache);
  work.attention = {"",    Bytes{kv},      Flops{4 * heads * group * 128}, Flops{4 * heads * group * 128},
                    cache, Precision::bf16};
  work.sequences = std::ceil(between(key, 7, 1, 512));
  // Not a whole number, so that two tiers are never exactly as fast as each other at some cycle: there, who is critical
  // is a matter of rounding.
  work.context = {std::floor(work.sequences * between(key, 8, 1, 50000)) + 0.37, work.sequences};
  const double chunk = std::ceil(between(key, 9, 1, 16384)), prior = std::floor(between(key, 10, 1, 100000));
  work.prefill = {chunk, chunk * prior + chunk * (chunk + 1) / 2, prior + chunk};
  work.small = {"", Bytes{between(key, 11, 100, 1e6)}, 1 + static_cast<int>(piece % 6)};
  work.recurrence = {"", Bytes{between(key, 12, 1e4, 1e7)}, Bytes{4 * inner}, Flops{between(key, 13, 1e5, 1e8)}, 2};
  return work;
}

std::vector<Cost> prices(const DeviceModel& device, const Work& work) {
  return {device.gemm(work.gemm, work.rows),
          device.experts(work.experts, work.rows),
          device.decode_attention(work.attention, work.sequences, work.context),
          device.prefill_attention(work.attention, work.prefill),
          device.elementwise(work.small, work.rows),
          device.recurrence(work.recurrence, work.sequences, work.sequences)};
}

/// Also with weights that fit a faster memory of the device, and with four times as many.
void on_every_device(const std::function<void(const DeviceModel&)>& check) {
  const auto paths = test::device_paths();
  REQUIRE(paths.size() >= 31);
  for (const auto& path : paths) {
    const auto device = test::device(path.stem().string());
    INFO("device " << device->info().id << ", seed " << seed);
    check(*device);
    for (const MemoryTier& memory : device->info().further) {
      for (const double share : {0.5, 4.0}) {
        INFO(share << " x " << memory.name << " of weights");
        if (const auto holding = device->holding(memory.capacity.value * share)) check(*holding);
      }
    }
  }
}

}  // namespace

TEST_CASE("critical times add up to the duration and never exceed busy times") {
  on_every_device([](const DeviceModel& device) {
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      for (const Cost& cost : prices(device, draw(device, piece))) {
        INFO("piece " << piece);
        double sum = 0;
        for (std::size_t i = 0; i < tier_count; ++i) {
          sum += cost.critical.at[i].value;
          CHECK(cost.critical.at[i].value >= 0);
          CHECK(cost.busy.at[i].value >= cost.critical.at[i].value);
        }
        CHECK(sum == Approx(cost.total().value).epsilon(1e-12));
        CHECK(sum > 0);
      }
    }
  });
}

TEST_CASE("no work is faster than the peak numbers of the chip allow") {
  on_every_device([](const DeviceModel& device) {
    // The fastest of its memories bounds what is read once; products of resident weights may read nothing.
    double bandwidth = 0;
    for (const MemoryTier& memory : device.info().memories()) {
      bandwidth = std::max(bandwidth, memory.bandwidth.value.value);
    }
    const auto* arrays = dynamic_cast<const ArrayMachine*>(&device);
    const double read = arrays == nullptr ? 1 : 1 - arrays->resident();
    const auto peak = [&](Precision format) {
      return device.info().peak[static_cast<std::size_t>(device.compute_format(format))]->value.value;
    };
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      INFO("piece " << piece);
      const Work work = draw(device, piece);
      const std::vector<Cost> cost = prices(device, work);
      CHECK(cost[0].total().value >= read * work.gemm.weights.value / bandwidth);
      CHECK(cost[0].total().value >= (work.gemm.flops_per_row * work.rows).value / peak(work.gemm.compute));
      const double chosen = distinct_experts(work.experts.experts, work.experts.rows_per_token, work.rows);
      CHECK(cost[1].total().value >= read * work.experts.weights_per_expert.value * chosen / bandwidth);
      CHECK(cost[1].total().value >=
            (work.experts.flops_per_row * work.experts.rows_per_token * work.rows).value / peak(work.experts.compute));
      CHECK(cost[2].total().value >= work.context.value * work.attention.kv_per_token.value / bandwidth);
      CHECK(cost[2].total().value >=
            (work.attention.flops_per_decode_pair * work.context.value).value / peak(Precision::bf16));
      CHECK(cost[3].total().value >=
            (work.attention.flops_per_pair * work.prefill.pairs).value / peak(Precision::bf16));
      CHECK(cost[3].total().value >= work.attention.kv_per_token.value * work.prefill.context / bandwidth);
      // States are caches and never weights, so no placement of weights makes them faster.
      const double states = 2 * work.recurrence.state.value * work.sequences;
      CHECK(cost[5].total().value >= states / (arrays == nullptr ? bandwidth : device.info().bandwidth.value.value));
      CHECK(cost[5].total().value >= work.recurrence.flops_per_row.value * work.sequences / peak(Precision::bf16));
    }
  });
}

TEST_CASE("no memory hands over more than its bandwidth, activations included") {
  on_every_device([](const DeviceModel& device) {
    if (dynamic_cast<const HbmGpu*>(&device) == nullptr && dynamic_cast<const FixedTransformer*>(&device) == nullptr) {
      return;  // the others keep activations on the chip
    }
    const double bandwidth = device.info().bandwidth.value.value;
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      INFO("piece " << piece);
      const Work work = draw(device, piece);
      const std::vector<Cost> cost = prices(device, work);
      const double gemm_bytes = (work.gemm.weights + work.gemm.activations_per_row * work.rows).value;
      CHECK(cost[0].busy[Tier::hbm].value >= gemm_bytes / bandwidth);
      CHECK(cost[2].busy[Tier::hbm].value <= cost[2].total().value * (1 + 1e-12));
      if (dynamic_cast<const HbmGpu*>(&device) != nullptr) {
        CHECK(cost[4].total().value >= work.small.bytes_per_row.value * work.rows / bandwidth);
      }
    }
  });
}

TEST_CASE("no work that was timed on a board draws more than the board") {
  int with_energy = 0;
  on_every_device([&](const DeviceModel& device) {
    const DeviceInfo& info = device.info();
    if (!info.power || !info.energy.running) return;
    ++with_energy;
    const double most = (info.power->value - info.energy.running->value).value;
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      for (const Cost& cost : prices(device, draw(device, piece))) {
        INFO("piece " << piece);
        const std::int64_t last = std::min<std::int64_t>(cost.horizon - 1, 1000000);
        for (const std::int64_t k : {std::int64_t{0}, last / 2, last}) {
          CHECK(cost.energy().at(k) <= most * cost.total().at(k) * (1 + 1e-9));
          CHECK(cost.energy().at(k) >= 0);
        }
      }
    }
  });
  CHECK(with_energy >= 25);
}

TEST_CASE("no amount of work that grows makes the price or the energy fall") {
  const std::vector<std::function<void(Work&)>> growths = {
      [](Work& w) { w.gemm.weights = w.gemm.weights * 1.1; },
      [](Work& w) { w.gemm.activations_per_row = w.gemm.activations_per_row * 1.1; },
      [](Work& w) { w.gemm.flops_per_row = w.gemm.flops_per_row * 1.1; },
      [](Work& w) { w.rows *= 1.1; },
      [](Work& w) { w.experts.experts *= 1.1; },
      [](Work& w) { w.experts.rows_per_token = std::min(w.experts.experts, w.experts.rows_per_token * 1.1); },
      [](Work& w) { w.experts.weights_per_expert = w.experts.weights_per_expert * 1.1; },
      [](Work& w) { w.experts.flops_per_row = w.experts.flops_per_row * 1.1; },
      [](Work& w) { w.attention.kv_per_token = w.attention.kv_per_token * 1.1; },
      [](Work& w) { w.attention.flops_per_pair = w.attention.flops_per_pair * 1.1; },
      [](Work& w) { w.attention.flops_per_decode_pair = w.attention.flops_per_decode_pair * 1.1; },
      [](Work& w) { w.sequences *= 1.1; },
      [](Work& w) { w.context.value *= 1.1; },
      [](Work& w) { w.prefill.tokens *= 1.1; },
      [](Work& w) { w.prefill.pairs *= 1.1; },
      [](Work& w) { w.prefill.context *= 1.1; },
      [](Work& w) { w.small.bytes_per_row = w.small.bytes_per_row * 1.1; },
      [](Work& w) { ++w.small.kernels; },
      [](Work& w) { w.recurrence.state = w.recurrence.state * 1.1; },
      [](Work& w) { w.recurrence.flops_per_row = w.recurrence.flops_per_row * 1.1; },
      [](Work& w) { ++w.recurrence.kernels; },
  };
  on_every_device([&](const DeviceModel& device) {
    const bool chooses = dynamic_cast<const BankMachine*>(&device) != nullptr;
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      const Work work = draw(device, piece);
      const std::vector<Cost> before = prices(device, work);
      for (std::size_t growth = 0; growth < growths.size(); ++growth) {
        INFO("piece " << piece << ", growth " << growth);
        Work more = work;
        growths[growth](more);
        const std::vector<Cost> after = prices(device, more);
        for (std::size_t i = 0; i < before.size(); ++i) {
          CHECK(after[i].total().value >= before[i].total().value * (1 - 1e-12));
          // A machine that takes the faster of two ways may turn to the one that takes less energy.
          if (chooses) continue;
          CHECK(after[i].energy().value >= before[i].energy().value * (1 - 1e-12));
        }
      }
    }
  });
}

TEST_CASE("speeding a tier shortens the work by the tier's critical share and by nothing else") {
  on_every_device([](const DeviceModel& device) {
    for (const Tier tier : {Tier::launch, Tier::hbm, Tier::compute, Tier::scale_up, Tier::sram, Tier::capacity_memory,
                            Tier::vector, Tier::host_link}) {
      constexpr double little = 1e-6, one_percent = 0.01;
      const std::shared_ptr<const DeviceModel> same(std::shared_ptr<const DeviceModel>(), &device);
      const auto slightly = test::with_tier_times(same, tier, 1 - little);
      const auto faster = test::with_tier_times(same, tier, 1 - one_percent);
      REQUIRE(slightly != nullptr);
      const bool chooses = dynamic_cast<const BankMachine*>(&device) != nullptr;
      for (std::uint64_t piece = 0; piece < pieces; ++piece) {
        INFO("tier " << name(tier) << ", piece " << piece);
        const Work work = draw(device, piece);
        const std::vector<Cost> before = prices(device, work);
        const std::vector<Cost> after_little = prices(*slightly, work);
        const std::vector<Cost> after = prices(*faster, work);
        for (std::size_t i = 0; i < before.size(); ++i) {
          const double total = before[i].total().value, critical = before[i].critical[tier].value;
          const double gained_little = total - after_little[i].total().value;
          CHECK(std::abs(gained_little - little * critical) <= 1e-3 * little * critical + 1e-14 * total);
          // A whole percent may turn the tier into the faster one, after which there is no more to gain from it.
          const double gained = total - after[i].total().value;
          // A machine that takes the faster of two ways may turn to the other way and gain more.
          if (!chooses) CHECK(gained <= one_percent * critical + 1e-14 * total);
          CHECK(gained >= -1e-14 * total);
        }
      }
    }
  });
}

TEST_CASE("the price of a growing context equals the price of the grown context up to its horizon") {
  on_every_device([](const DeviceModel& device) {
    int bounded = 0;
    for (std::uint64_t piece = 0; piece < pieces; ++piece) {
      const Work work = draw(device, piece);
      const Cost cost = device.decode_attention(work.attention, work.sequences, work.context);
      REQUIRE(cost.horizon >= 1);
      if (cost.horizon < Affine::forever) ++bounded;
      const std::int64_t last = std::min<std::int64_t>(cost.horizon - 1, 1000000);
      for (const std::int64_t k : {std::int64_t{0}, last / 3, last / 2, last}) {
        INFO("piece " << piece << ", cycle " << k << " of " << cost.horizon);
        const Affine grown{work.context.at(k), work.context.slope};
        const Cost direct = device.decode_attention(work.attention, work.sequences, grown);
        CHECK(std::abs(cost.total().at(k) / direct.total().value - 1) < 1e-9);
        for (std::size_t i = 0; i < tier_count; ++i) {
          const double piece_time = cost.critical.at[i].value + cost.critical.at[i].slope * static_cast<double>(k);
          CHECK(std::abs(piece_time - direct.critical.at[i].value) < 1e-9 * direct.total().value);
        }
      }
    }
    // A plain stream is one line for ever; tables of measured kernels bend.
    const auto* gpu = dynamic_cast<const HbmGpu*>(&device);
    if (gpu != nullptr && gpu->spec().decode[static_cast<std::size_t>(Precision::bf16)]->stream.knots().size() > 3) {
      CHECK(bounded > 50);
    }
  });
}

TEST_CASE("the horizon is where the price stops being that line") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  int bends = 0;
  for (std::uint64_t piece = 0; piece < pieces; ++piece) {
    const Work work = draw(h100, piece);
    const Cost cost = h100.decode_attention(work.attention, work.sequences, work.context);
    if (cost.horizon >= 1000000) continue;
    INFO("piece " << piece);
    // Well past the horizon the line must be wrong, else the piece was cut short for nothing.
    const std::int64_t beyond = cost.horizon + cost.horizon / 2 + 200;
    const Affine grown{work.context.at(beyond), work.context.slope};
    const double direct = h100.decode_attention(work.attention, work.sequences, grown).total().value;
    if (std::abs(cost.total().at(beyond) / direct - 1) > 1e-6) ++bends;
  }
  CHECK(bends > 50);
}

TEST_CASE("no rows, sequences or tokens take no time") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  const Work work = draw(h100, 0);
  CHECK(h100.gemm(work.gemm, 0).total().value == 0);
  CHECK(h100.experts(work.experts, 0).total().value == 0);
  CHECK(h100.decode_attention(work.attention, 0, Affine{0, 0}).total().value == 0);
  CHECK(h100.prefill_attention(work.attention, PrefillWork{}).total().value == 0);
  CHECK(h100.elementwise(work.small, 0).total().value == 0);
}
