#include "hw_models/mechanisms.hpp"

#include <array>

#include "hw_models/fixed_transformer/fixed_transformer.hpp"
#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "hw_models/in_memory/in_memory.hpp"
#include "hw_models/scratchpad/scratchpad.hpp"
#include "hw_models/sram_lpu/sram_lpu.hpp"
#include "hw_models/wafer/wafer.hpp"

namespace memwall {

std::span<const Mechanism> mechanisms() {
  static constexpr std::array table = {
      Mechanism{"hbm_gpu", "a GPU with stacked memory that runs one kernel after another", &HbmGpu::make},
      Mechanism{"scratchpad", "weights placed in on-chip memory, the rest fetched ahead", &Scratchpad::make},
      Mechanism{"in_memory", "arithmetic in the memory's arrays or banks", &make_in_memory},
      Mechanism{"fixed_transformer", "a data path for transformers and nothing else", &FixedTransformer::make},
      Mechanism{"sram_lpu", "chips without memory but their SRAM, in a pipeline that a compiler has scheduled",
                &SramLpu::make},
      Mechanism{"wafer", "a mesh of cores as large as a wafer, on which layers have regions", &Wafer::make},
  };
  return table;
}

}  // namespace memwall
