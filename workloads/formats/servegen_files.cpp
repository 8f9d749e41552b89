// What ServeGen's files say: windows and distributions.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/base/error.hpp"
#include "workloads/formats/numbers.hpp"
#include "workloads/formats/servegen.hpp"

namespace memwall {
namespace {

constexpr std::size_t most_faults = 20;
constexpr double default_window_s = 600;
/// Beyond this a window holds more requests than can be drawn at once; the largest published rate is 3,445 /s.
constexpr double most_rate = 1e4;

bool read_number(std::string_view text, double& value) {
  text = trimmed(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

/// Empty, or what is wrong with the line.
std::string_view read_window(std::string_view line, ServeGenWindow& window) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t comma = std::min(line.find(','), line.size());
    fields.push_back(trimmed(line.substr(0, comma)));
    if (comma == line.size()) break;
    line.remove_prefix(comma + 1);
  }
  if (fields.size() != 6) return "needs six fields: start, rate, cv, family, shape, scale";
  if (!read_number(fields[0], window.start_s) || window.start_s < 0 || window.start_s > 4e9) {
    return "the start is no number of seconds";
  }
  if (!read_number(fields[1], window.rate_per_s) || window.rate_per_s < 0 || window.rate_per_s > most_rate) {
    return "the rate is no number of requests per second between 0 and 10,000";
  }
  if (fields[3].empty()) return {};
  if (fields[3] == "Gamma") {
    window.family = ServeGenWindow::Family::gamma;
  } else if (fields[3] == "Weibull") {
    window.family = ServeGenWindow::Family::weibull;
  } else {
    return "the family is none of Gamma, Weibull and nothing (an idle window)";
  }
  const bool good = read_number(fields[4], window.shape) && window.shape >= 1e-3 && window.shape <= 1e6;
  return good ? "" : "the shape is no number between 0.001 and 1,000,000";
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
}

bool take_number(std::string_view& text, double& value) {
  skip_blanks(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  skip_blanks(text);
  return true;
}

bool take(std::string_view& text, char expected) {
  skip_blanks(text);
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::int64_t ServeGenWindow::requests(double seconds) const {
  return family == Family::idle ? 0 : static_cast<std::int64_t>(std::floor(rate_per_s * seconds + 0.5));
}

ServeGenWindows read_servegen_windows(const TraceFile& file) {
  LineReader lines(file);
  ServeGenWindows out;
  std::vector<Fault> faults;
  std::string_view line;
  while (lines.next(line) && faults.size() < most_faults) {
    if (trimmed(line).empty()) continue;
    ServeGenWindow window;
    const std::string_view wrong = read_window(line, window);
    if (!wrong.empty()) {
      faults.push_back({file.label, static_cast<int>(lines.line_number()), "", std::string(wrong)});
    } else {
      out.windows.push_back(window);
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
  std::stable_sort(out.windows.begin(), out.windows.end(),
                   [](const ServeGenWindow& a, const ServeGenWindow& b) { return a.start_s < b.start_s; });
  out.seconds = default_window_s;
  for (std::size_t i = 1; i < out.windows.size(); ++i) {
    const double gap = out.windows[i].start_s - out.windows[i - 1].start_s;
    if (gap > 0) out.seconds = std::min(out.seconds, gap);
  }
  return out;
}

double ServeGenLengths::at(double u) const {
  const auto found = std::lower_bound(cumulative.begin(), cumulative.end(), u);
  const auto i = static_cast<std::size_t>(found - cumulative.begin());
  return values[std::min(i, values.size() - 1)];
}

bool read_servegen_lengths(std::string_view text, ServeGenLengths& out) {
  out = {};
  std::vector<std::pair<double, double>> pairs;
  if (!take(text, '{')) return false;
  while (!take(text, '}')) {
    double value = 0, probability = 0;
    if (!pairs.empty() && !take(text, ',')) return false;
    if (take(text, '}')) break;
    if (!take_number(text, value) || !take(text, ':') || !take_number(text, probability)) return false;
    if (value < 0 || value > static_cast<double>(most_tokens) || probability < 0) return false;
    pairs.emplace_back(value, probability);
  }
  skip_blanks(text);
  if (!text.empty()) return false;
  std::sort(pairs.begin(), pairs.end());
  double sum = 0;
  for (const auto& [value, probability] : pairs) sum += probability;
  if (pairs.empty() || sum == 0) return true;
  if (!std::isfinite(sum)) return false;
  double running = 0;
  for (const auto& [value, probability] : pairs) {
    // They add up to 1 only to rounding, so they are divided by what they add up to.
    running += probability / sum;
    out.values.push_back(value);
    out.cumulative.push_back(running);
  }
  return true;
}

}  // namespace memwall
