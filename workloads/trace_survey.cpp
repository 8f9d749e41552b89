#include "workloads/trace_survey.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

bool inside_window(const TraceOptions& options, std::int64_t earliest_ns, std::int64_t time_ns) {
  std::int64_t offset = 0;
  if (__builtin_sub_overflow(time_ns, earliest_ns, &offset)) return false;
  return offset >= options.window_from_ns && (!options.window_to_ns || offset < *options.window_to_ns);
}

/// One reading of the file. In a first one the earliest row is taken to be the first usable one; where that turns out
/// wrong, a second one knows the earliest row and builds the index.
class Scan {
 public:
  Scan(const TraceOptions& options, std::optional<std::int64_t> earliest_ns)
      : options_(options), earliest_known_(earliest_ns), rows_(options.format.open(options.file)) {
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
      if (const std::string_view reason = refusal(row, options_.keep_failed); !reason.empty()) {
        drop(row, reason);
      } else if (row.has_time) {
        take_open(row, failed);
      } else {
        take_follower(row, failed);
      }
    }
    finish();
    return std::move(survey_);
  }

 private:
  struct Session {
    std::int64_t number = -1;
    std::int64_t last_row = -1;  ///< last row of the session that is replayed; -1 = none yet
    bool outside = false;        ///< its last timed row is outside the window, and what follows it too
  };

  void drop(const TraceRow& row, std::string_view reason) {
    const auto [at, first] = survey_.notes.dropped.try_emplace(std::string(reason), 0);
    ++at->second;
    if (first) survey_.notes.first_drop.emplace(reason, options_.file.at(row.place.line));
  }

  void warn(std::string_view what) { ++survey_.notes.warnings[std::string(what)]; }

  void keep(const TraceRow& row, bool failed) {
    survey_.input_tokens += row.input_tokens;
    survey_.output_tokens += row.output_tokens;
    if (!row.blocks.empty()) survey_.block_ids = true;
    if (failed) warn("zero_output_kept");
    if (!row.warning.empty()) warn(row.warning);
  }

  /// The session of a row; nothing where it has none.
  Session* session(const TraceRow& row) {
    if (row.session.empty()) return nullptr;
    auto at = sessions_.find(row.session);
    if (at == sessions_.end()) {
      at = sessions_.emplace(row.session, Session{static_cast<std::int64_t>(sessions_.size())}).first;
    }
    return &at->second;
  }

  void take_open(const TraceRow& row, bool failed) {
    const bool first = usable_ == 0;
    if (first && !earliest_known_) survey_.earliest_ns = row.time_ns;
    survey_.earliest_ns = std::min(survey_.earliest_ns, row.time_ns);
    if (!first && row.time_ns < previous_ns_) ++inversions_;
    if (!first && row.time_ns == previous_ns_) ++repeated_;
    previous_ns_ = row.time_ns;
    ++usable_;

    Session* const in = session(row);
    const bool inside = inside_window(options_, survey_.earliest_ns, row.time_ns);
    if (in != nullptr) {
      in->outside = !inside;
      if (inside) in->last_row = row.place.row;
    }
    if (!inside) return drop(row, "outside_window");
    keep(row, failed);
    survey_.origin_ns = survey_.open_rows == 0 ? row.time_ns : std::min(survey_.origin_ns, row.time_ns);
    if (!options_.max_requests || survey_.open_rows < *options_.max_requests) survey_.last_ns = row.time_ns;
    ++survey_.open_rows;
    if (earliest_known_) survey_.index.push_back({row.time_ns, row.place});
  }

  void take_follower(const TraceRow& row, bool failed) {
    Session* const in = session(row);
    law(in != nullptr, "a row without a time belongs to a session");
    if (in->outside) return drop(row, "outside_window");
    if (in->last_row < 0) return drop(row, "session_without_start");
    keep(row, failed);
    survey_.followers.push_back({in->last_row, row.place, row.delay_ns});
    in->last_row = row.place.row;
  }

  void finish() {
    if (!earliest_known_ && inversions_ > 0) {
      survey_.sorted = false;  // the caller reads again
      return;
    }
    if (!survey_.sorted) sort_index();
    std::sort(survey_.followers.begin(), survey_.followers.end(),
              [](const Follower& a, const Follower& b) { return a.after_row < b.after_row; });
    for (const auto& [name, in] : sessions_) survey_.sessions.emplace(name, in.number);
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
    if (options_.format.spread_ns > 0) {
      remarks.push_back("arrivals are spread uniformly over " +
                        std::to_string(static_cast<double>(options_.format.spread_ns) * 1e-9) + " s each");
    } else if (repeated_ > usable_ / 2) {
      remarks.push_back("arrival times are rounded: " + std::to_string(repeated_) + " of " + std::to_string(usable_) +
                        " rows have the time of the row before, so bursts within a bin are not real");
    }
    if (options_.time_scale != 1) {
      remarks.push_back("arrival times are multiplied by " + std::to_string(options_.time_scale) +
                        ", which changes how bursty the trace is");
    }
    for (std::string& sentence : rows_->remarks()) remarks.push_back(std::move(sentence));
  }

  const TraceOptions& options_;
  bool earliest_known_;
  std::unique_ptr<RowReader> rows_;
  TraceSurvey survey_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::int64_t usable_ = 0, inversions_ = 0, repeated_ = 0, previous_ns_ = 0;
};

}  // namespace

std::string_view refusal(TraceRow& row, bool keep_failed) {
  if (!row.problem.empty()) return row.problem;
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

TraceCursor::TraceCursor(const TraceOptions& options, const TraceSurvey& survey)
    : options_(options), survey_(survey), rows_(options.format.open(options.file)), last_ns_(survey.origin_ns) {}

bool TraceCursor::next(TraceRow& row) {
  if (taken_ == survey_.open_rows) return false;
  if (survey_.sorted) {
    if (!stream(row)) changed();
  } else {
    const TraceSurvey::Entry& entry = survey_.index[static_cast<std::size_t>(taken_)];
    rows_->seek(entry.place);
    if (!rows_->next(row) || !refusal(row, options_.keep_failed).empty() || row.time_ns != entry.time_ns) changed();
  }
  if (row.time_ns < last_ns_) changed();
  last_ns_ = row.time_ns;
  ++taken_;
  return true;
}

bool TraceCursor::stream(TraceRow& row) {
  while (rows_->next(row)) {
    if (!refusal(row, options_.keep_failed).empty() || !row.has_time) continue;
    if (inside_window(options_, survey_.earliest_ns, row.time_ns)) return true;
  }
  return false;
}

void TraceCursor::read(const Follower& follower, TraceRow& row) {
  if (!aside_) aside_ = options_.format.open(options_.file);
  aside_->seek(follower.place);
  if (!aside_->next(row) || !refusal(row, options_.keep_failed).empty() || row.has_time) changed();
}

void TraceCursor::changed() const {
  throw InputError({Fault{options_.file.label, 0, "", "the file changed while it was replayed; run again"}});
}

}  // namespace memwall
