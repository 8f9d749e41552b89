#include "workloads/generators/delays.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "sim/base/math.hpp"

namespace memwall {
namespace {

constexpr double clock_s = 9.2e6;  ///< the simulated clock ends after 106 days

double draw(const FixedDelay& delay, const DrawKey&) { return delay.time.value; }
double draw(const ExponentialDelay& delay, const DrawKey& key) { return delay.mean.value * random_exponential(key); }
double draw(const LognormalDelay& delay, const DrawKey& key) {
  const double variance = math::log(1 + delay.cv * delay.cv);
  return delay.mean.value * math::exp(std::sqrt(variance) * random_normal(key) - variance / 2);
}
double draw(const EmpiricalDelay& delay, const DrawKey& key) {
  return random_empirical(key, delay.probabilities, delay.seconds);
}

Seconds read_time(Reader& reader, std::string_view key, std::optional<std::string_view> fallback,
                  std::string_view doc) {
  const auto time = reader.quantity<Seconds>(key, fallback, doc);
  if (time.value >= 0 && time.value <= clock_s) return time;
  reader.fault(key, "must be from 0 s to 106 days, the range of the simulated clock");
  return Seconds{};
}

void read_empirical(Reader& reader, Delay& out) {
  EmpiricalDelay delay;
  delay.probabilities = reader.numbers("probabilities", true, "rising from 0 to 1");
  for (const Seconds time : reader.quantities<Seconds>("times", true, "at each of the probabilities, not falling")) {
    delay.seconds.push_back(time.value);
  }
  const auto& p = delay.probabilities;
  const auto& t = delay.seconds;
  if (p.size() < 2 || p.size() != t.size()) {
    reader.fault("times", "needs as many entries as `probabilities`, at least 2");
  } else if (p.front() != 0 || p.back() != 1 ||
             std::adjacent_find(p.begin(), p.end(), std::greater_equal<>()) != p.end()) {
    reader.fault("probabilities", "must rise strictly from 0 to 1");
  } else if (t.front() < 0 || t.back() > clock_s || !std::is_sorted(t.begin(), t.end())) {
    reader.fault("times", "must be 0 s or more, must not fall and must end within 106 days");
  }
  out.distribution = std::move(delay);
}

void read_distribution(Reader& keys, Delay& out) {
  keys.variant(
      "distribution",
      {{"fixed", "always the same",
        [&out](Reader& own) { out.distribution = FixedDelay{read_time(own, "time", "0 s", "each time")}; }},
       {"exponential", "no memory",
        [&out](Reader& own) { out.distribution = ExponentialDelay{read_time(own, "mean", {}, "mean")}; }},
       {"lognormal", "a long tail",
        [&out](Reader& own) {
          const Seconds mean = read_time(own, "mean", {}, "mean, before `most`");
          out.distribution = LognormalDelay{mean, own.number("cv", {.fallback = std::nullopt, .low = 1e-3, .high = 100},
                                                             "standard deviation over mean, before `most`")};
        }},
       {"empirical", "a grid of quantiles, linear between them", [&out](Reader& own) { read_empirical(own, out); }}},
      0, "how the time is drawn");
  out.most = Duration::from(read_time(keys, "most", "24 h", "longer times are cut to this"));
}

}  // namespace

Duration draw_delay(const Delay& delay, const DrawKey& key) {
  const double seconds = std::visit([&key](const auto& kind) { return draw(kind, key); }, delay.distribution);
  return Duration::from(Seconds{std::min(seconds, delay.most.seconds())});
}

Delay read_delay(Reader& reader, std::string_view key, std::string_view doc) {
  Delay delay;
  reader.object(key, false, doc, [&delay](Reader& keys) { read_distribution(keys, delay); });
  return delay;
}

}  // namespace memwall
