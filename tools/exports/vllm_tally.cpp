#include "tools/exports/vllm_tally.hpp"

#include <algorithm>
#include <numeric>

#include "sim/metrics/bottleneck.hpp"

namespace memwall::tools::exports {
namespace {

// The bounds of vllm/v1/metrics/loggers.py.
std::vector<double> first_token_bounds() {
  return {.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560};
}
std::vector<double> token_bounds() {
  return {.01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80};
}
std::vector<double> request_bounds_s() {
  return {.3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680};
}
std::vector<double> iteration_bounds() { return {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384}; }
/// 1, 2, 5, 10 ... up to a million, the longest contexts of today.
std::vector<double> length_bounds() {
  std::vector<double> out;
  for (double decade = 1; decade < 1e6; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) out.push_back(step * decade);
  }
  out.push_back(1e6);
  return out;
}

constexpr std::int64_t second_ps = 1'000'000'000'000;
std::size_t second_of(Time at) { return static_cast<std::size_t>((at - Time{}).ps / second_ps); }

/// The first k in [from, until) for which `holds(k)`, which is false before and true behind; `until` where none is.
template <class Holds>
std::int64_t first_that(std::int64_t from, std::int64_t until, Holds holds) {
  while (from < until) {
    const std::int64_t middle = from + (until - from) / 2;
    if (holds(middle)) {
      until = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

/// All cycles of a ramp of gaps at once: a stretch for each bucket that it passes through.
void add_ramp(Buckets& buckets, const Ramp& ramp, std::int64_t cycles, std::int64_t count) {
  const auto bucket_of = [&](std::int64_t k) {
    const double gap = fixed_seconds(ramp.at(k));
    return std::lower_bound(buckets.bounds.begin(), buckets.bounds.end(), gap) - buckets.bounds.begin();
  };
  for (std::int64_t k = 0; k < cycles;) {
    const auto bucket = bucket_of(k);
    const std::int64_t next = bucket_of(cycles - 1) == bucket
                                  ? cycles
                                  : first_that(k, cycles, [&](std::int64_t i) { return bucket_of(i) != bucket; });
    buckets.counts[static_cast<std::size_t>(bucket)] += (next - k) * count;
    k = next;
  }
  buckets.fixed_sum += ramp.sum(cycles) * count;
}

}  // namespace

void Buckets::add(double value, std::int64_t count) {
  const auto at = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  counts[static_cast<std::size_t>(at)] += count;
  sum += value * static_cast<double>(count);
}

void Buckets::add_fixed(Int128 duration, std::int64_t count) {
  const double value = fixed_seconds(duration);
  counts[static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin())] += count;
  fixed_sum += duration * count;
}

double Buckets::total() const { return sum + fixed_seconds(fixed_sum); }

std::int64_t Buckets::count() const { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }

std::vector<std::int64_t>& ClockSeconds::reach(std::size_t second, std::vector<std::int64_t>& list) {
  if (second >= list.size()) list.resize(second + 1);
  return list;
}

void ClockSeconds::add(Time at, std::int64_t count) { reach(second_of(at), at_)[second_of(at)] += count; }

void ClockSeconds::add_stretch(Time from, Time until, std::int64_t count) {
  reach(second_of(until) + 1, changes_)[second_of(from)] += count;
  changes_[second_of(until) + 1] -= count;
}

std::int64_t ClockSeconds::most() const {
  std::int64_t best = 0;
  std::int64_t level = 0;
  for (std::size_t i = 0; i < std::max(at_.size(), changes_.size()); ++i) {
    if (i < changes_.size()) level += changes_[i];
    best = std::max(best, level + (i < at_.size() ? at_[i] : 0));
  }
  return best;
}

VllmTally::VllmTally()
    : ttft(first_token_bounds()),
      itl(token_bounds()),
      tpot(token_bounds()),
      e2e(request_bounds_s()),
      queue(request_bounds_s()),
      inference(request_bounds_s()),
      prefill(request_bounds_s()),
      decode(request_bounds_s()),
      input(length_bounds()),
      output(length_bounds()),
      iteration(iteration_bounds()) {}

void VllmTally::cycles(const CycleSpan& span) {
  iteration.add(static_cast<double>(span.prefill_tokens + span.decode_tokens), span.cycles);
  if (span.steady_tokens > 0) {
    const Ramp& gap = span.gap != nullptr ? *span.gap : span.clock.length;
    add_ramp(itl, gap.from(span.offset), span.cycles, span.steady_tokens);
  }
  if (span.decode_tokens == 0) return;
  const auto born = [&](std::int64_t k) {
    if (span.latency == nullptr) return span.clock.boundary(span.offset + k + 1);
    return span.clock.boundary(span.offset + k) + Duration{whole_ps(span.latency->at(span.offset + k))};
  };
  for (std::int64_t k = 0; k < span.cycles;) {
    const std::size_t second = second_of(born(k));
    const std::int64_t next =
        second_of(born(span.cycles - 1)) == second
            ? span.cycles
            : first_that(k, span.cycles, [&](std::int64_t i) { return second_of(born(i)) != second; });
    tokens.add(born(k), (next - k) * span.decode_tokens);
    k = next;
  }
}

void VllmTally::token_gap(ReplicaId, Int128 gap) { itl.add_fixed(gap); }

void VllmTally::request(const RequestRecord& record) {
  generation_tokens += record.output_tokens;
  preemptions += record.preemptions;
  if (record.first_scheduled != Time::never()) {
    prompt_tokens += record.input_tokens;
    cached_tokens += record.cached_tokens;
  }
  if (record.first_token != Time::never()) tokens.add(record.first_token, 1);
  switch (record.status) {
    case Status::completed: ++length_ends; break;
    case Status::aborted:
    case Status::timed_out: ++aborts; break;
    case Status::rejected:
    case Status::failed: ++errors; break;
    case Status::unfinished: break;
  }
  if (record.status != Status::completed) return;
  const auto between = [](Time from, Time until) { return (until - from).seconds(); };
  ttft.add(between(record.arrival, record.first_token));
  e2e.add(between(record.arrival, record.finish));
  queue.add(between(record.arrival, record.first_scheduled));
  inference.add(between(record.first_scheduled, record.finish));
  prefill.add(between(record.first_scheduled, record.first_token));
  decode.add(between(record.first_token, record.finish));
  const double gaps = static_cast<double>(record.output_tokens - 1);
  tpot.add(gaps > 0 ? between(record.first_token, record.finish) / gaps : 0);
  input.add(static_cast<double>(record.input_tokens));
  output.add(static_cast<double>(record.output_tokens));
  concurrent.add_stretch(record.arrival, record.finish, 1);
}

}  // namespace memwall::tools::exports
