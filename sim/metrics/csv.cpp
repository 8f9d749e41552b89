#include "sim/metrics/csv.hpp"

#include <charconv>
#include <utility>

namespace memwall {
namespace {

constexpr std::size_t hand_on_at = std::size_t{1} << 16;
constexpr std::int64_t ps_per_second = 1'000'000'000'000;

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end.ptr);
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

CsvText::CsvText(ByteSink sink) : sink_(std::move(sink)) { buffer_.reserve(hand_on_at + 4096); }

void CsvText::separate() {
  if (row_started_) buffer_ += ',';
  row_started_ = true;
}

CsvText& CsvText::integer(std::int64_t value) {
  separate();
  append_integer(buffer_, value);
  return *this;
}

CsvText& CsvText::seconds(Duration value) {
  separate();
  std::int64_t ps = value.ps;
  if (ps == 0) {  // most tiers of most rows
    buffer_ += '0';
    return *this;
  }
  if (ps < 0) {
    buffer_ += '-';
    ps = -ps;
  }
  append_integer(buffer_, ps / ps_per_second);
  std::int64_t rest = ps % ps_per_second;
  if (rest == 0) return *this;
  char decimals[13];
  decimals[0] = '.';
  std::size_t length = 1;
  for (std::size_t i = 12; i > 0; --i) {
    decimals[i] = static_cast<char>('0' + rest % 10);
    if (length == 1 && decimals[i] != '0') length = i + 1;
    rest /= 10;
  }
  buffer_.append(decimals, length);
  return *this;
}

CsvText& CsvText::raw(std::string_view cell) {
  separate();
  buffer_ += cell;
  return *this;
}

void CsvText::end_row() {
  buffer_ += '\n';
  row_started_ = false;
  if (buffer_.size() >= hand_on_at) finish();
}

void CsvText::finish() {
  if (!buffer_.empty()) sink_(buffer_);
  buffer_.clear();
}

}  // namespace memwall
