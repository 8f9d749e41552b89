#include "workloads/generators/arrivals.hpp"

#include <cmath>

#include "sim/base/math.hpp"

namespace memwall {
namespace {

/// Draws of successive arrivals.
class Keyed : public ArrivalProcess {
 protected:
  explicit Keyed(const DrawKey& key) : key_(key) {}
  /// The key of the next arrival's draws.
  DrawKey next_key() {
    DrawKey key = key_;
    key.request = number_++;
    key.purpose = Purpose::arrival_gap;
    return key;
  }
  DrawKey key_;
  std::uint64_t number_ = 0;
};

/// Gaps with mean 1.
double gamma_gap(const DrawKey& key, double cv) { return cv == 1 ? random_exponential(key) : random_gamma(key, cv); }

class Gamma final : public Keyed {
 public:
  Gamma(const GammaArrivals& process, const DrawKey& key) : Keyed(key), process_(process) {}
  Time next() override {
    last_ = later(last_, Seconds{gamma_gap(next_key(), process_.cv) / process_.rate.value});
    return last_;
  }

 private:
  GammaArrivals process_;
  Time last_;
};

class Weibull final : public Keyed {
 public:
  // An exponential to the power 1 / shape is Weibull with the mean gamma(1 + 1 / shape).
  Weibull(const WeibullArrivals& process, const DrawKey& key)
      : Keyed(key),
        power_(1 / process.shape),
        scale_s_(1 / (process.rate.value * math::exp(math::lgamma(1 + power_)))) {}
  Time next() override {
    last_ = later(last_, Seconds{scale_s_ * math::pow(random_exponential(next_key()), power_)});
    return last_;
  }

 private:
  double power_;
  double scale_s_;
  Time last_;
};

class Constant final : public ArrivalProcess {
 public:
  explicit Constant(const ConstantArrivals& process) : rate_(process.rate) {}
  Time next() override {
    // From the number and not by adding gaps, so that rounding does not pile up.
    return later(Time{}, Seconds{static_cast<double>(++number_) / rate_.value});
  }

 private:
  PerSecond rate_;
  std::int64_t number_ = 0;
};

class Mmpp2 final : public Keyed {
 public:
  Mmpp2(const Mmpp2Arrivals& process, const DrawKey& key) : Keyed(key), process_(process) {
    DrawKey begin = key;
    begin.purpose = Purpose::arrival_state;
    const double first = process.sojourns[0].value;
    state_ = random_uniform(begin) * (first + process.sojourns[1].value) < first ? 0 : 1;
  }

  // What is left of a sojourn is distributed like all of it, so every step draws both afresh: the next arrival and the
  // change of state, whichever comes first.
  Time next() override {
    const DrawKey key = next_key();
    for (std::uint64_t step = 0;; ++step) {
      const double rate = process_.rates[state_].value;
      const double sojourn = random_exponential(key, 2 * step) * process_.sojourns[state_].value;
      const double gap = rate > 0 ? random_exponential(key, 2 * step + 1) / rate : sojourn;
      last_ = later(last_, Seconds{std::min(gap, sojourn)});
      if (gap < sojourn || last_ == Time::never()) return last_;
      state_ = 1 - state_;
    }
  }

 private:
  Mmpp2Arrivals process_;
  std::size_t state_ = 0;
  Time last_;
};

// A Poisson process whose rate is gamma, drawn afresh for each window: its counts are negative binomial.
class Counts final : public Keyed {
 public:
  Counts(const CountArrivals& process, const DrawKey& key) : Keyed(key), process_(process) {
    const double mean = process.rate.value * process.window.value;
    cv_ = std::sqrt((process.dispersion - 1) / mean);
    begin_window();
  }

  Time next() override {
    double area = random_exponential(next_key());
    while (area >= rate_ * (process_.window.value - offset_s_)) {
      area -= rate_ * (process_.window.value - offset_s_);
      start_ = later(start_, process_.window);
      if (start_ == Time::never()) return start_;
      ++windows_;
      begin_window();
    }
    offset_s_ = std::min(process_.window.value, offset_s_ + area / rate_);
    return later(start_, Seconds{offset_s_});
  }

 private:
  void begin_window() {
    DrawKey key = key_;
    key.request = windows_;
    key.purpose = Purpose::window_rate;
    rate_ = process_.rate.value * random_gamma(key, cv_);
    offset_s_ = 0;
  }

  CountArrivals process_;
  double cv_ = 0;
  double rate_ = 0;
  double offset_s_ = 0;
  std::uint64_t windows_ = 0;
  Time start_;
};

class Curve final : public Keyed {
 public:
  Curve(const CurveArrivals& process, const DrawKey& key) : Keyed(key), clock_(process.curve), cv_(process.cv) {}
  Time next() override { return clock_.advance(gamma_gap(next_key(), cv_)); }

 private:
  RateClock clock_;
  double cv_;
};

struct Made {
  const DrawKey& key;
  std::unique_ptr<ArrivalProcess> operator()(const GammaArrivals& p) const { return std::make_unique<Gamma>(p, key); }
  std::unique_ptr<ArrivalProcess> operator()(const ConstantArrivals& p) const { return std::make_unique<Constant>(p); }
  std::unique_ptr<ArrivalProcess> operator()(const WeibullArrivals& p) const {
    return std::make_unique<Weibull>(p, key);
  }
  std::unique_ptr<ArrivalProcess> operator()(const Mmpp2Arrivals& p) const { return std::make_unique<Mmpp2>(p, key); }
  std::unique_ptr<ArrivalProcess> operator()(const CountArrivals& p) const { return std::make_unique<Counts>(p, key); }
  std::unique_ptr<ArrivalProcess> operator()(const CurveArrivals& p) const { return std::make_unique<Curve>(p, key); }
};

template <class Process>
PerSecond rate_of(const Process& process) {
  return process.rate;
}

PerSecond rate_of(const Mmpp2Arrivals& p) {
  return (p.rates[0] * p.sojourns[0].value + p.rates[1] * p.sojourns[1].value) /
         (p.sojourns[0].value + p.sojourns[1].value);
}

PerSecond rate_of(const CurveArrivals& process) {
  const RateCurve& curve = process.curve;
  if (curve.after == AfterCurve::ends) return {};
  if (curve.after == AfterCurve::holds) return curve.pieces.back().to;
  double seconds = 0;
  for (const RatePiece& piece : curve.pieces) seconds += piece.duration.value;
  return PerSecond{expected_arrivals(curve) / seconds};
}

}  // namespace

std::unique_ptr<ArrivalProcess> arrival_process(const OpenArrivals& arrivals, const DrawKey& key) {
  return std::visit(Made{key}, arrivals);
}

PerSecond long_run_rate(const OpenArrivals& arrivals) {
  return std::visit([](const auto& process) { return rate_of(process); }, arrivals);
}

bool ends(const Arrivals& arrivals) {
  const auto* open = std::get_if<OpenArrivals>(&arrivals);
  return open != nullptr && long_run_rate(*open).value == 0;
}

}  // namespace memwall
