#include "tools/page/markup.hpp"

#include <fmt/format.h>

namespace memwall::tools::page {

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '<':
      case '>':
      case '&': out += fmt::format("\\u{:04x}", static_cast<unsigned>(c)); break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

}  // namespace memwall::tools::page
