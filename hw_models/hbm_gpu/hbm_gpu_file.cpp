// The keys that a device file of this mechanism has beside those of every device.
#include <functional>
#include <string>
#include <utility>

#include "hw_models/hbm_gpu/achieved.hpp"
#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "sim/base/units.hpp"
#include "sim/hw/tables.hpp"

namespace memwall {
namespace {

constexpr auto bf16 = static_cast<std::size_t>(Precision::bf16);
constexpr auto fp16 = static_cast<std::size_t>(Precision::fp16);

/// Reads one entry for each number format that the object at `key` names.
template <class T>
HbmGpu::ByFormat<T> by_format(Reader& reader, std::string_view key, std::string_view doc,
                              const std::function<T(Reader&)>& read) {
  HbmGpu::ByFormat<T> out;
  reader.object(key, true, doc, [&](Reader& formats) {
    for (std::size_t i = 0; i < precision_count; ++i) {
      const std::string_view format = precision_names[i];
      if (!formats.has(format)) continue;
      formats.object(format, true, doc, [&](Reader& entry) {
        (void)entry.sourced_block(std::string(key) + " in " + std::string(format));
        out[i] = read(entry);
      });
    }
    if (!out[bf16]) formats.fault("", "needs an entry \"bf16\", which also serves the formats without their own");
  });
  return out;
}

template <class Q>
Q positive(Reader& reader, std::string_view key, std::string_view doc) {
  const Q value = reader.quantity<Q>(key, std::nullopt, doc);
  if (!(value.value > 0)) reader.fault(key, "must be above zero");
  return value;
}

double tile(Reader& reader, std::string_view key, std::string_view doc) {
  return reader.number(key, {std::nullopt, 0, 1e5}, doc);
}

HbmGpu::GemmStream read_gemm(Reader& reader) {
  return {reader.quantity<Seconds>("launch", std::nullopt, "fixed time of one GEMM"),
          positive<BytesPerSecond>(reader, "bandwidth", "reached when weights are read for few rows")};
}

/// Either one rate or a table; both or neither would leave open which one counts.
TimeTable read_math(Reader& reader) {
  const auto rate = reader.optional_quantity<FlopsPerSecond>("rate", "reached by large products");
  const auto work = reader.quantities<Flops>("work", false, "amounts of arithmetic, from 0, in place of a rate");
  const auto time = reader.quantities<Seconds>("time", false, "time of each of these amounts, the first 0");
  if (rate && work.empty() && time.empty()) {
    if (rate->value > 0) return TimeTable::from_rate(rate->value);
    reader.fault("rate", "must be above zero");
    return TimeTable::from_rate(1);
  }
  if (rate || work.empty()) {
    reader.fault("", "needs either \"rate\" or both \"work\" and \"time\"");
    return TimeTable::from_rate(1);
  }
  std::vector<double> amounts;
  for (const Flops amount : work) amounts.push_back(amount.value);
  TimeTable table = join_table(reader, "work", amounts, "time", time);
  if (fixed_time(table).value > 0) reader.fault("time", "must start at 0 s, because the launch is added to it");
  return table;
}

HbmGpu::DecodeKernel read_decode(Reader& reader) {
  HbmGpu::DecodeKernel kernel;
  const TimeTable table = read_table<Bytes>(reader, "bytes of cache that one layer reads, from 0");
  kernel.launch = fixed_time(table);
  kernel.stream = above_floor(table);
  kernel.tile_tokens = tile(reader, "tile_tokens", "context below which a sequence takes no less time");
  kernel.tile = kernel.stream;
  kernel.rate = positive<FlopsPerSecond>(reader, "rate", "of the arithmetic of decode attention");
  kernel.math_tile_tokens =
      tile(reader, "math_tile_tokens", "keys that each sequence's arithmetic pays for beyond its context");
  return kernel;
}

HbmGpu::PrefillKernel read_prefill(Reader& reader) {
  HbmGpu::PrefillKernel kernel;
  const TimeTable table = read_table<Flops>(reader, "arithmetic of one layer, tiles included, from 0");
  kernel.launch = fixed_time(table);
  kernel.math = above_floor(table);
  kernel.tile_tokens = tile(reader, "tile_tokens", "keys that each query row pays for beyond its causal mask");
  return kernel;
}

HbmGpu::ExpertKernel read_experts(Reader& reader) {
  HbmGpu::ExpertKernel kernel;
  kernel.launch = reader.quantity<Seconds>("launch", std::nullopt, "fixed time of one grouped product");
  kernel.bandwidth = positive<BytesPerSecond>(reader, "bandwidth", "reached when the chosen experts are read");
  kernel.rate = positive<FlopsPerSecond>(reader, "rate", "reached on full tiles of rows");
  kernel.tile_rows = tile(reader, "tile_rows", "rows of padding for each expert that has any");
  return kernel;
}

/// A format with matrix units but without a rate would silently take the time of bf16. fp16 may: it is the same units.
void require_math_of_peaks(Reader& reader, const DeviceInfo& info, const HbmGpu::Spec& spec) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (info.peak[i] && !spec.math[i] && static_cast<Precision>(i) != Precision::fp16) {
      reader.fault("compute", "needs an entry \"" + std::string(precision_names[i]) + "\", because \"peak\" has one");
    }
  }
  for (std::size_t i = 0; i < precision_count; ++i) {
    const auto& kernel = spec.experts[i] ? spec.experts[i] : spec.experts[bf16];
    if (info.peak[i] && kernel && kernel->rate > info.peak[i]->value) {
      reader.fault("experts", "needs an entry \"" + std::string(precision_names[i]) +
                                  "\" with a rate of at most its peak, because without one bf16's would count");
    }
  }
  if (!info.peak[bf16]) reader.fault("peak", "needs \"bf16\", in which formats without matrix units are multiplied");
}

