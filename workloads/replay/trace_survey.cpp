#include "workloads/replay/trace_survey.hpp"

#include <algorithm>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/random.hpp"

namespace memwall {

bool inside_window(const TraceOptions& options, std::int64_t earliest_ns, std::int64_t time_ns) {
  std::int64_t offset = 0;
  if (__builtin_sub_overflow(time_ns, earliest_ns, &offset)) return false;
  return offset >= options.window_from_ns && (!options.window_to_ns || offset < *options.window_to_ns);
}

bool TraceOptions::thinned(const TraceRow& row) const {
  if (keep_share >= 1) return false;
  const std::uint64_t who =
      row.session.empty() ? static_cast<std::uint64_t>(row.place.row) : Hasher().add(row.session).value();
  return random_uniform({draws.seed, draws.workload, who, Purpose::trace_thinning}) >= keep_share;
}

namespace {

/// Texts that are met again and again, by position.
class Interned {
 public:
  explicit Interned(std::vector<std::string>& texts) : texts_(texts) {}
  void add(std::string_view text) {
    if (text.empty() || known_.find(text) != known_.end()) return;
    known_.emplace(text);
    texts_.emplace_back(text);
  }

 private:
  std::vector<std::string>& texts_;
  std::set<std::string, std::less<>> known_;
};

/// One reading of the file. In a first one the earliest row is taken to be the first usable one; where that turns out
/// wrong, a second one knows the earliest row and builds the index.
class Scan {
 public:
  Scan(const TraceOptions& options, std::optional<std::int64_t> earliest_ns)
      : options_(options),
        earliest_known_(earliest_ns),
        rows_(options.rows()),
        dependencies_(options.open_sessions),
        tenants_(survey_.labels.tenants),
        classes_(survey_.labels.classes),
        adapters_(survey_.labels.adapters) {
    if (earliest_ns) {
      survey_.earliest_ns = *earliest_ns;
      survey_.sorted = false;
    }
  }

  TraceSurvey run() {
    TraceRow row;
    while (rows_->next(row)) {
      ++survey_.notes.rows_read;
      const bool failed = row.output_tokens == 0;
      const std::string_view reason = refusal(row, options_.keep_failed);
      if (row.problem.empty()) {
        for (const std::string_view warning : row.warnings) warn(warning);
      }
      if (!reason.empty()) {
        drop(row, reason);
        if (row.problem.empty()) dependencies_.dropped(row);
      } else {
        take(row, failed);
      }
    }
    finish();
    return std::move(survey_);
  }

 private:
  void drop(const TraceRow& row, std::string_view reason) {
    const auto [at, first] = survey_.notes.dropped.try_emplace(std::string(reason), 0);
    ++at->second;
    if (first) survey_.notes.first_drop.emplace(reason, options_.file.at(row.place.line));
  }

  void warn(std::string_view what) {
    const auto at = survey_.notes.warnings.find(std::string(what));
    if (at != survey_.notes.warnings.end()) {
      ++at->second;
    } else {
      survey_.notes.warnings.emplace(what, 1);
    }
  }

  void take(const TraceRow& row, bool failed) {
    bool inside = true;
    if (row.has_time) {
      note_time(row.time_ns);
      inside = inside_window(options_, survey_.earliest_ns, row.time_ns);
    }
    const Fate fate = dependencies_.take(row, {inside, options_.thinned(row)});
    switch (fate) {
      case Fate::outside_window: return drop(row, "outside_window");
      case Fate::thinned: return drop(row, "thinned");
      case Fate::session_without_start: return drop(row, "session_without_start");
      case Fate::missing_time: return drop(row, "missing_time");
      case Fate::follows:
      case Fate::open: break;
    }
    if (failed) warn("zero_output_kept");
    survey_.input_tokens += row.input_tokens;
    survey_.output_tokens += row.output_tokens;
    survey_.images += row.images;
    survey_.session_rows += row.session.empty() ? 0 : 1;
    if (!row.blocks.empty() || row.prefix_tokens > 0) survey_.shared_tokens = true;
    tenants_.add(row.tenant);
    classes_.add(row.service_class);
    adapters_.add(row.adapter);
    if (row.has_time) {
      survey_.origin_ns = timed_ ? std::min(survey_.origin_ns, row.time_ns) : row.time_ns;
      timed_ = true;
    }
    if (fate == Fate::follows) return;
    note_order(row.time_ns);
    if (!options_.max_requests || survey_.open_rows < *options_.max_requests) survey_.last_ns = row.time_ns;
    ++survey_.open_rows;
    if (earliest_known_) survey_.index.push_back({row.time_ns, row.place});
  }

  void note_time(std::int64_t time_ns) {
    if (!earliest_known_ && usable_ == 0) survey_.earliest_ns = time_ns;
    if (time_ns < survey_.earliest_ns) earlier_ = true;
    survey_.earliest_ns = std::min(survey_.earliest_ns, time_ns);
    ++usable_;
  }

  /// Rows that wait for others are read when their time comes, so the file need not be in their order.
  void note_order(std::int64_t time_ns) {
    if (ordered_ > 0 && time_ns < previous_ns_) ++inversions_;
    if (ordered_ > 0 && time_ns == previous_ns_) ++repeated_;
    previous_ns_ = time_ns;
    ++ordered_;
  }

