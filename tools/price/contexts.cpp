#include "tools/price/contexts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/base/error.hpp"
#include "sim/base/math.hpp"

namespace memwall::tools::price {
namespace {

constexpr std::string_view right = "; right are 1k:1M:31:log, 1k:1M:31 and 4k,32k,200k (k = 1,000, M = 1,000,000)";
constexpr std::int64_t most_tokens = 1'000'000'000;
constexpr std::size_t most_lengths = 10'000;

/// Digits with at most one dot, and a letter behind them.
std::optional<std::int64_t> parsed_tokens(std::string text) {
  double unit = 1;
  if (!text.empty() && (text.back() == 'k' || text.back() == 'K')) unit = 1e3;
  if (!text.empty() && text.back() == 'M') unit = 1e6;
  if (unit > 1) text.pop_back();
  double value = 0;
  double place = 0;
  for (const char c : text) {
    if (c == '.' && place == 0) {
      place = 1;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      place *= 10;
    } else {
      return std::nullopt;
    }
    if (value > 1e15) return std::nullopt;
  }
  if (text.empty() || text == ".") return std::nullopt;
  const double tokens = value * unit / (place > 0 ? place : 1);
  if (tokens < 1 || tokens > static_cast<double>(most_tokens) || tokens != std::floor(tokens)) return std::nullopt;
  return static_cast<std::int64_t>(tokens);
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == at) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw InputError("--contexts " + text + ": " + why + std::string(right));
}

std::int64_t length(const std::string& word, const std::string& text) {
  const auto tokens = parsed_tokens(word);
  if (!tokens) refuse(text, "\"" + word + "\" is no whole number of tokens from 1 to 1,000M");
  return *tokens;
}

std::vector<std::int64_t> range(const std::vector<std::string>& words, const std::string& text) {
  if (words.size() > 4 || words.size() < 3 || (words.size() == 4 && words[3] != "log"))
    refuse(text, "a range is FROM:TO:HOW_MANY or FROM:TO:HOW_MANY:log");
  const auto low = static_cast<double>(length(words[0], text));
  const auto high = static_cast<double>(length(words[1], text));
  const auto count = parsed_tokens(words[2]);
  if (!count || *count < 2 || static_cast<std::size_t>(*count) > most_lengths)
    refuse(text, "a range has 2 to 10,000 lengths, not \"" + words[2] + "\"");
  if (high <= low) refuse(text, "the range does not rise");
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < *count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(*count - 1);
    const double at = words.size() == 4 ? low * math::exp(share * math::log(high / low)) : low + share * (high - low);
    out.push_back(static_cast<std::int64_t>(std::floor(at + 0.5)));
  }
  out.back() = static_cast<std::int64_t>(high);
  return out;
}

}  // namespace

std::vector<std::int64_t> read_contexts(const std::string& text) {
  std::vector<std::int64_t> out;
  if (text.find(':') != std::string::npos) {
    out = range(split(text, ':'), text);
  } else {
    for (const std::string& word : split(text, ',')) out.push_back(length(word, text));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::int64_t read_tokens(const std::string& text, const std::string& option) {
  const auto tokens = parsed_tokens(text);
  if (!tokens) throw InputError("--" + option + " " + text + ": must be a whole number of tokens, such as 256 or 2k");
  return *tokens;
}

std::string tokens_text(double tokens) {
  if (tokens >= 1e6) return fmt::format("{:.4g}M", tokens / 1e6);
  if (tokens >= 1e4) return fmt::format("{:.4g}k", tokens / 1e3);
  return fmt::format("{:.0f}", tokens);
}

}  // namespace memwall::tools::price