/// The tables of a file that measured kernels stand behind.
HbmGpu::Spec read_tables(Reader& reader, const DeviceInfo& info) {
  HbmGpu::Spec spec;
  spec.gemm = by_format<HbmGpu::GemmStream>(reader, "gemm", "launch and bandwidth of GEMMs by format of the weights",
                                            read_gemm);
  spec.math = by_format<TimeTable>(reader, "compute", "GEMM time against flops by format of the arithmetic", read_math);
  spec.decode = by_format<HbmGpu::DecodeKernel>(reader, "decode_attention", "decode attention by format of the cache",
                                                read_decode);
  spec.prefill = by_format<HbmGpu::PrefillKernel>(reader, "prefill_attention",
                                                  "prefill attention by format of the cache", read_prefill);
  spec.experts = by_format<HbmGpu::ExpertKernel>(
      reader, "experts", "grouped products of experts by format of the arithmetic", read_experts);
  reader.object("elementwise", true, "norms, activations and residual adds", [&](Reader& small) {
    (void)small.sourced_block("small kernels");
    spec.small_launch = small.quantity<Seconds>("launch", std::nullopt, "what one of them takes at least");
    spec.small_bandwidth = positive<BytesPerSecond>(small, "bandwidth", "of plain streaming");
  });
  require_math_of_peaks(reader, info, spec);
  return spec;
}

/// Times of reading memory were measured with all stacks; fewer of them take longer in proportion.
void scale_memory(HbmGpu::Spec& spec, double share) {
  for (auto& entry : spec.gemm) {
    if (entry) entry->bandwidth = entry->bandwidth * share;
  }
  for (auto& entry : spec.decode) {
    if (!entry) continue;
    entry->stream = scaled(entry->stream, 1 / share);
    entry->tile = scaled(entry->tile, 1 / share);
  }
  for (auto& entry : spec.experts) {
    if (entry) entry->bandwidth = entry->bandwidth * share;
  }
  spec.small_bandwidth = spec.small_bandwidth * share;
}

/// Measured times stand beside the data sheet and do not follow it, so that another peak would change nothing.
void check_stated(Reader& reader, const DeviceInfo& info) {
  for (const std::string& pointer : info.stated) {
    const bool memory = pointer == "/bandwidth";
    if (!memory && !pointer.starts_with("/peak/")) continue;
    reader.fault(memory ? "bandwidth" : "peak",
                 "is stated by the scenario, but the times of this device were measured and do not follow it: write "
                 "what_if/" +
                     std::string(memory ? "hbm_bandwidth" : "compute_rate") + ", a factor on them");
  }
}

/// What a running board and its memory draw must leave something for operations: their times were reached within it.
void check_power(Reader& reader, const DeviceInfo& info) {
  if (!info.power || !info.energy.running) return;
  Watts drawn = info.energy.running->value;
  if (const auto& byte = info.energy.per_byte[Tier::hbm]) drawn += byte->value * info.bandwidth.value;
  if (drawn < info.power->value) return;
  reader.fault("energy", "says that a running board with its memory at the peak draws " + units::format(drawn) +
                             ", which leaves nothing of its power of " + units::format(info.power->value));
}

}  // namespace

std::unique_ptr<DeviceModel> HbmGpu::make(Reader& reader, DeviceInfo info) {
  const bool derived = reader.has("achieved");
  if (derived && !info.peak[bf16] && !info.peak[fp16]) {
    reader.fault("peak", "needs \"bf16\" or \"fp16\", in which formats without matrix units are multiplied");
    return nullptr;
  }
  Spec spec = derived ? derived_spec(info, read_achieved(reader, info)) : read_tables(reader, info);
  const bool complete = (derived || info.peak[bf16]) && spec.gemm[bf16] && spec.math[bf16] && spec.decode[bf16] &&
                        spec.prefill[bf16] && spec.experts[bf16];
  check_power(reader, info);
  if (!derived) check_stated(reader, info);
  if (!complete) return nullptr;
  // Rates derived from the peaks have the share in them already: the bandwidth of `info` is that of its stacks.
  if (info.package && !derived) scale_memory(spec, info.package->memory_share());
  info.memory_tier = Tier::hbm;
  info.provenance = reader.provenance();
  return std::make_unique<HbmGpu>(std::move(info), std::move(spec));
}

}  // namespace memwall
