// A topology as text and as a picture.
#pragma once

#include <string>

#include "sim/hw/topology.hpp"

namespace memwall::tools {

/// Nodes, links by kind, and what the graph lets through: bisection, all-to-all, farthest chips.
[[nodiscard]] std::string topology_text(const Topology& topology);
/// The same as one JSON document with every node and link.
[[nodiscard]] std::string topology_json(const Topology& topology);
/// Grids as grids, everything else in rows by the distance from the chips. A complete SVG document.
[[nodiscard]] std::string topology_svg(const Topology& topology);

}  // namespace memwall::tools
