#include "workloads/synthetic.hpp"

#include <algorithm>
#include <queue>

namespace memwall {
namespace {

std::uint64_t word(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// Lengths and numbering of generated requests, common to every arrival process.
class Generator : public RequestSource {
 public:
  Generator(SyntheticOptions options, const SourceContext& context) : options_(std::move(options)), context_(context) {
    (void)make(0, Time{});  // impossible lengths show before the run begins
    capped_ = 0;
  }

  bool exhausted() const override { return issued_ == options_.requests; }
  bool shares_tokens() const override { return false; }

  SourceNotes notes() const override {
    SourceNotes notes;
    notes.rows_read = notes.rows_kept = options_.requests;
    if (capped_ > 0) notes.warnings["capped_by_max_tokens"] = capped_;
    return notes;
  }

 protected:
  DrawKey key(std::int64_t request, Purpose purpose) const {
    return {.seed = context_.seed, .stream = word(context_.workload), .request = word(request), .purpose = purpose};
  }

  Request make(std::int64_t number, Time arrival) {
    Request request;
    request.arrival = arrival;
    request.workload = context_.workload;
    request.input_tokens = draw_length(options_.input, key(number, Purpose::input_length));
    if (options_.stop.apply(draw_length(options_.output, key(number, Purpose::output_length)), request)) ++capped_;
    return request;
  }

  SyntheticOptions options_;
  SourceContext context_;
  std::int64_t issued_ = 0;

 private:
  std::int64_t capped_ = 0;
};

class OpenLoop final : public Generator {
 public:
  OpenLoop(SyntheticOptions options, const SourceContext& context) : Generator(std::move(options), context) {
    advance();
  }

  Time next_arrival() const override { return next_; }

  Request pop() override {
    law(!exhausted(), "a request is taken only where one is known");
    Request request = make(issued_++, next_);
    advance();
    return request;
  }

  void ended(const Request&, Time) override {}

 private:
  void advance() {
    if (exhausted()) {
      next_ = Time::never();
    } else if (const auto* constant = std::get_if<ConstantArrivals>(&options_.arrivals)) {
      // From the number and not by adding gaps, so that rounding does not pile up.
      next_ = Time{} + Duration::from(Seconds{static_cast<double>(issued_ + 1) / constant->rate.value});
    } else {
      next_ = next_ + gap(std::get<GammaArrivals>(options_.arrivals));
    }
  }

  Duration gap(const GammaArrivals& process) const {
    const DrawKey draw = key(issued_, Purpose::arrival_gap);
    const double unit = process.cv == 1 ? random_exponential(draw) : random_gamma(draw, process.cv);
    return Duration::from(Seconds{unit / process.rate.value});
  }

  Time next_;
};

class ClosedLoopSource final : public Generator {
 public:
  ClosedLoopSource(SyntheticOptions options, const SourceContext& context)
      : Generator(std::move(options), context), loop_(std::get<ClosedLoop>(options_.arrivals)) {
    while (scheduled_ < std::min(loop_.concurrency, options_.requests)) schedule(Time{});
  }

  bool closed_loop() const override { return true; }

  Time next_arrival() const override { return due_.empty() ? Time::never() : due_.top(); }

  Request pop() override {
    law(!due_.empty(), "a request is taken only where one is known");
    const Time arrival = due_.top();
    due_.pop();
    return make(issued_++, arrival);
  }

  void ended(const Request&, Time now) override {
    if (scheduled_ < options_.requests) schedule(now + loop_.delay);
  }

 private:
  void schedule(Time arrival) {
    due_.push(arrival);
    ++scheduled_;
  }

  ClosedLoop loop_;
  std::priority_queue<Time, std::vector<Time>, std::greater<>> due_;
  std::int64_t scheduled_ = 0;  ///< requests whose arrival is known, taken ones included
};

/// Requests over rate must fit the clock; the margin leaves room for the spread of random gaps.
void check_clock(const SyntheticOptions& options) {
  double rate = 0;
  if (const auto* gamma = std::get_if<GammaArrivals>(&options.arrivals)) rate = gamma->rate.value;
  if (const auto* constant = std::get_if<ConstantArrivals>(&options.arrivals)) rate = constant->rate.value;
  if (rate == 0) return;
  const double days = static_cast<double>(options.requests) / rate / 86400;
  if (days < 106) return;
  throw InputError("the synthetic workload's " + std::to_string(options.requests) + " requests last " +
                   std::to_string(days) +
                   " days at its rate, but the simulated clock ends after 106 days; ask for fewer "
                   "`requests` or a higher `rate`");
}

PerSecond read_rate(Reader& reader) {
  const auto rate = reader.quantity<PerSecond>("rate", std::nullopt, "mean arrivals in a time");
  if (!(rate.value > 0)) reader.fault("rate", "must be above 0, such as \"2 /s\"");
  return rate;
}

Arrivals read_arrivals(Reader& reader) {
  Arrivals out;
  reader.variant("process",
                 {{"poisson", "independent arrivals: exponential gaps",
                   [&out](Reader& keys) {
                     out = GammaArrivals{read_rate(keys), 1};
                   }},
                  {"gamma", "gamma gaps, for traffic that is burstier or smoother than Poisson",
                   [&out](Reader& keys) {
                     const PerSecond rate = read_rate(keys);
                     out = GammaArrivals{
                         rate, keys.number("cv", {.fallback = std::nullopt, .low = 0.01, .high = 100},
                                           "standard deviation over mean of the gaps; vLLM's burstiness is 1 / cv^2")};
                   }},
                  {"constant", "equal gaps", [&out](Reader& keys) { out = ConstantArrivals{read_rate(keys)}; }},
                  {"closed_loop", "clients that wait for their answer before they ask again",
                   [&out](Reader& keys) {
                     ClosedLoop loop;
                     loop.concurrency =
                         keys.integer("concurrency", {.fallback = std::nullopt, .low = 1, .high = 100'000'000},
                                      "clients, each with one request at a time");
                     const auto delay = keys.quantity<Seconds>(
                         "delay", "0 s", "from the end of an answer to the client's next request");
                     if (delay.value > 9.2e6) {
                       keys.fault("delay", "is longer than 106 days, the range of the simulated clock");
                     } else {
                       loop.delay = Duration::from(delay);
                     }
                     out = loop;
                   }}},
                 std::nullopt, "when requests arrive");
  return out;
}

}  // namespace

std::unique_ptr<RequestSource> synthetic_requests(SyntheticOptions options, const SourceContext& context) {
  check_clock(options);
  if (std::holds_alternative<ClosedLoop>(options.arrivals)) {
    return std::make_unique<ClosedLoopSource>(std::move(options), context);
  }
  return std::make_unique<OpenLoop>(std::move(options), context);
}

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_synthetic_source(Reader& reader) {
  SyntheticOptions options;
  options.requests = reader.integer("requests", {.fallback = std::nullopt, .low = 1, .high = 1'000'000'000'000},
                                    "how many requests arrive in all");
  reader.object("arrivals", true, "when requests arrive",
                [&options](Reader& keys) { options.arrivals = read_arrivals(keys); });
  reader.object("lengths", true, "how long prompts and answers are", [&options](Reader& keys) {
    options.input = read_length(keys, "input", "tokens of the prompt");
    options.output = read_length(keys, "output", "tokens of the answer");
  });
  options.stop = read_stop_rule(reader);
  return [options](const SourceContext& context) { return synthetic_requests(options, context); };
}

}  // namespace memwall
