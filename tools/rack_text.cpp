#include "tools/rack_text.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "hw_models/mechanisms.hpp"
#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_reader.hpp"

namespace memwall::tools {

RackDesign find_rack(const std::string& name) {
  RackDesign rack;
  const auto stem = [](std::string_view path) { return std::filesystem::path(path).stem().string(); };
  if (name.ends_with(".json")) {
    read_document(name, [&](Reader& r) { rack = read_rack(r, stem(name)); });
    return rack;
  }
  std::vector<std::string> known;
  for (const EmbeddedFile& file : rack_files()) {
    known.push_back(stem(file.path));
    if (known.back() != name) continue;
    read_text(file.text, std::string(file.path), [&](Reader& r) { rack = read_rack(r, name); });
    return rack;
  }
  throw InputError("rack \"" + name + "\" is unknown; " + suggestion(name, known));
}

std::string rack_text(const RackDesign& rack, const std::vector<std::int64_t>& chips) {
  std::string out = fmt::format("{}\n{:>7}  {:<17}{:>6}{:>11}{:>11}{:>9}{:>11}  {}\n", rack.name, "chips", "medium",
                                "racks", "kW a rack", "optics kW", "cables", "longest m", "tightest limit");
  for (const std::int64_t count : chips) {
    for (const Medium medium : {Medium::copper, Medium::pluggable_optics}) {
      const RackCheck result = check(rack, count, medium);
      const RackLimit& first = result.limits.front();
      out +=
          fmt::format("{:>7}  {:<17}{:>6}{:>11.1f}{:>11.1f}{:>9}{:>11.1f}  {}{}: {:g} of {:g} {}\n", count,
                      name(medium), result.racks, result.rack_power.value / 1e3, result.optics_power.value / 1e3,
                      static_cast<std::int64_t>(result.cables), result.longest_cable.value,
                      result.feasible() ? "" : "NOT FEASIBLE, ", first.name, first.used, first.available, first.unit);
    }
  }
  return out;
}

}  // namespace memwall::tools
