#include "workloads/replay/length_stats.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/math.hpp"

namespace memwall {
namespace {

double linear_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double a_mean = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double b_mean = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - a_mean) * (a[i] - a_mean);
    bb += (b[i] - b_mean) * (b[i] - b_mean);
    ab += (a[i] - a_mean) * (b[i] - b_mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

std::vector<double> as_doubles(const std::vector<std::int64_t>& values) { return {values.begin(), values.end()}; }

std::vector<double> ranks(const std::vector<std::int64_t>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end - 1) / 2;
    for (; begin < end; ++begin) out[order[begin]] = rank;
  }
  return out;
}

}  // namespace

double sorted_quantile(const std::vector<double>& ascending, double p) {
  if (ascending.empty()) return 0;
  const double position = p * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (position - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

LengthStats length_stats(std::vector<std::int64_t> lengths) {
  LengthStats out;
  if (lengths.empty()) return out;
  std::sort(lengths.begin(), lengths.end());
  const std::vector<double> ascending = as_doubles(lengths);
  out.mean = std::accumulate(ascending.begin(), ascending.end(), 0.0) / static_cast<double>(ascending.size());
  out.max = lengths.back();
  for (std::size_t i = 0; i < out.quantiles.size(); ++i) {
    out.quantiles[i] = sorted_quantile(ascending, LengthStats::levels[i]);
  }
  double count = 0, sum = 0, squares = 0;
  for (const double length : ascending) {
    if (length < 1) continue;
    const double logarithm = math::log(length);
    ++count, sum += logarithm, squares += logarithm * logarithm;
  }
  if (count == 0) return out;
  out.log_mean = sum / count;
  out.log_deviation = std::sqrt(std::max(0.0, squares / count - out.log_mean * out.log_mean));
  return out;
}

Correlation correlation(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  if (a.size() < 2) return {};
  return {linear_correlation(as_doubles(a), as_doubles(b)), linear_correlation(ranks(a), ranks(b))};
}

}  // namespace memwall
