#include "workloads/replay/trace_source.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "sim/base/random.hpp"
#include "workloads/replay/trace_cursor.hpp"
#include "workloads/replay/trace_requests.hpp"

namespace memwall {
namespace {

/// A request whose arrival is known. Rows break ties, so that order never depends on how the heap was filled.
struct Arrival {
  Request request;

  /// std heaps keep the largest in front, and the earliest must be there.
  friend bool operator<(const Arrival& a, const Arrival& b) {
    return std::tie(b.request.arrival.ps, b.request.ticket) < std::tie(a.request.arrival.ps, a.request.ticket);
  }
};

class TraceSource final : public RequestSource {
 public:
  explicit TraceSource(TraceOptions options, const SourceContext& context)
      : options_(std::move(options)),
        survey_(survey_trace(options_)),
        cursor_(options_, survey_),
        requests_(options_.stop, survey_, context.workload),
        limit_(survey_.replayed(options_)),
        waiting_for_(survey_.followers.size()) {
    for (std::size_t i = 0; i < waiting_for_.size(); ++i) waiting_for_[i] = survey_.followers[i].waits_for;
    check_clock();
    read_ahead();
    settle(Time{});
  }

  Time next_arrival() const override {
    return issued_ == limit_ || pending_.empty() ? Time::never() : pending_.front().request.arrival;
  }

  Request pop() override {
    law(next_arrival() != Time::never(), "a request is taken only where one is known");
    std::pop_heap(pending_.begin(), pending_.end());
    Request taken = std::move(pending_.back().request);
    pending_.pop_back();
    ++issued_;
    if (!options_.concurrency) settle(taken.arrival);
    return taken;
  }

  void ended(const Request& request, Time now) override {
    const auto less = [](const Wait& wait, std::int64_t row) { return wait.row < row; };
    auto wait = std::lower_bound(survey_.waits.begin(), survey_.waits.end(), request.ticket, less);
    const std::int64_t chain = options_.concurrency ? chain_of(request.ticket) : 0;
    for (; wait != survey_.waits.end() && wait->row == request.ticket; ++wait) {
      if (--waiting_for_[wait->follower] == 0) start_follower(wait->follower, chain, now);
    }
    if (options_.concurrency) end_of_chain(request.ticket, chain, now);
  }

  bool exhausted() const override { return issued_ == limit_; }
  bool shares_tokens() const override { return survey_.shared_tokens; }
  bool closed_loop() const override { return !survey_.followers.empty() || options_.concurrency.has_value(); }
  LabelNames names() const override { return survey_.labels; }

  SourceNotes notes() const override {
    SourceNotes notes = survey_.notes;
    if (requests_.capped() > 0) notes.warnings["capped_by_max_tokens"] = requests_.capped();
    return notes;
  }

 private:
  void check_clock() const {
    if (options_.concurrency) return;
    const double last_ns = static_cast<double>(survey_.last_ns) - static_cast<double>(survey_.origin_ns) +
                           static_cast<double>(options_.spread_ns);
    const double days = last_ns * options_.time_scale / 86400e9;
    if (days * 86400 > 9.2e6) refuse_length(days);
  }

  [[noreturn]] void refuse_length(double days) const {
    throw InputError(
        {Fault{options_.file.label, 0, "",
               "lasts " + std::to_string(days) +
                   " days, but the simulated clock ends after 106 days; choose a part of it with `window` or "
                   "shorten it with `time_scale`"}});
  }

  /// Simulated time of a moment of the trace.
  Time at(std::int64_t time_ns) const {
    const std::int64_t offset = time_ns - survey_.origin_ns;
    const double ps = static_cast<double>(offset) * options_.time_scale * 1e3;
    if (!(ps < 9.2e18)) refuse_length(static_cast<double>(offset) * options_.time_scale / 86400e9);
    if (options_.time_scale == 1) return {offset * 1000};
    return {static_cast<std::int64_t>(std::floor(ps + 0.5))};
  }

