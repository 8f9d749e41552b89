// Price lists of vendors that step with the length of the prompt.
#pragma once

#include <span>
#include <string_view>

namespace memwall::tools::price {

/// USD for a million tokens. A request whose prompt is longer than the step pays the higher prices for all its tokens
/// (semantics of TieredPrices in genai-prices). Basis: vendor.
struct PublicPrice {
  std::string_view provider;
  std::string_view model;
  double input = 0;
  double cached = 0;  ///< 0 = the list has none
  double output = 0;
  double step = 0;  ///< tokens of the prompt
  double input_above = 0;
  double cached_above = 0;
  double output_above = 0;
  std::string_view source;
};

[[nodiscard]] std::span<const PublicPrice> public_prices();

}  // namespace memwall::tools::price
