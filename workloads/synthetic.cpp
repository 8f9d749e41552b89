#include "workloads/synthetic.hpp"

#include <algorithm>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

/// Numbering of generated requests, common to every arrival process.
class Generator : public RequestSource {
 public:
  Generator(SyntheticOptions options, const DrawKey& key)
      : extent_(options.extent), maker_(std::move(options.shape), key) {}

  bool shares_tokens() const override { return maker_.shares_tokens(); }

  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = issued_;
    if (maker_.capped() > 0) notes.warnings["capped_by_max_tokens"] = maker_.capped();
    return notes;
  }

 protected:
  Extent extent_;
  RequestMaker maker_;
  std::int64_t issued_ = 0;
};

class OpenLoop final : public Generator {
 public:
  OpenLoop(SyntheticOptions options, const DrawKey& key)
      : Generator(options, key), arrivals_(arrival_process(std::get<OpenArrivals>(options.arrivals), key)) {
    advance();
  }

  bool exhausted() const override { return next_ == Time::never(); }
  Time next_arrival() const override { return next_; }

  Request pop() override {
    law(!exhausted(), "a request is taken only where one is known");
    Request request = maker_.make(issued_++, next_);
    advance();
    return request;
  }

  void ended(const Request&, Time) override {}

 private:
  void advance() {
    next_ = issued_ < extent_.requests ? arrivals_->next() : Time::never();
    if (next_ > extent_.until) next_ = Time::never();
  }

  std::unique_ptr<ArrivalProcess> arrivals_;
  Time next_;
};

class ClosedLoopSource final : public Generator {
 public:
  ClosedLoopSource(const SyntheticOptions& options, const DrawKey& key)
      : Generator(options, key), loop_(std::get<ClosedLoop>(options.arrivals)) {
    while (scheduled_ < std::min(loop_.concurrency, extent_.requests)) schedule(Time{});
  }

  bool closed_loop() const override { return true; }
  bool exhausted() const override { return due_.empty() && (scheduled_ == extent_.requests || in_flight_ == 0); }
  Time next_arrival() const override { return due_.empty() ? Time::never() : due_.top(); }

  Request pop() override {
    law(!due_.empty(), "a request is taken only where one is known");
    const Time arrival = due_.top();
    due_.pop();
    ++in_flight_;
    return maker_.make(issued_++, arrival);
  }

  void ended(const Request&, Time now) override {
    --in_flight_;
    if (scheduled_ < extent_.requests) schedule(now + loop_.delay);
  }

 private:
  void schedule(Time arrival) {
    if (arrival > extent_.until) return;
    due_.push(arrival);
    ++scheduled_;
  }

  ClosedLoop loop_;
  std::priority_queue<Time, std::vector<Time>, std::greater<>> due_;
  std::int64_t scheduled_ = 0;  ///< requests whose arrival is known, taken ones included
  std::int64_t in_flight_ = 0;
};

}  // namespace

// The margin leaves room for the spread of random gaps.
void check_clock(const Extent& extent, const Arrivals& arrivals, std::string_view what) {
  const auto* open = std::get_if<OpenArrivals>(&arrivals);
  if (open == nullptr || extent.requests == Extent{}.requests || extent.until != Time::never()) return;
  const double rate = long_run_rate(*open).value;
  if (rate == 0) return;
  const double days = static_cast<double>(extent.requests) / rate / 86400;
  if (days < 106) return;
  throw InputError("the synthetic workload's " + std::to_string(extent.requests) + " " + std::string(what) + " last " +
                   std::to_string(days) +
                   " days at its rate, but the simulated clock ends after 106 days; ask for fewer `" +
                   std::string(what) + "` or a higher `rate`");
}

std::unique_ptr<RequestSource> keyed_requests(SyntheticOptions options, const DrawKey& key) {
  check_clock(options.extent, options.arrivals, "requests");
  if (std::holds_alternative<ClosedLoop>(options.arrivals)) return std::make_unique<ClosedLoopSource>(options, key);
  return std::make_unique<OpenLoop>(std::move(options), key);
}

std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context) {
  return keyed_requests(
      std::move(options),
      DrawKey{.seed = context.seed, .stream = static_cast<std::uint64_t>(context.workload), .request = 0});
}

Extent read_extent(Reader& reader, std::string_view count_key, std::string_view doc) {
  Extent extent;
  if (const auto count = reader.optional_integer(count_key, {.low = 1, .high = 1'000'000'000'000}, doc)) {
    extent.requests = *count;
  }
  if (const auto duration = reader.optional_quantity<Seconds>("duration", "nothing new begins later than this")) {
    if (duration->value > 0 && duration->value <= 9.2e6) {
      extent.until = Time{} + Duration::from(*duration);
    } else {
      reader.fault("duration", "must be above 0 and at most 106 days, the range of the simulated clock");
    }
  }
  return extent;
}

void check_extent(Reader& reader, std::string_view count_key, const Extent& extent, const Arrivals& arrivals) {
  const Extent endless;
  if (extent.requests != endless.requests || extent.until != endless.until || ends(arrivals)) return;
  if (reader.has("duration")) return;  // told already
  reader.fault(count_key, "missing: how many arrive in all, or `duration`, after which none does");
}

SyntheticOptions read_synthetic(Reader& reader) {
  SyntheticOptions options;
  options.extent = read_extent(reader, "requests", "how many requests arrive in all");
  reader.object("arrivals", true, "when requests arrive",
                [&options](Reader& keys) { options.arrivals = read_arrivals(keys); });
  reader.object("lengths", true, "how long prompts and answers are",
                [&options](Reader& keys) { options.shape.lengths = read_lengths(keys); });
  options.shape.prefix = read_prefix_groups(reader, "prompts that begin alike; absent: all tokens differ");
  options.shape.stop = read_stop_rule(reader);
  check_extent(reader, "requests", options.extent, options.arrivals);
  return options;
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader) {
  const SyntheticOptions options = read_synthetic(reader);
  return [options](const SourceContext& context) { return synthetic_requests(options, context); };
}

}  // namespace memwall
