#include "workloads/replay/trace_cursor.hpp"

#include "sim/base/error.hpp"

namespace memwall {

TraceCursor::TraceCursor(const TraceOptions& options, const TraceSurvey& survey)
    : options_(options), survey_(survey), rows_(options.rows()), last_ns_(survey.origin_ns) {}

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
    const auto& followers = survey_.followers;
    while (follower_ < followers.size() && followers[follower_].place.row < row.place.row) ++follower_;
    if (follower_ < followers.size() && followers[follower_].place.row == row.place.row) continue;
    if (!refusal(row, options_.keep_failed).empty() || !row.has_time || options_.thinned(row)) continue;
    if (inside_window(options_, survey_.earliest_ns, row.time_ns)) return true;
  }
  return false;
}

void TraceCursor::read(const Follower& follower, TraceRow& row) {
  if (!aside_) aside_ = options_.rows();
  aside_->seek(follower.place);
  if (!aside_->next(row) || !refusal(row, options_.keep_failed).empty()) changed();
}

void TraceCursor::changed() const {
  throw InputError({Fault{options_.file.label, 0, "", "the file changed while it was replayed; run again"}});
}

}  // namespace memwall
