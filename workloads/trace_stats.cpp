#include "workloads/trace_stats.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <vector>

namespace memwall {
namespace {

LengthStats length_stats(std::vector<std::int64_t> lengths) {
  LengthStats out;
  if (lengths.empty()) return out;
  std::sort(lengths.begin(), lengths.end());
  double sum = 0;
  for (const std::int64_t length : lengths) sum += static_cast<double>(length);
  out.mean = sum / static_cast<double>(lengths.size());
  out.max = lengths.back();
  for (std::size_t i = 0; i < out.quantiles.size(); ++i) {
    const double position = LengthStats::levels[i] * static_cast<double>(lengths.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto above = std::min(below + 1, lengths.size() - 1);
    const auto low = static_cast<double>(lengths[below]);
    out.quantiles[i] = low + (position - static_cast<double>(below)) * (static_cast<double>(lengths[above]) - low);
  }
  return out;
}

/// Counts of one bin width, as they come in time order; only bins that are over are taken.
class BinCounts {
 public:
  explicit BinCounts(double width_s) : width_ns_(static_cast<std::int64_t>(width_s * 1e9)) {}

  void add(std::int64_t offset_ns) {
    const std::int64_t bin = offset_ns / width_ns_;
    if (bin != bin_) close(bin);
    ++count_;
  }
  /// Variance over mean of the counts of all full bins.
  [[nodiscard]] double dispersion() const {
    if (bin_ < 2 || sum_ == 0) return 0;
    const auto n = static_cast<double>(bin_);
    const double mean = sum_ / n;
    return (squares_ / n - mean * mean) / mean;
  }

 private:
  void close(std::int64_t next) {
    sum_ += count_;
    squares_ += count_ * count_;
    bin_ = next;  // the bins in between are empty: they count, and add nothing to the sums
    count_ = 0;
  }

  std::int64_t width_ns_;
  std::int64_t bin_ = 0;
  double count_ = 0, sum_ = 0, squares_ = 0;
};

/// Mean and spread of the gaps between arrivals.
class Gaps {
 public:
  void add(std::int64_t gap_ns) {
    const double gap = static_cast<double>(gap_ns) * 1e-9;
    ++count_;
    const double from_mean = gap - mean_;  // Welford's update, which does not cancel
    mean_ += from_mean / count_;
    squares_ += from_mean * (gap - mean_);
  }
  [[nodiscard]] double cv() const { return count_ == 0 || mean_ == 0 ? 0 : std::sqrt(squares_ / count_) / mean_; }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

class Prefixes {
 public:
  void add(const TraceRow& row, std::int64_t block_tokens) {
    if (row.blocks.empty()) return;
    std::int64_t hits = 0;
    for (const std::uint64_t id : row.blocks) {
      if (!seen_.contains(id)) break;
      ++hits;
    }
    seen_.insert(row.blocks.begin(), row.blocks.end());
    stats_.blocks += static_cast<std::int64_t>(row.blocks.size());
    stats_.hit_blocks += hits;
    stats_.tokens += row.input_tokens;
    stats_.hit_tokens += std::min(hits * block_tokens, row.input_tokens);
    stats_.requests_with_hit += hits > 0 ? 1 : 0;
  }
  [[nodiscard]] PrefixStats stats() const {
    PrefixStats out = stats_;
    out.distinct = static_cast<std::int64_t>(seen_.size());
    return out;
  }

 private:
  PrefixStats stats_;
  // Asked for membership and size alone: order never reaches a result.
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace

TraceStats trace_stats(const TraceOptions& options) {
  TraceOptions whole = options;
  whole.max_requests.reset();
  const TraceSurvey survey = survey_trace(whole);
  TraceCursor cursor(whole, survey);
  const std::int64_t block_tokens = whole.format.open(whole.file)->block_tokens();

  std::vector<std::int64_t> inputs, outputs;
  std::array<BinCounts, 3> bins = {BinCounts(TraceStats::bins_s[0]), BinCounts(TraceStats::bins_s[1]),
                                   BinCounts(TraceStats::bins_s[2])};
  Gaps gaps;
  Prefixes prefixes;
  TraceStats stats;
  TraceRow row;
  std::int64_t previous_ns = survey.origin_ns;
  const auto add_lengths = [&] {
    inputs.push_back(row.input_tokens);
    outputs.push_back(row.output_tokens);
  };
  for (std::int64_t i = 0; cursor.next(row); ++i) {
    add_lengths();
    for (BinCounts& bin : bins) bin.add(row.time_ns - survey.origin_ns);
    if (i > 0) {
      gaps.add(row.time_ns - previous_ns);
      stats.repeated_times += row.time_ns == previous_ns ? 1 : 0;
    }
    previous_ns = row.time_ns;
    prefixes.add(row, block_tokens);
  }
  // Rows that wait for another one have lengths, but no place in the order of arrival.
  for (const Follower& follower : survey.followers) {
    cursor.read(follower, row);
    add_lengths();
  }

  stats.notes = survey.notes;
  stats.rows = static_cast<std::int64_t>(inputs.size());
  stats.open_rows = survey.open_rows;
  stats.sessions = static_cast<std::int64_t>(survey.sessions.size());
  stats.input_tokens = survey.input_tokens;
  stats.output_tokens = survey.output_tokens;
  stats.duration_s = static_cast<double>(previous_ns - survey.origin_ns) * 1e-9;
  if (stats.duration_s > 0) stats.rate_per_s = static_cast<double>(survey.open_rows - 1) / stats.duration_s;
  stats.gap_cv = gaps.cv();
  for (std::size_t i = 0; i < bins.size(); ++i) stats.dispersion[i] = bins[i].dispersion();
  stats.input = length_stats(std::move(inputs));
  stats.output = length_stats(std::move(outputs));
  stats.prefix = prefixes.stats();
  return stats;
}

}  // namespace memwall
