#include "sim/config/json_syntax.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace memwall::json {
namespace {

constexpr std::string_view blanks = " \t\r\n";

bool part_of_word(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || digit || c == '_' || c == '.' || c == '+' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// The whole word or mark around the byte at which the parser stopped, cut where it would swamp a message.
std::string_view token_around(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 40;
  if (!part_of_word(text[at])) return text.substr(at, 1);
  std::size_t first = at;
  while (first > 0 && at - first < longest && part_of_word(text[first - 1])) --first;
  std::size_t last = at + 1;
  while (last < text.size() && last - first < longest && part_of_word(text[last])) ++last;
  return text.substr(first, last - first);
}

char last_mark_before(std::string_view text, std::size_t end) {
  const std::size_t at = text.substr(0, end).find_last_not_of(blanks);
  return at == std::string_view::npos ? '\0' : text[at];
}

bool looks_numeric(std::string_view word) {
  return word.find_first_of("0123456789") != std::string_view::npos &&
         word.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
}

std::string explain_string(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x20) {
    return "a text holds a line break or another control character, or its closing quote is missing; end the text on "
           "the line it begins in, and write \\n or \\t for a break or a tab";
  }
  return "a text holds a backslash sequence that JSON does not know; write \\\\ for a backslash, and known are "
         "\\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits";
}

std::string explain_structure(std::string_view text, Stop stop, std::size_t at) {
  // A number shows its fault only in the character behind it.
  const std::string_view token = token_around(text, stop.inside == Stop::Inside::number && at > 0 ? at - 1 : at);
  const std::size_t begin = static_cast<std::size_t>(token.data() - text.data());
  const char before = last_mark_before(text, begin);
  const char mark = token.front();
  if ((mark == '}' || mark == ']') && before == ',') {
    return std::string("a comma stands before the closing ") + mark + "; remove the comma";
  }
  if (token == "NaN" || token == "Infinity" || token == "-Infinity") {
    return std::string(token) + " is not a JSON number; write a finite number";
  }
  if (mark == '\'') return "a text stands in single quotes; write it in double quotes";
  if (token == "True" || token == "False" || token == "None") {
    return "\"" + std::string(token) + "\" is not JSON; write true, false or null";
  }
  if (looks_numeric(token)) {
    const std::string shown = '"' + std::string(token) + '"';
    const bool leading_zero = token.size() > 1 && token[0] == '0' && token[1] >= '0' && token[1] <= '9';
    if (stop.inside == Stop::Inside::number || leading_zero || mark == '+' || mark == '.') {
      return shown + " is not a JSON number; write numbers like 0.5, -2 or 1e9";
    }
    return "unexpected " + shown + "; a comma is missing before it, or double quotes around it if it is a key";
  }
  if (mark == '"' || mark == '{' || mark == '[') {
    if (before != ',' && before != ':')
      return std::string("unexpected ") + mark + "; a comma or a colon is missing before it";
    return std::string("unexpected ") + mark + "; a key in double quotes is expected here";
  }
  if (part_of_word(mark)) {
    return "\"" + std::string(token) +
           "\" is not JSON; texts and keys stand in double quotes, and the only bare words " +
           "are true, false and null";
  }
  const auto code = static_cast<unsigned char>(mark);
  if (code < 0x20 || code == 0x7f) return "a control character stands outside of a text; remove it";
  return std::string("unexpected ") + mark +
         "; a key, a value, a comma or a bracket is missing or one too many stands here";
}

/// The offset behind the text in double quotes or the comment that begins at `at`; `at` where none does.
std::size_t skip_text_or_comment(std::string_view text, std::size_t at) {
  const auto behind = [&](std::string_view mark, std::size_t from) {
    const std::size_t found = text.find(mark, from);
    return found == std::string_view::npos ? text.size() : found + mark.size();
  };
  if (text[at] == '"') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '"' && text[end] != '\n') end += text[end] == '\\' ? 2U : 1U;
    return std::min(end + 1, text.size());
  }
  if (text.substr(at, 2) == "//") return behind("\n", at);
  if (text.substr(at, 2) == "/*") return behind("*/", at + 2);
  return at;
}

}  // namespace

int line_at(std::string_view text, std::size_t offset) {
  const std::size_t end = text.empty() ? 0 : std::min(offset, text.size() - 1);
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
}

std::string explain(std::string_view text, Stop stop) {
  const std::size_t at = std::min(stop.end, text.size()) - 1;
  switch (stop.inside) {
    case Stop::Inside::string: return explain_string(text, at);
    case Stop::Inside::comment: return "a stroke begins no comment; comments are // to the end of the line or /* to */";
    case Stop::Inside::number:
    case Stop::Inside::structure: break;
  }
  return explain_structure(text, stop, at);
}

Plain replace_bare_words(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  constexpr std::array<std::pair<std::string_view, double>, 3> known = {
      {{"-Infinity", -infinity}, {"Infinity", infinity}, {"NaN", not_a_number}}};
  Plain out;
  out.text.reserve(text.size());
  int line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t next = skip_text_or_comment(text, at);
    if (next == at) {
      next = at + 1;
      if (part_of_word(text[at])) {
        while (next < text.size() && part_of_word(text[next])) ++next;
      }
    }
    const std::string_view piece = text.substr(at, next - at);
    const auto* word =
        std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == piece; });
    if (word != known.end()) {
      out.text += "null";
      out.words.push_back({out.text.size(), word->second, word->first, line});
    } else {
      out.text += piece;
    }
    line += static_cast<int>(std::count(piece.begin(), piece.end(), '\n'));
    at = next;
  }
  return out;
}

}  // namespace memwall::json
