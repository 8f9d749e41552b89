#include "workloads/replay/dependencies.hpp"

#include <algorithm>

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

/// Calls of one session that are kept although others waited for them; a wider fan-out than that is none of agents.
constexpr std::size_t most_calls = 256;

constexpr std::ptrdiff_t most_inherited = 64;

std::uint64_t key_of(std::string_view name) { return Hasher().add(name).value(); }

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? std::numeric_limits<std::int64_t>::max() : out;
}

}  // namespace

Dependencies::Session* Dependencies::session(const TraceRow& row) {
  if (row.session.empty()) return nullptr;
  auto at = sessions_.find(row.session);
  if (at == sessions_.end()) {
    at = sessions_.emplace(row.session, Session{}).first;
    at->second.number = static_cast<std::int64_t>(sessions_.size()) - 1;
  }
  return &at->second;
}

void Dependencies::find_session_parents(const Session& session, const TraceRow& row) {
  if (session.last.row < 0) return;
  if (!row.has_delay && session.wait_ns >= 0) {
    delay_known_ = true;
    inherited_delay_ns_ = std::max(inherited_delay_ns_, session.wait_ns);
    parents_.push_back(session.last);
    return;
  }
  if (!row.has_time || row.has_delay || session.last.end_ns == unknown) {
    parents_.push_back(session.last);
    return;
  }
  for (const Call& call : session.calls) {
    if (call.call.end_ns <= row.time_ns && call.follower_end_ns > row.time_ns) parents_.push_back(call.call);
  }
}

Fate Dependencies::find_named_parents(const TraceRow& row) {
  Fate why = Fate::open;
  bool orphan = false;
  for (const std::string_view name : row.after) {
    const auto at = names_.find(key_of(name));
    if (at == names_.end()) {
      orphan = true;
      continue;
    }
    const Named& named = at->second;
    if (named.fate != Fate::open) why = named.fate;
    if (named.row.row >= 0) parents_.push_back(named.row);
    parents_.insert(parents_.end(), named.parents.begin(), named.parents.end());
    inherited_delay_ns_ = std::max(inherited_delay_ns_, named.delay_ns);
  }
  if (orphan) ++orphans_;
  return parents_.empty() ? why : Fate::open;
}

Fate Dependencies::take(const TraceRow& row, Circumstances circumstances) {
  Session* const in = session(row);
  parents_.clear();
  inherited_delay_ns_ = 0;
  delay_known_ = row.has_delay;
  Fate why = find_named_parents(row);
  if (in != nullptr && row.after_session) {
    find_session_parents(*in, row);
    if (parents_.empty() && why == Fate::open) why = in->excluded;
  }
  Fate fate = Fate::open;
  if (circumstances.thinned || why == Fate::thinned) {
    fate = Fate::thinned;
  } else if (row.has_time && !circumstances.inside_window) {
    fate = Fate::outside_window;
  } else if (!parents_.empty() && !(open_sessions_ && row.has_time)) {
    fate = follow(row);
  } else if (!row.has_time) {
    fate = why != Fate::open ? why : row.session.empty() ? Fate::missing_time : Fate::session_without_start;
  }
  if (in != nullptr) in->excluded = fate == Fate::follows ? Fate::open : fate;
  if (fate == Fate::open || fate == Fate::follows) {
    record(row, in);
  } else if (!row.name.empty()) {
    names_[key_of(row.name)] = {{-1, unknown}, fate, {}, 0};
  }
  return fate;
}

void Dependencies::tidy_parents() {
  std::sort(parents_.begin(), parents_.end(), [](const Parent& a, const Parent& b) { return a.row < b.row; });
  parents_.erase(
      std::unique(parents_.begin(), parents_.end(), [](const Parent& a, const Parent& b) { return a.row == b.row; }),
      parents_.end());
}

Fate Dependencies::follow(const TraceRow& row) {
  tidy_parents();
  Follower follower;
  follower.place = row.place;
  follower.delay_ns = sum(row.delay_ns, inherited_delay_ns_);
  follower.waits_for = static_cast<std::int32_t>(parents_.size());
  if (row.has_time && !delay_known_) {
    const bool ends_known =
        std::all_of(parents_.begin(), parents_.end(), [](const Parent& parent) { return parent.end_ns != unknown; });
    if (ends_known) {
      std::int64_t last = unknown;
      for (const Parent& parent : parents_) last = std::max(last, parent.end_ns);
      std::int64_t gap = 0;
      if (!__builtin_sub_overflow(row.time_ns, last, &gap)) follower.delay_ns = std::max<std::int64_t>(0, gap);
    } else {
      follower.time_ns = row.time_ns;
      follower.delay_ns = 0;
    }
  }
  for (const Parent& parent : parents_) waits_.push_back({parent.row, followers_.size()});
  followers_.push_back(follower);
  return Fate::follows;
}

void Dependencies::record(const TraceRow& row, Session* in) {
  const bool ended = row.has_time && row.service_ns >= 0;
  const Parent self{row.place.row, ended ? sum(row.time_ns, row.service_ns) : unknown};
  if (!row.name.empty()) names_[key_of(row.name)] = {self, Fate::open, {}, 0};
  if (in == nullptr) return;
  in->last = self;
  in->wait_ns = row.wait_after_ns;
  if (!ended || !row.after_session) return;
  for (Call& call : in->calls) {
    const bool waited = std::any_of(parents_.begin(), parents_.end(),
                                    [&](const Parent& parent) { return parent.row == call.call.row; });
    if (waited) call.follower_end_ns = std::min(call.follower_end_ns, self.end_ns);
  }
  if (in->calls.size() >= most_calls) in->calls.erase(in->calls.begin());
  std::erase_if(in->calls, [&](const Call& call) { return call.follower_end_ns <= row.time_ns; });
  in->calls.push_back({self, std::numeric_limits<std::int64_t>::max()});
}

void Dependencies::dropped(const TraceRow& row) {
  if (row.name.empty()) return;
  parents_.clear();
  inherited_delay_ns_ = 0;
  const std::int64_t orphans = orphans_;
  static_cast<void>(find_named_parents(row));
  orphans_ = orphans;
  tidy_parents();
  // Rows may be dropped in chains that each name many: the latest of them stand for all, so that memory is bounded.
  if (std::ssize(parents_) > most_inherited) parents_.erase(parents_.begin(), parents_.end() - most_inherited);
  names_[key_of(row.name)] = {{-1, unknown}, Fate::open, parents_, sum(row.delay_ns, inherited_delay_ns_)};
}

std::vector<Wait> Dependencies::waits() {
  std::stable_sort(waits_.begin(), waits_.end(), [](const Wait& a, const Wait& b) { return a.row < b.row; });
  return std::move(waits_);
}

std::map<std::string, std::int64_t, std::less<>> Dependencies::sessions() const {
  std::map<std::string, std::int64_t, std::less<>> out;
  for (const auto& [name, in] : sessions_) out.emplace(name, in.number);
  return out;
}

}  // namespace memwall
