#include "workloads/trace_source.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "sim/base/hash.hpp"
#include "sim/base/random.hpp"

namespace memwall {
namespace {

/// A request whose arrival is known, with what orders it among others of the same instant.
struct Pending {
  Request request;
  std::int64_t row = 0;  ///< data row of the trace

  /// std heaps keep the largest in front, and the earliest must be there.
  friend bool operator<(const Pending& a, const Pending& b) {
    return std::tie(b.request.arrival.ps, b.row) < std::tie(a.request.arrival.ps, a.row);
  }
};

class TraceSource final : public RequestSource {
 public:
  TraceSource(TraceOptions options, const SourceContext& context)
      : options_(std::move(options)),
        context_(context),
        survey_(survey_trace(options_)),
        cursor_(options_, survey_),
        block_tokens_(options_.format.open(options_.file)->block_tokens()),
        limit_(survey_.replayed(options_)),
        block_streams_(Hasher().add("trace block").add(word(context.workload)).value()),
        tail_streams_(Hasher().add("trace tail").add(word(context.workload)).value()) {
    check_clock();
    read_ahead();
    settle();
  }

  Time next_arrival() const override {
    return issued_ == limit_ || pending_.empty() ? Time::never() : pending_.front().request.arrival;
  }

  Request pop() override {
    law(next_arrival() != Time::never(), "a request is taken only where one is known");
    std::pop_heap(pending_.begin(), pending_.end());
    Pending taken = std::move(pending_.back());
    pending_.pop_back();
    ++issued_;
    if (const auto follower = follower_of(taken.row); follower != survey_.followers.end()) {
      waiting_.emplace(identity(taken.request), static_cast<std::size_t>(follower - survey_.followers.begin()));
    }
    settle();
    return std::move(taken.request);
  }

  void ended(const Request& request, Time now) override {
    if (request.session < 0 || waiting_.empty()) return;
    const auto at = waiting_.find(identity(request));
    if (at == waiting_.end()) return;
    const Follower& follower = survey_.followers[at->second];
    waiting_.erase(at);
    std::int64_t delay_ps = 0;
    if (__builtin_mul_overflow(follower.delay_ns, 1000, &delay_ps)) {
      throw InputError({Fault{options_.file.label, static_cast<int>(follower.place.line), "delay",
                              "is longer than 106 days, the range of the simulated clock"}});
    }
    TraceRow row;
    cursor_.read(follower, row);
    push(row, now + Duration{delay_ps});
  }

  bool exhausted() const override { return issued_ == limit_; }
  bool shares_tokens() const override { return survey_.block_ids; }

  bool closed_loop() const override { return !survey_.followers.empty(); }

  SourceNotes notes() const override {
    SourceNotes notes = survey_.notes;
    if (capped_ > 0) notes.warnings["capped_by_max_tokens"] = capped_;
    return notes;
  }

 private:
  using Identity = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

  static std::uint64_t word(std::int32_t workload) { return static_cast<std::uint64_t>(workload); }

  /// What tells the requests of a session apart when they end: the cluster numbers requests only after they were taken.
  static Identity identity(const Request& request) {
    return {request.session, request.arrival.ps, request.input_tokens};
  }

  std::vector<Follower>::const_iterator follower_of(std::int64_t row) const {
    const auto& all = survey_.followers;
    const auto at = std::lower_bound(all.begin(), all.end(), row,
                                     [](const Follower& a, std::int64_t b) { return a.after_row < b; });
    return at != all.end() && at->after_row == row ? at : all.end();
  }

  void check_clock() const {
    const double last_ns = static_cast<double>(survey_.last_ns) - static_cast<double>(survey_.origin_ns) +
                           static_cast<double>(options_.format.spread_ns);
    const double days = last_ns * options_.time_scale / 86400e9;
    if (days * 86400 <= 9.2e6) return;
    throw InputError(
        {Fault{options_.file.label, 0, "",
               "lasts " + std::to_string(days) +
                   " days, but the simulated clock ends after 106 days; choose a part of it with `window` or "
                   "shorten it with `time_scale`"}});
  }

  /// Simulated time of a moment of the trace.
  Time at(std::int64_t time_ns) const {
    const std::int64_t offset = time_ns - survey_.origin_ns;
    if (options_.time_scale == 1) return {offset * 1000};
    return {static_cast<std::int64_t>(std::floor(static_cast<double>(offset) * options_.time_scale * 1e3 + 0.5))};
  }

  std::int64_t spread_time(const TraceRow& row) const {
    if (options_.format.spread_ns == 0) return row.time_ns;
    const double part = random_uniform({.seed = context_.seed,
                                        .stream = word(context_.workload),
                                        .request = static_cast<std::uint64_t>(row.place.row),
                                        .purpose = Purpose::arrival_spread});
    return row.time_ns + static_cast<std::int64_t>(part * static_cast<double>(options_.format.spread_ns));
  }

