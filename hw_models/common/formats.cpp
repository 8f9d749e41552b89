#include "hw_models/common/formats.hpp"

#include "sim/base/error.hpp"

namespace memwall {

Precision slowest_native_format(const DeviceInfo& info) {
  Precision slowest = Precision::bf16;
  double lowest = 0;
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (!info.peak[i]) continue;
    const double peak = info.peak[i]->value.value;
    if (lowest > 0 && peak >= lowest) continue;
    lowest = peak;
    slowest = static_cast<Precision>(i);
  }
  law(lowest > 0, "a chip multiplies some format");
  return slowest;
}

}  // namespace memwall
