#include "tools/price/public_prices.hpp"

#include <array>

namespace memwall::tools::price {
namespace {

// Lists as these collections had them in July 2026.
constexpr std::string_view genai = "pydantic/genai-prices";
constexpr std::string_view models_dev = "models.dev";

// Models of one provider with equal ratios and steps stand once, by the one that came first; Anthropic dropped its step
// on 2026-03-13. MiniMax has a step at 512,000 that neither collection prices.
constexpr std::array<PublicPrice, 8> lists = {{
    {"google", "gemini-1.5-flash", 0.075, 0.01875, 0.3, 128e3, 0.15, 0.0375, 0.6, genai},
    {"anthropic", "claude-sonnet-4-5", 3, 0.3, 15, 200e3, 6, 0.6, 22.5, genai},
    {"google", "gemini-2.5-pro", 1.25, 0.125, 10, 200e3, 2.5, 0.25, 15, genai},
    {"xai", "grok-4.3", 1.25, 0.2, 2.5, 200e3, 2.5, 0.4, 5, genai},
    {"alibaba", "qwen3.6-plus", 0.5, 0.05, 3, 256e3, 2, 0.2, 6, genai},
    {"openai", "gpt-5.4", 2.5, 0.25, 15, 272e3, 5, 0.5, 22.5, genai},
    {"openai", "gpt-5.4-pro", 30, 0, 180, 272e3, 60, 0, 270, genai},
    {"openai", "gpt-5.5", 5, 0.5, 30, 272e3, 10, 1, 45, models_dev},
}};

}  // namespace

std::span<const PublicPrice> public_prices() { return lists; }

}  // namespace memwall::tools::price
