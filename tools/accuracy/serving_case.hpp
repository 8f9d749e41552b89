// A serving run to simulate: what a measured row comes to once everything it leaves open is decided.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/hw/precision.hpp"
#include "sim/serve/request.hpp"

namespace memwall::accuracy {

/// How requests come.
enum class Load : std::uint8_t {
  together,     ///< all at time 0, as a static batch; the run ends with the last of them
  steady_loop,  ///< so many clients without pause, seen in its steady state
  poisson,      ///< independent arrivals at a rate
  replayed,     ///< as a log has them
};

/// How long answers are around their mean: a quantile grid whose unit does not matter, linear between its points. Empty
/// lists: all are equally long.
struct Spread {
  std::span<const double> probabilities;  ///< from 0 to 1
  std::span<const double> values;         ///< do not fall, positive

  [[nodiscard]] double mean() const;
  [[nodiscard]] double longest() const { return values.empty() ? 1 : values.back() / mean(); }  ///< over the mean
};

/// The engine that was measured, as far as its host differs.
enum class Engine : std::uint8_t { vllm_async, vllm_sync, tensorrt_llm };

struct ServingCase {
  std::string device;
  std::string interconnect;
  std::string model;  ///< of the catalogue
  int tensor = 1;
  Precision weights = Precision::bf16;
  Precision kv = Precision::bf16;
  Engine engine = Engine::vllm_async;
  std::optional<std::int64_t> max_num_seqs;
  std::optional<std::int64_t> max_num_batched_tokens;
  double gpu_memory_utilization = 0.9;

  Load load = Load::steady_loop;
  std::int64_t clients = 1;  ///< of `together` and `steady_loop`
  double rate_per_s = 0;     ///< of `poisson`
  std::int64_t input_tokens = 1;
  std::int64_t output_tokens = 1;
  Spread spread;
  bool stops_by_eos = false;
  std::vector<Request> requests;  ///< of `replayed`, in order of arrival

  // How reports group it.
  std::string device_name;
  std::string phase;
  std::int64_t batch = 0;                ///< sequences at once; 0 where the load does not say
  std::vector<std::string> assumptions;  ///< what the row leaves open and was decided here
};

}  // namespace memwall::accuracy
