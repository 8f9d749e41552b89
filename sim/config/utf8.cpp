#include "sim/config/utf8.hpp"

#include <cstdint>

namespace memwall {
namespace {

/// The number of continuation bytes after a leading byte and the range of the first of them, which is what excludes
/// overlong forms and surrogates (RFC 3629, section 4). `count` is -1 for a byte that leads nothing.
struct Lead {
  int count = -1;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
};

Lead lead(std::uint8_t byte) {
  if (byte < 0x80) return {0};
  if (byte < 0xc2) return {};
  if (byte < 0xe0) return {1};
  if (byte == 0xe0) return {2, 0xa0, 0xbf};
  if (byte == 0xed) return {2, 0x80, 0x9f};
  if (byte < 0xf0) return {2};
  if (byte == 0xf0) return {3, 0x90, 0xbf};
  if (byte < 0xf4) return {3};
  if (byte == 0xf4) return {3, 0x80, 0x8f};
  return {};
}

}  // namespace

std::size_t first_non_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Lead form = lead(static_cast<std::uint8_t>(text[at]));
    if (form.count < 0) return at;
    for (std::size_t i = 1; i <= static_cast<std::size_t>(form.count); ++i) {
      if (at + i >= text.size()) return at;
      const auto byte = static_cast<std::uint8_t>(text[at + i]);
      const bool first = i == 1;
      if (byte < (first ? form.low : 0x80) || byte > (first ? form.high : 0xbf)) return at;
    }
    at += 1 + static_cast<std::size_t>(form.count);
  }
  return at;
}

}  // namespace memwall
