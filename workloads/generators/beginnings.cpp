#include "workloads/generators/beginnings.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

class OpenBeginnings final : public Beginnings {
 public:
  OpenBeginnings(const OpenArrivals& arrivals, const Extent& extent, const DrawKey& key)
      : arrivals_(arrival_process(arrivals, key)), extent_(extent), ends_(ends(arrivals)) {
    advance();
  }

  Time next() const override { return next_; }
  std::int64_t take() override {
    law(!exhausted(), "a beginning is taken only where one is known");
    const std::int64_t number = taken_++;
    advance();
    return number;
  }
  void ended(Time) override {}
  bool exhausted() const override { return next_ == Time::never(); }
  bool closed_loop() const override { return false; }

 private:
  void advance() {
    next_ = taken_ < extent_.count ? arrivals_->next() : Time::never();
    if (next_ == Time::never() && taken_ < extent_.count && extent_.until == Time::never() && !ends_) {
      throw InputError("after " + std::to_string(taken_) + " of " + std::to_string(extent_.count) +
                       " arrivals simulated time ends, after 106 days; ask for fewer, or for a higher rate");
    }
    if (next_ > extent_.until) next_ = Time::never();
  }

  std::unique_ptr<ArrivalProcess> arrivals_;
  Extent extent_;
  bool ends_;  ///< by themselves
  std::int64_t taken_ = 0;
  Time next_;
};

class ClosedBeginnings final : public Beginnings {
 public:
  ClosedBeginnings(const ClosedLoop& loop, const Extent& extent) : loop_(loop), extent_(extent) {
    while (known_ < std::min(loop.concurrency, extent.count)) schedule(Time{});
  }

  Time next() const override { return due_.empty() ? Time::never() : due_.top(); }
  std::int64_t take() override {
    law(!due_.empty(), "a beginning is taken only where one is known");
    due_.pop();
    ++under_way_;
    return taken_++;
  }
  void ended(Time now) override {
    --under_way_;
    if (known_ < extent_.count) schedule(now + loop_.delay);
  }
  bool exhausted() const override { return due_.empty() && (known_ == extent_.count || under_way_ == 0); }
  bool closed_loop() const override { return true; }

 private:
  void schedule(Time begin) {
    if (begin > extent_.until) return;
    due_.push(begin);
    ++known_;
  }

  ClosedLoop loop_;
  Extent extent_;
  std::priority_queue<Time, std::vector<Time>, std::greater<>> due_;
  std::int64_t known_ = 0;  ///< whose moment is known, taken ones included
  std::int64_t taken_ = 0;
  std::int64_t under_way_ = 0;
};

// The margin leaves room for the spread of random gaps.
void check_clock(const OpenArrivals& arrivals, const Extent& extent, std::string_view what) {
  const double rate = long_run_rate(arrivals).value;
  if (rate == 0 || extent.count == Extent{}.count || extent.until != Time::never()) return;
  const double days = static_cast<double>(extent.count) / rate / 86400;
  if (days < 106) return;
  const std::string name(what);
  throw InputError("the workload's " + std::to_string(extent.count) + " " + name + " last " + std::to_string(days) +
                   " days at its rate, but the simulated clock ends after 106 days; ask for fewer `" + name +
                   "` or a higher `rate`");
}

}  // namespace

std::unique_ptr<Beginnings> beginnings(const Arrivals& arrivals, const Extent& extent, const DrawKey& key,
                                       std::string_view what) {
  if (const auto* loop = std::get_if<ClosedLoop>(&arrivals)) return std::make_unique<ClosedBeginnings>(*loop, extent);
  const auto& open = std::get<OpenArrivals>(arrivals);
  check_clock(open, extent, what);
  return std::make_unique<OpenBeginnings>(open, extent, key);
}

BeginningKeys read_beginnings(Reader& reader, std::string_view what) {
  BeginningKeys keys;
  if (const auto count = reader.optional_integer(what, {.low = 1, .high = 1'000'000'000'000},
                                                 "how many there are in all; may be left out where `duration` is given "
                                                 "or arrivals end by themselves")) {
    keys.extent.count = *count;
  }
  const auto duration = reader.optional_quantity<Seconds>("duration", "none begins later than this");
  if (duration && duration->value > 0 && duration->value <= 9.2e6) {
    keys.extent.until = Time{} + Duration::from(*duration);
  } else if (duration) {
    reader.fault("duration", "must be above 0 and at most 106 days, the range of the simulated clock");
  }
  reader.object("arrivals", true, "when " + std::string(what) + " begin",
                [&keys](Reader& arrivals) { keys.arrivals = read_arrivals(arrivals); });
  if (!reader.has(what) && !reader.has("duration") && !ends(keys.arrivals)) {
    reader.fault(what, "missing: how many there are in all, or `duration`, after which none begins");
  }
  return keys;
}

}  // namespace memwall