  void finish() {
    if (!earliest_known_ && (inversions_ > 0 || earlier_)) {
      survey_.sorted = false;  // the caller reads again
      return;
    }
    if (!survey_.sorted) sort_index();
    if (dependencies_.orphans() > 0) survey_.notes.warnings["orphan_parent"] = dependencies_.orphans();
    survey_.followers = dependencies_.followers();
    survey_.waits = dependencies_.waits();
    survey_.sessions = dependencies_.sessions();
    if (survey_.open_rows == 0) refuse_empty();
    cut_off();
    remark();
  }

  void sort_index() {
    auto& index = survey_.index;
    std::stable_sort(index.begin(), index.end(), [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
    if (index.empty()) return;
    const auto kept = static_cast<std::size_t>(options_.max_requests.value_or(survey_.open_rows));
    survey_.last_ns = index[std::min(kept, index.size()) - 1].time_ns;
  }

  [[noreturn]] void refuse_empty() const {
    const SourceNotes& notes = survey_.notes;
    std::string message = notes.rows_read == 0
                              ? "has no rows below its header"
                              : "none of its " + std::to_string(notes.rows_read) + " rows can be replayed";
    for (const auto& [reason, count] : notes.dropped) {
      message += "; " + reason + ": " + std::to_string(count) + " (first at " + notes.first_drop.at(reason) + ")";
    }
    if (notes.dropped.contains("outside_window")) {
      message += "; times of `window` are offsets from the trace's earliest row, so move it to where rows are";
    } else if (notes.dropped.contains("zero_output")) {
      message += "; `keep_failed` keeps rows without output";
    } else {
      message += "; check that the file has the named format";
    }
    throw InputError({Fault{options_.file.label, 0, "", std::move(message)}});
  }

  /// Rows behind `max_requests` are no fault of any line, so they have no first one.
  void cut_off() {
    const std::int64_t all = survey_.open_rows + static_cast<std::int64_t>(survey_.followers.size());
    survey_.notes.rows_kept = survey_.replayed(options_);
    if (survey_.notes.rows_kept == all) return;
    survey_.notes.dropped["beyond_max_requests"] = all - survey_.notes.rows_kept;
    survey_.notes.first_drop["beyond_max_requests"] = options_.file.label;
  }

  void remark() {
    auto& remarks = survey_.notes.remarks;
    if (inversions_ > 0) {
      survey_.notes.warnings["out_of_order"] = inversions_;
      remarks.push_back("rows are not in order of arrival (" + std::to_string(inversions_) +
                        " are earlier than the row before); they were sorted, keeping the order of equal times");
    }
    if (!survey_.followers.empty()) {
      remarks.push_back(std::to_string(survey_.followers.size()) +
                        " requests wait for the end of others (sessions are closed loops)");
    }
    if (options_.concurrency) {
      remarks.push_back("times of arrival are ignored: " + std::to_string(*options_.concurrency) +
                        " requests or sessions are under way at any moment");
    } else if (options_.spread_ns > 0) {
      remarks.push_back("arrivals are spread uniformly over " +
                        std::to_string(static_cast<double>(options_.spread_ns) * 1e-9) + " s each");
    } else if (repeated_ > ordered_ / 2 && survey_.last_ns > survey_.origin_ns) {
      remarks.push_back("arrival times are rounded: " + std::to_string(repeated_) + " of " + std::to_string(ordered_) +
                        " rows have the time of the row before, so bursts within a bin are not real");
    }
    if (options_.time_scale != 1) {
      remarks.push_back("arrival times are multiplied by " + std::to_string(options_.time_scale) +
                        ", which changes how bursty the trace is");
    }
    if (options_.keep_share < 1) {
      remarks.push_back("thinned: about " + std::to_string(options_.keep_share) +
                        " of the sessions, and of the requests outside of sessions, are kept");
    }
    for (std::string& sentence : rows_->remarks()) remarks.push_back(std::move(sentence));
  }

  const TraceOptions& options_;
  bool earliest_known_;
  std::unique_ptr<RowReader> rows_;
  TraceSurvey survey_;
  Dependencies dependencies_;
  Interned tenants_, classes_, adapters_;
  bool timed_ = false;    ///< whether the origin is known
  bool earlier_ = false;  ///< whether a row is earlier than the first one
  std::int64_t usable_ = 0, ordered_ = 0, inversions_ = 0, repeated_ = 0, previous_ns_ = 0;
};

}  // namespace

std::string_view refusal(TraceRow& row, bool keep_failed) {
  if (!row.problem.empty()) return row.problem;
  // 146 years before or after the origin: differences of two such times fit, and no trace lasts so long.
  constexpr std::int64_t farthest = std::int64_t{1} << 62;
  if (row.has_time && (row.time_ns > farthest || row.time_ns < -farthest)) return "bad_time";
  if (row.input_tokens == 0) return "zero_input";
  if (row.output_tokens > 0) return {};
  if (!keep_failed) return "zero_output";
  row.output_tokens = 1;  // the prompt was processed, which yields one token
  return {};
}

TraceSurvey survey_trace(const TraceOptions& options) {
  TraceSurvey first = Scan(options, std::nullopt).run();
  return first.sorted ? std::move(first) : Scan(options, first.earliest_ns).run();
}

}  // namespace memwall
