// The keys of a workload of source `trace`.
#include <algorithm>

#include "sim/base/error.hpp"
#include "workloads/replay/trace_source.hpp"

namespace memwall {
namespace {

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

std::vector<Variant> format_variants(OpenRows& open) {
  std::vector<Variant> variants;
  for (const TraceFormat& format : trace_formats()) {
    variants.push_back({format.name, format.summary, [&open, &format](Reader& reader) { open = format.read(reader); }});
  }
  return variants;
}

void read_modes(Reader& reader, TraceOptions& options) {
  if (const auto spread = reader.optional_quantity<Seconds>(
          "spread_bins",
          "spreads arrivals uniformly over so long a time, where the trace rounds them (3 s in the Mooncake traces)")) {
    if (spread->value > 0 && spread->value <= 86400) {
      options.spread_ns = nanoseconds(*spread);
    } else {
      reader.fault("spread_bins", "is the width of a bin of arrival times, above 0 and at most a day, such as \"3 s\"");
    }
  }
  options.keep_share = reader.number("keep_share", {.fallback = 1.0, .low = 1e-9, .high = 1.0},
                                     "thins the trace to this share of its sessions, and of requests outside of "
                                     "sessions: a lower load that is as bursty");
  options.open_sessions =
      reader.choice("sessions",
                    {{"closed",
                      "a request of a session arrives when those before it have ended, and their user or "
                      "tools have taken the time that the trace recorded"},
                     {"open", "every request that has a time arrives at it"}},
                    0, "what a session's next request waits for") == 1;
  options.concurrency = reader.optional_integer(
      "concurrency", {.low = 1},
      "a closed loop: so many requests (or sessions) are under way, the next starts when one ends, and times of the "
      "trace are ignored");
  if (options.concurrency && options.spread_ns > 0) {
    reader.fault("spread_bins", "moves times of arrival, which a closed loop ignores; leave it or `concurrency` out");
  }
  if (options.concurrency && options.time_scale != 1) {
    reader.fault("concurrency", "ignores times of arrival; leave it or the scale of time out");
  }
}

}  // namespace

TraceOptions read_trace_options(Reader& reader) {
  TraceOptions options;
  options.file.label = reader.text("path", std::nullopt, "the trace file, relative to the scenario file");
  reader.variant("format", format_variants(options.open), std::nullopt, "how the file is written");
  read_scale(reader, options);
  read_window(reader, options);
  options.max_requests = reader.optional_integer("max_requests", {.low = 1},
                                                 "replays the first so many requests in order of arrival; absent: all");
  options.keep_failed =
      reader.boolean("keep_failed", false,
                     "replays rows without output with one output token instead of dropping them: their "
                     "prompts did use the service");
  read_modes(reader, options);
  options.stop = read_stop_rule(reader);
  return options;
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_trace_source(Reader& reader) {
  return [options = read_trace_options(reader)](const SourceContext& context) {
    TraceOptions located = options;
    located.file = locate_trace(options.file.label, context);
    return replay_trace(std::move(located), context);
  };
}

}  // namespace memwall
