// The keys of arrival processes.
#include <algorithm>
#include <array>
#include <string>

#include "workloads/generators/arrivals.hpp"

namespace memwall {
namespace {

constexpr double clock_s = 9.2e6;  ///< the simulated clock ends after 106 days

/// More changes of state or empty windows for each arrival than this would make no visible difference, and no progress.
constexpr double most_steps_an_arrival = 10'000;

PerSecond read_rate(Reader& reader, std::string_view key, std::string_view doc) {
  const auto rate = reader.quantity<PerSecond>(key, std::nullopt, doc);
  if (!(rate.value > 0)) reader.fault(key, "must be above 0, such as \"2 /s\"");
  return rate;
}

PerSecond read_mean_rate(Reader& reader) { return read_rate(reader, "rate", "mean arrivals in a time"); }

/// A rate that may be 0.
PerSecond read_some_rate(Reader& reader, std::string_view key, std::string_view doc) {
  const auto rate = reader.quantity<PerSecond>(key, std::nullopt, doc);
  if (rate.value < 0) reader.fault(key, "must not be negative");
  return rate;
}

Seconds read_span(Reader& reader, std::string_view key, std::optional<std::string_view> fallback,
                  std::string_view doc) {
  const auto span = reader.quantity<Seconds>(key, fallback, doc);
  if (!(span.value >= 1e-6 && span.value <= clock_s)) {
    reader.fault(key, "must be from 1 us to 106 days, the range of the simulated clock");
    return Seconds{1};
  }
  return span;
}

double read_cv(Reader& reader, std::optional<double> fallback, std::string_view doc) {
  return reader.number("cv", {.fallback = fallback, .low = 0.01, .high = 100}, doc);
}

double read_operational_cv(Reader& reader) {
  return read_cv(reader, 1, "burstiness around the rate: standard deviation over mean of the gaps while it is steady");
}

void read_weibull(Reader& reader, Arrivals& out) {
  const PerSecond rate = read_mean_rate(reader);
  const double shape = reader.number("shape", {.fallback = std::nullopt, .low = 0.1, .high = 100},
                                     "below 1 burstier than Poisson, above 1 smoother; ServeGen's alpha");
  out = OpenArrivals{WeibullArrivals{rate, shape}};
}

void read_mmpp2(Reader& reader, Arrivals& out) {
  Mmpp2Arrivals process;
  process.rates[0] = read_some_rate(reader, "rate", "arrivals in a time in the first state");
  process.rates[1] = read_some_rate(reader, "other_rate", "arrivals in a time in the second state");
  process.sojourns[0] = read_span(reader, "sojourn", std::nullopt, "mean time in the first state");
  process.sojourns[1] = read_span(reader, "other_sojourn", std::nullopt, "mean time in the second state");
  const double together = process.sojourns[0].value + process.sojourns[1].value;
  const double rate = long_run_rate(process).value;
  if (rate == 0) {
    reader.fault("other_rate", "one of the two rates must be above 0");
  } else if (2 / together > most_steps_an_arrival * rate) {
    reader.fault("sojourn", "the states change more than 10,000 times between two arrivals: this is a Poisson process");
  }
  out = OpenArrivals{process};
}

void read_counts(Reader& reader, Arrivals& out) {
  CountArrivals process;
  process.rate = read_mean_rate(reader);
  process.window = read_span(reader, "window", "1 s", "time whose arrivals are counted together");
  process.dispersion =
      reader.number("dispersion", {.fallback = std::nullopt, .low = 1, .high = 1e6},
                    "index of dispersion of the counts: variance over mean; above 1, which is Poisson");
  if (!(process.dispersion > 1)) {
    reader.fault("dispersion", "must be above 1; at 1 this is `poisson`");
    process.dispersion = 2;
  }
  const double mean = process.rate.value * process.window.value;
  if (mean * most_steps_an_arrival < 1 || (process.dispersion - 1) / mean > 1e6) {
    reader.fault("window", "holds so few arrivals that almost every window is empty; make it longer");
    process.window = Seconds{process.dispersion / std::max(1e-9, process.rate.value)};
  }
  out = OpenArrivals{process};
}

/// One period of (1 - cos) / 2, at 24 knots: the values of the cosine at multiples of 15 degrees in closed form.
RateCurve sine_day(PerSecond low, PerSecond high, Seconds period) {
  constexpr std::array<double, 13> cosine = {1.0,
                                             0.96592582628906828675,
                                             0.86602540378443864676,
                                             0.70710678118654752440,
                                             0.5,
                                             0.25881904510252076235,
                                             0.0,
                                             -0.25881904510252076235,
                                             -0.5,
                                             -0.70710678118654752440,
                                             -0.86602540378443864676,
                                             -0.96592582628906828675,
                                             -1.0};
  const auto knot = [&](std::size_t i) {
    const double share = (1 - cosine[i <= 12 ? i : 24 - i]) / 2;
    return low * (1 - share) + high * share;
  };
  RateCurve curve{{}, AfterCurve::repeats};
  for (std::size_t i = 0; i < 24; ++i) curve.pieces.push_back({period / 24, knot(i), knot(i + 1)});
  return curve;
}

RateCurve through(const std::vector<PerSecond>& rates, Seconds period) {
  RateCurve curve{{}, AfterCurve::repeats};
  const Seconds step = period / static_cast<double>(rates.size());
  for (std::size_t i = 0; i < rates.size(); ++i) {
    curve.pieces.push_back({step, rates[i], rates[(i + 1) % rates.size()]});
  }
  return curve;
}

/// A curve to stand for a faulty one.
RateCurve steady() { return {{{Seconds{1}, PerSecond{1}, PerSecond{1}}}, AfterCurve::repeats}; }

void read_sine(Reader& reader, Seconds period, RateCurve& out) {
  const PerSecond low = read_some_rate(reader, "low", "rate at the start, the quietest moment");
  const PerSecond high = read_rate(reader, "high", "rate half a period later");
  if (high < low) reader.fault("high", "must not be below `low`");
  if (high.value > 0 && low.value >= 0) out = sine_day(low, high, period);
}

void read_knots(Reader& reader, Seconds period, RateCurve& out) {
  const std::vector<PerSecond> rates = reader.quantities<PerSecond>(
      "rates", true, "rates at equal steps of the period, the first at its start; lines between them");
  const bool negative = std::any_of(rates.begin(), rates.end(), [](PerSecond rate) { return rate.value < 0; });
  if (rates.empty() || negative || *std::max_element(rates.begin(), rates.end()) == PerSecond{}) {
    reader.fault("rates", "wants one rate or more, none below 0 and not all 0, such as 24 rates of the hours of a day");
  } else {
    out = through(rates, period);
  }
}

void read_diurnal(Reader& reader, Arrivals& out) {
  CurveArrivals process{steady(), 1};
  const Seconds period = read_span(reader, "period", "24 h", "after which the rate repeats");
  reader.variant("shape",
                 {{"sine", "from its lowest to its highest rate and back",
                   [&](Reader& keys) { read_sine(keys, period, process.curve); }},
                  {"curve", "through given rates", [&](Reader& keys) { read_knots(keys, period, process.curve); }}},
                 0, "how the rate runs through a period");
  process.cv = read_operational_cv(reader);
  out = OpenArrivals{process};
}

void read_ramp(Reader& reader, Arrivals& out) {
  CurveArrivals process;
  RatePiece piece;
  piece.from = read_some_rate(reader, "from", "rate at the start");
  piece.to = read_rate(reader, "to", "rate at the end, which then holds");
  piece.duration = read_span(reader, "over", std::nullopt, "how long the rate changes");
  const std::size_t shape = reader.choice(
      "shape", {{"linear", "by equal amounts in equal times"}, {"exponential", "by equal factors in equal times"}}, 0,
      "how the rate changes");
  piece.exponential = shape == 1;
  if (piece.exponential && !(piece.from.value > 0)) {
    reader.fault("from", "must be above 0 for an exponential ramp");
    piece.exponential = false;
  }
  process.cv = read_operational_cv(reader);
  process.curve = {{piece}, AfterCurve::holds};
  out = OpenArrivals{process};
}

void read_spike(Reader& reader, Arrivals& out) {
  CurveArrivals process;
  const PerSecond rate = read_rate(reader, "rate", "outside of the spike");
  const PerSecond high = read_some_rate(reader, "spike_rate", "inside of it; below `rate` it is a lull");
  const auto at = reader.quantity<Seconds>("at", std::nullopt, "when the spike begins");
  if (!(at.value >= 0 && at.value <= clock_s)) reader.fault("at", "must be from 0 s to 106 days");
  const Seconds lasts = read_span(reader, "lasts", std::nullopt, "how long the spike is");
  const auto every = reader.optional_quantity<Seconds>("every", "after which it all repeats; absent: it never does");
  process.cv = read_operational_cv(reader);
  std::vector<RatePiece>& pieces = process.curve.pieces;
  if (at.value > 0) pieces.push_back({at, rate, rate});
  pieces.push_back({lasts, high, high});
  process.curve.after = AfterCurve::holds;
  const Seconds rest = every.value_or(at + lasts + Seconds{1}) - at - lasts;
  if (every && !(rest.value > 0 && every->value <= clock_s)) {
    reader.fault("every", "must be longer than `at` and `lasts` together, and at most 106 days");
  }
  pieces.push_back({Seconds{std::max(1e-6, rest.value)}, rate, rate});
  if (every) process.curve.after = AfterCurve::repeats;
  out = OpenArrivals{process};
}

void read_sweep(Reader& reader, Arrivals& out) {
  CurveArrivals process;
  reader.list("stages", true, "one after another; arrivals end with the last", [&process](Reader& stage) {
    const PerSecond rate = read_some_rate(stage, "rate", "mean arrivals in a time");
    process.curve.pieces.push_back({read_span(stage, "duration", std::nullopt, "how long the stage is"), rate, rate});
  });
  if (process.curve.pieces.empty() || expected_arrivals(process.curve) == 0) {
    reader.fault("stages", "wants one stage or more, not all of rate 0");
    process.curve = steady();
    process.curve.after = AfterCurve::ends;
  }
  process.cv = read_operational_cv(reader);
  out = OpenArrivals{process};
}

void read_closed_loop(Reader& reader, Arrivals& out) {
  ClosedLoop loop;
  loop.concurrency = reader.integer("concurrency", {.fallback = std::nullopt, .low = 1, .high = 100'000'000},
                                    "clients, each with one request at a time");
  const auto delay = reader.quantity<Seconds>("delay", "0 s", "from the end of an answer to the client's next request");
  if (!(delay.value >= 0 && delay.value <= clock_s)) {
    reader.fault("delay", "is longer than 106 days, the range of the simulated clock");
  } else {
    loop.delay = Duration::from(delay);
  }
  out = loop;
}

}  // namespace

Arrivals read_arrivals(Reader& reader) {
  Arrivals out = OpenArrivals{};
  const auto keys_of = [&out](void (*read)(Reader&, Arrivals&)) {
    return [&out, read](Reader& keys) { read(keys, out); };
  };
  reader.variant(
      "process",
      {{"poisson", "independent arrivals: exponential gaps",
        [&out](Reader& keys) {
          out = OpenArrivals{GammaArrivals{read_mean_rate(keys), 1}};
        }},
       {"gamma", "gamma gaps, for traffic that is burstier or smoother than Poisson",
        [&out](Reader& keys) {
          const PerSecond rate = read_mean_rate(keys);
          out = OpenArrivals{GammaArrivals{
              rate,
              read_cv(keys, std::nullopt, "standard deviation over mean of the gaps; vLLM's burstiness is 1 / cv^2")}};
        }},
       {"weibull", "Weibull gaps", keys_of(read_weibull)},
       {"constant", "equal gaps", [&out](Reader& keys) { out = OpenArrivals{ConstantArrivals{read_mean_rate(keys)}}; }},
       {"mmpp2", "Poisson arrivals whose rate jumps between two states", keys_of(read_mmpp2)},
       {"negative_binomial", "windows whose counts spread more than Poisson's", keys_of(read_counts)},
       {"diurnal", "a rate that follows a day", keys_of(read_diurnal)},
       {"ramp", "a rate that changes and then holds", keys_of(read_ramp)},
       {"spike", "a rate with a spike", keys_of(read_spike)},
       {"sweep", "stages of rate, each for a while", keys_of(read_sweep)},
       {"closed_loop", "clients that wait for their answer before they ask again", keys_of(read_closed_loop)}},
      std::nullopt, "when requests arrive");
  return out;
}

}  // namespace memwall
