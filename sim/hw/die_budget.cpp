#include "sim/hw/die_budget.hpp"

namespace memwall {

ProcessNode read_process_node(Reader& reader) {
  ProcessNode node;
  node.sram = reader.sourced<AreaPerByte>("sram", "arrays with their periphery");
  node.matrix = reader.sourced<AreaPerRate>("matrix", "16-bit matrix arithmetic, dense");
  node.hbm_phy = reader.sourced<SquareMetres>("hbm_phy", "interface of one memory stack");
  node.serdes = reader.sourced<SquareMetres>("serdes", "links for 100 GB/s in one direction");
  node.overhead = reader.sourced_number("overhead", "area of a die over the sum of its functions");
  node.cooling = reader.sourced<PowerPerArea>("cooling", "power that can be taken off");
  if (node.overhead.value < 1) reader.fault("overhead", "must be at least 1");
  return node;
}

DieBudget budget(const ProcessNode& node, const DieContents& die) {
  DieBudget out;
  constexpr BytesPerSecond per_serdes{100e9};
  out.sram = node.sram.value * die.sram;
  out.matrix = node.matrix.value * die.matrix;
  out.memory = node.hbm_phy.value * static_cast<double>(die.stacks);
  out.links = node.serdes.value * (die.links / per_serdes);
  out.overhead = (out.sram + out.matrix + out.memory + out.links) * (node.overhead.value - 1);
  out.cooled = node.cooling.value * out.area();
  return out;
}

}  // namespace memwall
