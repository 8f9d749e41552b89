#include "hw_models/in_memory/in_memory.hpp"

#include <utility>
#include <vector>

#include "hw_models/in_memory/arrays.hpp"
#include "hw_models/in_memory/banks.hpp"

namespace memwall {

std::unique_ptr<DeviceModel> make_in_memory(Reader& reader, DeviceInfo info) {
  std::unique_ptr<DeviceModel> device;
  const std::vector<Variant> styles = {{"arrays", "weights in the arrays are multiplied in place, for a whole batch",
                                        [&](Reader& r) { device = ArrayMachine::make(r, info); }},
                                       {"banks", "multipliers in the banks, one vector at a time",
                                        [&](Reader& r) { device = BankMachine::make(r, info); }}};
  reader.variant("style", styles, std::nullopt, "where the memory computes");
  return device;
}

}  // namespace memwall