  std::int64_t spread_time(const TraceRow& row) const {
    if (options_.spread_ns == 0) return row.time_ns;
    const double part = random_uniform({.seed = options_.draws.seed,
                                        .stream = options_.draws.workload,
                                        .request = static_cast<std::uint64_t>(row.place.row),
                                        .purpose = Purpose::arrival_spread});
    return row.time_ns + static_cast<std::int64_t>(part * static_cast<double>(options_.spread_ns));
  }

  /// Reads ahead until no row still in the file can arrive before the one in front. Spreading only delays, so a row's
  /// own time bounds its arrival from below. A closed loop fills its places instead.
  void settle(Time now) {
    if (options_.concurrency) {
      while (has_row_ && static_cast<std::int64_t>(chains_.size()) < *options_.concurrency) {
        running_.emplace(row_.place.row, row_.place.row);
        chains_.emplace(row_.place.row, 1);
        push(row_, now);
        read_ahead();
      }
      return;
    }
    while (has_row_ && (pending_.empty() || at(row_.time_ns) <= pending_.front().request.arrival)) {
      push(row_, at(spread_time(row_)));
      read_ahead();
    }
  }

  /// Rows behind `max_requests` are not read: their times may lie beyond the clock.
  void read_ahead() {
    has_row_ = opened_ < limit_ && cursor_.next(row_);
    if (has_row_) ++opened_;
  }

  void start_follower(std::size_t index, std::int64_t chain, Time now) {
    const Follower& follower = survey_.followers[index];
    std::int64_t delay_ps = 0;
    if (__builtin_mul_overflow(follower.delay_ns, 1000, &delay_ps)) {
      throw InputError({Fault{options_.file.label, static_cast<int>(follower.place.line), "",
                              "waits longer than 106 days, the range of the simulated clock"}});
    }
    Time arrival = now + Duration{delay_ps};
    if (follower.time_ns != Follower::any_time && !options_.concurrency) {
      arrival = std::max(arrival, at(follower.time_ns));
    }
    cursor_.read(follower, aside_);
    if (options_.concurrency) {
      running_.emplace(follower.place.row, chain);
      ++chains_[chain];
    }
    push(aside_, arrival);
  }

  /// In a closed loop: the root whose place in the loop a request takes, with all that follows it.
  std::int64_t chain_of(std::int64_t row) const {
    const auto at = running_.find(row);
    law(at != running_.end(), "only requests that are under way end");
    return at->second;
  }

  void end_of_chain(std::int64_t row, std::int64_t chain, Time now) {
    running_.erase(row);
    const auto at = chains_.find(chain);
    if (--at->second > 0) return;
    chains_.erase(at);
    settle(now);
  }

  void push(const TraceRow& row, Time arrival) {
    pending_.push_back({requests_.make(row, arrival)});
    std::push_heap(pending_.begin(), pending_.end());
  }

  TraceOptions options_;
  TraceSurvey survey_;
  TraceCursor cursor_;
  TraceRequests requests_;
  std::int64_t limit_;
  TraceRow row_;  ///< read ahead
  bool has_row_ = false;
  TraceRow aside_;                                ///< of a follower
  std::vector<Arrival> pending_;                  ///< heap: rows read ahead and followers whose time is known
  std::vector<std::int32_t> waiting_for_;         ///< by follower: rows that have not ended yet
  std::map<std::int64_t, std::int64_t> running_;  ///< in a closed loop: row -> the root of its chain
  std::map<std::int64_t, std::int64_t> chains_;   ///< in a closed loop: root -> requests of its chain under way
  std::int64_t opened_ = 0;                       ///< open rows read
  std::int64_t issued_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> replay_trace(TraceOptions options, const SourceContext& context) {
  options.draws = {context.seed, static_cast<std::uint64_t>(context.workload)};
  return std::make_unique<TraceSource>(std::move(options), context);
}

}  // namespace memwall
