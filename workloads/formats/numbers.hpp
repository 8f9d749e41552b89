// Numbers of trace files, read without the locale and without losing digits.
#pragma once

#include <cstdint>
#include <string_view>

namespace memwall {

/// Blanks and tabs at both ends removed.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Reads a token count: a whole number, also written as "396.0" or "1e3", blanks around it allowed. Returns an empty
/// text and sets `tokens`, or the reason why the row cannot be used: missing_field, not_a_number, not_whole, negative,
/// too_large.
[[nodiscard]] std::string_view read_tokens(std::string_view text, std::int64_t& tokens);

/// The same for a number that is already a double.
[[nodiscard]] std::string_view whole_tokens(double value, std::int64_t& tokens);

/// A request of more tokens than this is a mistake in the data: a thousand times the longest context on sale, and small
/// enough that sums over any trace fit.
inline constexpr std::int64_t most_tokens = 1'000'000'000;

/// Reads a decimal number of units of `ns_per_unit` nanoseconds ("3000", "-1.5", "1753694362340138614") exactly, digits
/// below a nanosecond rounded. False when it is not a number or does not fit 64 bits.
[[nodiscard]] bool read_ticks(std::string_view text, std::int64_t ns_per_unit, std::int64_t& ns);

/// The same for a number that is already a double.
[[nodiscard]] bool ticks(double value, std::int64_t ns_per_unit, std::int64_t& ns);

/// Reads a wall-clock time, "2023-11-16 18:15:46.6805900" or "2024-05-12T02:00:00.157988+02:00", as nanoseconds since
/// 1970-01-01 UTC; up to 9 digits of fraction, a zone as "Z" or "+hh:mm", none meaning UTC (`zoned` tells). Years 1900
/// to 2199. False when it is no such time.
[[nodiscard]] bool read_wall_clock(std::string_view text, std::int64_t& ns, bool& zoned);

}  // namespace memwall
