// The project's own topology files, and small ones written in place.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "sim/hw/topology.hpp"
#include "tests/devices/catalogue.hpp"

namespace memwall::test {

inline std::vector<std::string> topology_ids() { return ids_in(models_folder() / "topologies"); }

inline Topology topology(const std::string& id) {
  Topology out;
  Document::load(models_folder() / "topologies" / (id + ".json")).read([&](Reader& r) { out = Topology::read(r, id); });
  return out;
}

/// A link as a file writes it.
inline std::string link(const std::string& bandwidth, const std::string& more = "") {
  return R"({"bandwidth": {"value": ")" + bandwidth + R"(", "basis": "vendor", "source": "x"},
    "latency": {"value": "1 us", "basis": "estimate", "source": "x"}, "medium": "copper")" +
         more + "}";
}

inline Topology made(const std::string& keys) {
  Topology out;
  read_text("{" + keys + "}", "made.json", [&](Reader& r) { out = Topology::read(r, "made"); });
  return out;
}

/// The messages of a refusal, each with its pointer.
inline std::vector<std::string> refused(const std::function<void()>& what) {
  std::vector<std::string> out;
  try {
    what();
  } catch (const InputError& error) {
    for (const Fault& fault : error.faults())
      out.push_back((fault.pointer.empty() ? "" : fault.pointer + ": ") + fault.message);
  }
  return out;
}

}  // namespace memwall::test
