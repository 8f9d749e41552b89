// How long people think and tools work.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/random.hpp"
#include "sim/base/reader.hpp"
#include "sim/base/time.hpp"

namespace memwall {

struct FixedDelay {
  Seconds time;
};

struct ExponentialDelay {
  Seconds mean;
};

/// A lognormal with this mean and coefficient of variation.
struct LognormalDelay {
  Seconds mean;
  double cv = 1;
};

/// A quantile grid, linear between its points; probabilities rise from 0 to 1, times do not fall.
struct EmpiricalDelay {
  std::vector<double> probabilities;
  std::vector<double> seconds;
};

struct Delay {
  std::variant<FixedDelay, ExponentialDelay, LognormalDelay, EmpiricalDelay> distribution;
  Duration most;  ///< longer ones are cut to this, as replays cap the time that nobody was there
};

[[nodiscard]] Duration draw_delay(const Delay& delay, const DrawKey& key);

/// Reads the object at `key`; absent: no delay.
[[nodiscard]] Delay read_delay(Reader& reader, std::string_view key, std::string_view doc);

}  // namespace memwall
