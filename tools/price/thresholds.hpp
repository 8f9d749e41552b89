// The lengths at which something about a machine changes, each with its name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/price/point.hpp"

namespace memwall::tools::price {

struct Threshold {
  std::string name;              ///< as in JSON and CSV
  std::string says;              ///< a sentence
  std::optional<double> tokens;  ///< the smallest such length; absent: there is none up to `searched_tokens`
  std::string why_none;
};

/// Lengths are searched up to here, beyond what models are trained for, so that machines can be compared.
inline constexpr std::int64_t searched_tokens = 16'000'000;

/// What the thresholds of a model rest on; bytes of the whole model, without copies on ranks.
struct ModelBytes {
  double weights = 0;         ///< all
  double active_weights = 0;  ///< what one token visits
  double active_parameters = 0;
  double total_parameters = 0;
  double kv_per_token = 0;  ///< stored, while no window has been left
};
[[nodiscard]] ModelBytes model_bytes(const ModelShape& model, const Deployment& deployment);

/// Bytes of cache that one decoding token reads after `context` tokens, all layers.
[[nodiscard]] double kv_read_bytes(const ModelShape& model, const CacheTreatment& treatment, std::int64_t context);

/// In the order in which they are shown. `first` is the length that doubling is counted from.
[[nodiscard]] std::vector<Threshold> thresholds(const Engine& engine, const Demand& demand, std::int64_t first);

/// Seconds for which keeping a token in device memory costs no more than computing it again, at a length.
[[nodiscard]] std::optional<double> break_even_hold_s(const Engine& engine, const Demand& demand, std::int64_t context);

}  // namespace memwall::tools::price
