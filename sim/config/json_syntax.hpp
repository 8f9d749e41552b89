// What is wrong with text that is no JSON, in words that say how to mend it. Knows text only, not the parser.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace memwall::json {

/// Where the parser stopped.
struct Stop {
  enum class Inside { structure, string, number, comment };
  std::size_t end = 0;  ///< offset after the last byte that was read; above the text's length at its end
  Inside inside = Inside::structure;
};

/// 1-based line of the byte at `offset`; that of the last byte when it is past the end.
[[nodiscard]] int line_at(std::string_view text, std::size_t offset);

/// The fault in a sentence, for a stop before the end of the text; at its end the caller knows better what is open.
[[nodiscard]] std::string explain(std::string_view text, Stop stop);

/// Python's bare words made readable: the text with each of Infinity, -Infinity and NaN (outside of texts and comments)
/// replaced by `null`, and for each the offset in the new text behind that null, its value and its line.
struct BareWord {
  std::size_t end = 0;
  double value = 0;
  std::string_view word;
  int line = 0;
};
struct Plain {
  std::string text;
  std::vector<BareWord> words;
};
[[nodiscard]] Plain replace_bare_words(std::string_view text);

}  // namespace memwall::json
