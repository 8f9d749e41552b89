#include "workloads/replay/trace_stats.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "workloads/replay/trace_cursor.hpp"

namespace memwall {
namespace {

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
  [[nodiscard]] double mean() const { return bin_ == 0 ? 0 : sum_ / static_cast<double>(bin_); }
  [[nodiscard]] double least() const { return bin_ == 0 ? 0 : least_; }
  [[nodiscard]] double most() const { return most_; }

 private:
  void close(std::int64_t next) {
    sum_ += count_;
    squares_ += count_ * count_;
    least_ = bin_ == 0 ? count_ : std::min(least_, count_);
    most_ = std::max(most_, count_);
    if (next > bin_ + 1) least_ = 0;  // the bins in between are empty: they count, and add nothing to the sums
    bin_ = next;
    count_ = 0;
  }

  std::int64_t width_ns_;
  std::int64_t bin_ = 0;
  double count_ = 0, sum_ = 0, squares_ = 0, least_ = 0, most_ = 0;
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

class ArrivalCounter {
 public:
  explicit ArrivalCounter(std::int64_t origin_ns) : origin_ns_(origin_ns) {}

  void add(std::int64_t time_ns) {
    if (arrivals_ == 0) first_ns_ = time_ns;
    for (BinCounts& bin : bins_) bin.add(time_ns - origin_ns_);
    if (arrivals_ > 0) {
      gaps_.add(time_ns - last_ns_);
      repeated_ += time_ns == last_ns_ ? 1 : 0;
    }
    last_ns_ = time_ns;
    ++arrivals_;
  }

  [[nodiscard]] ArrivalStats stats() const {
    ArrivalStats out;
    if (arrivals_ == 0) return out;
    out.duration_s = static_cast<double>(last_ns_ - first_ns_) * 1e-9;
    if (out.duration_s > 0) out.rate_per_s = static_cast<double>(arrivals_ - 1) / out.duration_s;
    out.gap_cv = gaps_.cv();
    for (std::size_t i = 0; i < bins_.size(); ++i) out.dispersion[i] = bins_[i].dispersion();
    out.minute_least = static_cast<std::int64_t>(bins_[2].least());
    out.minute_most = static_cast<std::int64_t>(bins_[2].most());
    out.minute_mean = bins_[2].mean();
    out.repeated_times = repeated_;
    return out;
  }

 private:
  std::int64_t origin_ns_;
  std::int64_t arrivals_ = 0, repeated_ = 0, first_ns_ = 0, last_ns_ = 0;
  Gaps gaps_;
  std::array<BinCounts, 3> bins_ = {BinCounts(ArrivalStats::bins_s[0]), BinCounts(ArrivalStats::bins_s[1]),
                                    BinCounts(ArrivalStats::bins_s[2])};
};

}  // namespace

TraceStats trace_stats(const TraceOptions& options) {
  TraceOptions whole = options;
  whole.max_requests.reset();
  const TraceSurvey survey = survey_trace(whole);
  TraceCursor cursor(whole, survey);

  std::vector<std::int64_t> inputs, outputs;
  ArrivalCounter arrivals(survey.origin_ns);
  PrefixCounter prefixes;
  SessionCounter sessions;
  LongPrompts prompts_beyond;
  TraceRow row;
  const auto add = [&] {
    inputs.push_back(row.input_tokens);
    outputs.push_back(row.output_tokens);
    prompts_beyond.add(row.input_tokens);
    sessions.add(row);
  };
  while (cursor.next(row)) {
    add();
    arrivals.add(row.time_ns);
    prefixes.add(row);
  }
  // Rows that wait for another one have lengths, but no place in the order of arrival.
  for (const Follower& follower : survey.followers) {
    cursor.read(follower, row);
    add();
    prefixes.add_without_time(row);
  }

  TraceStats stats;
  stats.notes = survey.notes;
  stats.rows = static_cast<std::int64_t>(inputs.size());
  stats.open_rows = survey.open_rows;
  stats.input_tokens = survey.input_tokens;
  stats.output_tokens = survey.output_tokens;
  stats.images = survey.images;
  stats.tenants = static_cast<std::int64_t>(survey.labels.tenants.size());
  stats.classes = static_cast<std::int64_t>(survey.labels.classes.size());
  stats.adapters = static_cast<std::int64_t>(survey.labels.adapters.size());
  stats.arrivals = arrivals.stats();
  stats.pairing = correlation(inputs, outputs);
  stats.input = length_stats(std::move(inputs));
  stats.output = length_stats(std::move(outputs));
  stats.prefix = prefixes.stats();
  stats.sessions = sessions.stats(survey.followers);
  stats.beyond = prompts_beyond;
  return stats;
}

}  // namespace memwall
