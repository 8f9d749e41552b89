#include "workloads/formats/numbers.hpp"

#include <charconv>
#include <cmath>

namespace memwall {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes exactly `count` digits off the front of `text`.
bool take_digits(std::string_view& text, std::size_t count, std::int64_t& value) {
  if (text.size() < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// Days from 1970-01-01 in the Gregorian calendar. Counting years from March puts the leap day at a year's end, where
/// it moves no later month; (153 m + 2) / 5 is then the number of days before month m.
std::int64_t days_since_1970(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (month <= 2) --year;
  const std::int64_t months_since_march = (month + 9) % 12;
  const std::int64_t days_before_1970 = 719468;
  return year * 365 + year / 4 - year / 100 + year / 400 + (153 * months_since_march + 2) / 5 + day - 1 -
         days_before_1970;
}

std::int64_t days_in(std::int64_t year, std::int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Takes the fraction behind a point: nanoseconds of up to 9 digits.
bool take_fraction(std::string_view& text, std::int64_t& ns) {
  ns = 0;
  if (!take(text, '.')) return true;
  std::int64_t scale = 1'000'000'000;
  while (!text.empty() && is_digit(text.front())) {
    if (scale == 1) return false;
    scale /= 10;
    ns += (text.front() - '0') * scale;
    text.remove_prefix(1);
  }
  return scale < 1'000'000'000;
}

/// Takes a zone, if any: seconds east of UTC.
bool take_zone(std::string_view& text, std::int64_t& east, bool& zoned) {
  east = 0;
  zoned = !text.empty();
  if (text.empty() || take(text, 'Z')) return true;
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return false;
  text.remove_prefix(1);
  std::int64_t hours = 0, minutes = 0;
  if (!take_digits(text, 2, hours)) return false;
  take(text, ':');
  if (!text.empty() && !take_digits(text, 2, minutes)) return false;
  east = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return hours < 24 && minutes < 60;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view whole_tokens(double value, std::int64_t& tokens) {
  if (!std::isfinite(value)) return "not_a_number";
  if (value < 0) return "negative";
  if (value > static_cast<double>(most_tokens)) return "too_large";
  if (value != std::floor(value)) return "not_whole";
  tokens = static_cast<std::int64_t>(value);
  return {};
}

std::string_view read_tokens(std::string_view text, std::int64_t& tokens) {
  text = trimmed(text);
  if (text.empty()) return "missing_field";
  if (text.size() <= 9) {  // the usual case, without floating point
    std::int64_t value = 0;
    std::size_t i = 0;
    while (i < text.size() && is_digit(text[i])) value = value * 10 + (text[i++] - '0');
    if (i == text.size()) {
      tokens = value;
      return {};
    }
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return "not_a_number";
  if (error == std::errc::result_out_of_range) return text.front() == '-' ? "negative" : "too_large";
  return whole_tokens(value, tokens);
}

bool read_ticks(std::string_view text, std::int64_t ns_per_unit, std::int64_t& ns) {
  text = trimmed(text);
  std::int64_t whole = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, whole);
  if (error != std::errc{} || __builtin_mul_overflow(whole, ns_per_unit, &ns)) return false;
  if (end == last) return true;
  double fraction = 0;
  if (*end != '.' || end + 1 == last || !is_digit(end[1])) return false;
  const auto [fraction_end, fraction_error] = std::from_chars(end, last, fraction, std::chars_format::fixed);
  if (fraction_error != std::errc{} || fraction_end != last) return false;
  const auto part = static_cast<std::int64_t>(fraction * static_cast<double>(ns_per_unit) + 0.5);
  return !__builtin_add_overflow(ns, text.front() == '-' ? -part : part, &ns);
}

bool ticks(double value, std::int64_t ns_per_unit, std::int64_t& ns) {
  const double rounded = std::floor(value * static_cast<double>(ns_per_unit) + 0.5);
  if (!(rounded > -9.2e18 && rounded < 9.2e18)) return false;
  ns = static_cast<std::int64_t>(rounded);
  return true;
}

bool read_wall_clock(std::string_view text, std::int64_t& ns, bool& zoned) {
  text = trimmed(text);
  std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0, east = 0;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') ||
      !take_digits(text, 2, day) || !(take(text, ' ') || take(text, 'T')) || !take_digits(text, 2, hour) ||
      !take(text, ':') || !take_digits(text, 2, minute) || !take(text, ':') || !take_digits(text, 2, second) ||
      !take_fraction(text, fraction) || !take_zone(text, east, zoned) || !text.empty()) {
    return false;
  }
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
      minute > 59 || second > 59) {
    return false;
  }
  const std::int64_t seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east;
  ns = seconds * 1'000'000'000 + fraction;
  return true;
}

}  // namespace memwall
