// How large a die is that has so much memory, arithmetic and edge: the architect's first sum.
#pragma once

#include <cstdint>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

using AreaPerByte = Quantity<Dimension{.data = -1, .length = 2}>;
using AreaPerRate = Quantity<Dimension{.time = 1, .work = -1, .length = 2}>;
using PowerPerArea = Quantity<Dimension{.time = -1, .energy = 1, .length = -2}>;

/// What a process node makes of it. Areas of functions before what joins and controls them.
struct ProcessNode {
  Sourced<AreaPerByte> sram;      ///< of arrays with their periphery
  Sourced<AreaPerRate> matrix;    ///< of 16-bit matrix arithmetic at its usual clock, dense
  Sourced<SquareMetres> hbm_phy;  ///< of the interface of one memory stack
  Sourced<SquareMetres> serdes;   ///< of the links for 100 GB/s in one direction
  Sourced<double> overhead;       ///< area of a die over the sum of the above: wiring, control, spares
  Sourced<PowerPerArea> cooling;  ///< that can be taken off
};
[[nodiscard]] ProcessNode read_process_node(Reader& reader);

struct DieContents {
  Bytes sram;             ///< all of it, registers included
  FlopsPerSecond matrix;  ///< dense, 16 bits
  std::int64_t stacks = 0;
  BytesPerSecond links;  ///< all of them, one direction
};

struct DieBudget {
  SquareMetres sram, matrix, memory, links, overhead;
  Watts cooled;  ///< that the area can give off
  [[nodiscard]] SquareMetres area() const { return sram + matrix + memory + links + overhead; }
};
[[nodiscard]] DieBudget budget(const ProcessNode& node, const DieContents& die);

}  // namespace memwall
