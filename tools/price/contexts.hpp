// The lengths at which a curve is computed, as a command line gives them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memwall::tools::price {

/// "1k:1M:31:log" or "1k:1M:31" (evenly spaced), or "4k,32k,200k": token counts, ascending, without duplicates. `k` is
/// a thousand and `M` a million. Throws InputError with what would be right.
[[nodiscard]] std::vector<std::int64_t> read_contexts(const std::string& text);

/// A single count of tokens, at least 1, in the same notation; `option` names it in messages.
[[nodiscard]] std::int64_t read_tokens(const std::string& text, const std::string& option);

/// The shortest text for a count: "200k", "1.05M", "512".
[[nodiscard]] std::string tokens_text(double tokens);

}  // namespace memwall::tools::price
