// Physical quantities whose dimension is part of the type: bytes / (bytes per second) is Seconds, the inverse does not
// compile. Values are kept in SI base units (seconds, bytes, floating-point operations, joules, US dollars, metres).
#pragma once

#include <compare>

namespace memwall {

/// Exponents of the six base dimensions.
struct Dimension {
  int time = 0;
  int data = 0;
  int work = 0;  ///< floating-point operations
  int energy = 0;
  int money = 0;
  int length = 0;

  friend constexpr bool operator==(const Dimension&, const Dimension&) = default;
  friend constexpr Dimension operator+(Dimension a, Dimension b) {
    return {a.time + b.time,     a.data + b.data,   a.work + b.work,
            a.energy + b.energy, a.money + b.money, a.length + b.length};
  }
  friend constexpr Dimension operator-(Dimension a, Dimension b) {
    return {a.time - b.time,     a.data - b.data,   a.work - b.work,
            a.energy - b.energy, a.money - b.money, a.length - b.length};
  }
};

template <Dimension D>
struct Quantity {
  static constexpr Dimension dimension = D;
  double value = 0;  ///< in SI base units

  friend constexpr auto operator<=>(const Quantity&, const Quantity&) = default;
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
  friend constexpr Quantity operator*(Quantity a, double factor) { return {a.value * factor}; }
  friend constexpr Quantity operator*(double factor, Quantity a) { return {a.value * factor}; }
  friend constexpr Quantity operator/(Quantity a, double divisor) { return {a.value / divisor}; }
};

template <Dimension A, Dimension B>
constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return Quantity<A + B>{a.value * b.value};
}

/// Equal dimensions give a plain number, others the quotient's quantity.
template <Dimension A, Dimension B>
constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  if constexpr (A == B) {
    return a.value / b.value;
  } else {
    return Quantity<A - B>{a.value / b.value};
  }
}

using Seconds = Quantity<Dimension{.time = 1}>;
using Bytes = Quantity<Dimension{.data = 1}>;
using Flops = Quantity<Dimension{.work = 1}>;
using Joules = Quantity<Dimension{.energy = 1}>;
using Dollars = Quantity<Dimension{.money = 1}>;
using Metres = Quantity<Dimension{.length = 1}>;
using SquareMetres = Quantity<Dimension{.length = 2}>;
using PerSecond = Quantity<Dimension{.time = -1}>;
using BytesPerSecond = Quantity<Dimension{.time = -1, .data = 1}>;
using FlopsPerSecond = Quantity<Dimension{.time = -1, .work = 1}>;
using Watts = Quantity<Dimension{.time = -1, .energy = 1}>;
using DollarsPerSecond = Quantity<Dimension{.time = -1, .money = 1}>;

}  // namespace memwall