  /// Reads ahead until no row still in the file can arrive before the one in front. Spreading only delays, so a row's
  /// own time bounds its arrival from below.
  void settle() {
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

  void push(const TraceRow& row, Time arrival) {
    Request request;
    request.arrival = arrival;
    request.workload = context_.workload;
    request.input_tokens = row.input_tokens;
    if (options_.stop.apply(row.output_tokens, request)) ++capped_;
    if (!row.session.empty()) request.session = survey_.sessions.find(row.session)->second;
    describe_prompt(row, request.prompt);
    pending_.push_back({std::move(request), row.place.row});
    std::push_heap(pending_.begin(), pending_.end());
  }

  /// An id stands for its block and all before it, so each id is a token stream of its own: prompts share tokens
  /// exactly as far as their leading ids are equal. Combining with a fixed hash is a bijection, so ids never collide.
  void describe_prompt(const TraceRow& row, std::vector<TokenRange>& prompt) const {
    if (row.blocks.empty()) return;
    prompt.reserve(row.blocks.size() + 1);
    std::int64_t left = row.input_tokens;
    for (const std::uint64_t id : row.blocks) {
      prompt.push_back({combine(block_streams_, id), 0, std::min(left, block_tokens_)});
      left -= prompt.back().end;
    }
    if (left > 0) prompt.push_back({combine(tail_streams_, static_cast<std::uint64_t>(row.place.row)), 0, left});
  }

  TraceOptions options_;
  SourceContext context_;
  TraceSurvey survey_;
  TraceCursor cursor_;
  std::int64_t block_tokens_;
  std::int64_t limit_;
  std::uint64_t block_streams_;
  std::uint64_t tail_streams_;
  TraceRow row_;  ///< read ahead
  bool has_row_ = false;
  std::vector<Pending> pending_;                  ///< heap: rows read ahead and followers whose time is known
  std::multimap<Identity, std::size_t> waiting_;  ///< running request -> the follower that it holds back
  std::int64_t opened_ = 0;                       ///< open rows read
  std::int64_t issued_ = 0;
  std::int64_t capped_ = 0;
};

std::int64_t nanoseconds(Seconds seconds) { return static_cast<std::int64_t>(seconds.value * 1e9 + 0.5); }

void read_window(Reader& reader, TraceOptions& options) {
  reader.object(
      "window", false, "the part of the trace to replay, as offsets from its earliest row", [&](Reader& keys) {
        const auto from = keys.quantity<Seconds>("from", "0 s", "the first moment that is replayed");
        const auto to = keys.optional_quantity<Seconds>("to", "the first moment that is not; absent: the trace's end");
        if (from.value > 9.2e9 || (to && to->value > 9.2e9)) {
          return keys.fault("", "lies more than 290 years after the trace's start");
        }
        options.window_from_ns = nanoseconds(from);
        if (to) options.window_to_ns = nanoseconds(*to);
        if (to && *options.window_to_ns <= options.window_from_ns) keys.fault("to", "must be later than `from`");
      });
}

void read_scale(Reader& reader, TraceOptions& options) {
  const double time = reader.number("time_scale", {.fallback = 1.0, .low = 1e-9, .high = 1e9},
                                    "multiplies arrival times; changes how bursty the trace is");
  const double rate = reader.number("rate_scale", {.fallback = 1.0, .low = 1e-9, .high = 1e9},
                                    "multiplies the arrival rate: the inverse of `time_scale`");
  if (time != 1 && rate != 1) reader.fault("rate_scale", "says the same as `time_scale`; give one of the two");
  options.time_scale = time / rate;
}

std::vector<Variant> format_variants(FormatKeys& keys) {
  std::vector<Variant> variants;
  for (const TraceFormat& format : trace_formats()) {
    variants.push_back({format.name, format.summary, [&keys, &format](Reader& reader) { keys = format.read(reader); }});
  }
  return variants;
}

}  // namespace

std::unique_ptr<RequestSource> replay_trace(TraceOptions options, const SourceContext& context) {
  return std::make_unique<TraceSource>(std::move(options), context);
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_trace_source(Reader& reader) {
  TraceOptions options;
  const std::string path = reader.text("path", std::nullopt, "the trace file, relative to the scenario file");
  reader.variant("format", format_variants(options.format), std::nullopt, "how the file is written");
  read_scale(reader, options);
  read_window(reader, options);
  options.max_requests = reader.optional_integer("max_requests", {.low = 1},
                                                 "replays the first so many requests in order of arrival; absent: all");
  options.keep_failed =
      reader.boolean("keep_failed", false,
                     "replays rows without output with one output token instead of dropping them: their "
                     "prompts did use the service");
  options.stop = read_stop_rule(reader);
  return [options, path](const SourceContext& context) {
    TraceOptions located = options;
    located.file = locate_trace(path, context);
    return replay_trace(std::move(located), context);
  };
}

}  // namespace memwall
