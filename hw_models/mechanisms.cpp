#include "hw_models/mechanisms.hpp"

#include <array>

#include "hw_models/hbm_gpu/hbm_gpu.hpp"

namespace memwall {

std::span<const Mechanism> mechanisms() {
  static constexpr std::array table = {
      Mechanism{"hbm_gpu", "a GPU with stacked memory that runs one kernel after another", &HbmGpu::make},
  };
  return table;
}

}  // namespace memwall
