#include "tools/accuracy/steady_loop.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#include "sim/base/random.hpp"

namespace memwall::accuracy {
namespace {

class SteadyLoop final : public RequestSource {
 public:
  explicit SteadyLoop(const SteadyLoopOptions& options) : options_(options), waiting_(options.clients) {}

  Time next_arrival() const override {
    if (exhausted()) return Time::never();
    if (waiting_ > 0) return Time{};
    return due_.empty() ? Time::never() : due_.front();
  }

  Request pop() override {
    Request request = make(issued_);
    request.arrival = next_arrival();
    law(request.arrival != Time::never(), "a request is taken only where one is known");
    if (waiting_ > 0) {
      --waiting_;
    } else {
      due_.pop();
    }
    ++issued_;
    return request;
  }

  void ended(const Request&, Time now) override { due_.push(now); }
  bool exhausted() const override { return issued_ == options_.requests; }
  bool shares_tokens() const override { return false; }
  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = options_.requests;
    return notes;
  }

 private:
  DrawKey key(std::int64_t request, std::uint64_t attempt, Purpose purpose) const {
    return {
        .seed = options_.seed, .stream = attempt, .request = static_cast<std::uint64_t>(request), .purpose = purpose};
  }

  /// An answer's length over the mean.
  double length(std::int64_t request, std::uint64_t attempt) const {
    const Spread& spread = options_.spread;
    if (spread.values.empty()) return 1;
    const DrawKey draw = key(request, attempt, Purpose::output_length);
    return random_empirical(draw, spread.probabilities, spread.values) / spread.mean();
  }

  /// The same of an answer that is met on the way: kept with a chance in proportion to its length.
  double length_in_service(std::int64_t request) const {
    const double longest = options_.spread.longest();
    for (std::uint64_t attempt = 0;; ++attempt) {
      const double drawn = length(request, attempt);
      if (random_uniform(key(request, attempt, Purpose::routing)) * longest <= drawn) return drawn;
    }
  }

  Request make(std::int64_t number) const {
    const auto mean = static_cast<double>(options_.output_tokens);
    double age = 0;
    double rest = mean * length(number, 0);
    if (number < options_.in_service) {
      const double met = mean * length_in_service(number);
      age = met * random_uniform(key(number, 0, Purpose::input_length));
      rest = met - age;
    }
    Request request;
    request.input_tokens = std::min<std::int64_t>(options_.input_tokens + std::llround(age), options_.longest - 1);
    request.output_tokens = std::clamp<std::int64_t>(std::llround(rest), 1, options_.longest - request.input_tokens);
    request.stops_by_eos = options_.stops_by_eos;
    request.max_tokens = options_.stops_by_eos ? options_.longest - request.input_tokens : request.output_tokens;
    return request;
  }

  SteadyLoopOptions options_;
  std::int64_t waiting_;  ///< clients whose first request is not taken yet
  std::int64_t issued_ = 0;
  std::queue<Time> due_;  ///< ends come in order of time
};

}  // namespace

std::unique_ptr<RequestSource> steady_loop(const SteadyLoopOptions& options) {
  return std::make_unique<SteadyLoop>(options);
}

}  // namespace memwall::accuracy
