#include "sim/hw/interconnect.hpp"

#include <utility>

#include "sim/base/error.hpp"
#include "sim/hw/tables.hpp"

namespace memwall {

Interconnect Interconnect::read(Reader& reader, std::string id) {
  Interconnect link;
  link.id_ = std::move(id);
  const std::string written = reader.text("id", link.id_, "as scenarios name the interconnect");
  if (written != link.id_) reader.fault("id", "is \"" + written + "\" in a file that is read as \"" + link.id_ + "\"");
  (void)reader.text("name", link.id_, "as people name it");
  constexpr std::int64_t most_ranks = 1 << 20;
  link.max_ranks_ = static_cast<int>(
      reader.integer("devices", {std::nullopt, 1, most_ranks}, "devices that the links join (the scale-up domain)"));
  link.bandwidth_ = reader.sourced<BytesPerSecond>("bandwidth", "reached by one device in one direction");
  link.latency_ = reader.sourced<Seconds>("step_latency", "of one step of a ring");
  if (!(link.bandwidth_.value.value > 0)) reader.fault("bandwidth", "must be above zero");
  reader.list("all_reduce", false, "measured time against the size of the buffer, one table for each number of devices",
              [&](Reader& entry) {
                const int ranks = static_cast<int>(
                    entry.integer("ranks", {std::nullopt, 2, most_ranks}, "devices that take part in the reduction"));
                (void)entry.sourced_block("all-reduce over " + std::to_string(ranks) + " devices");
                TimeTable table = read_table<Bytes>(entry, "bytes of the buffer on each device, from 0");
                if (ranks > link.max_ranks_) entry.fault("ranks", "exceeds the number of devices that the links join");
                if (!link.all_reduce_.emplace(ranks, std::move(table)).second) {
                  entry.fault("ranks", "has a table already; each number of devices needs only one");
                }
              });
  link.provenance_ = reader.provenance();
  return link;
}

Cost Interconnect::all_reduce(int ranks, Bytes payload) const {
  law(ranks >= 1 && ranks <= max_ranks_, "an all-reduce runs inside one scale-up domain");
  law(payload.value >= 0, "a buffer has no negative size");
  Cost cost;
  if (ranks == 1) return cost;
  const auto table = all_reduce_.find(ranks);
  if (table != all_reduce_.end()) {
    return cost.then(Tier::scale_up, Affine::constant(table->second.at(payload.value)));
  }
  // The ring moves every byte around twice, once to sum and once to spread: 2 (n - 1) steps of bytes / n each
  // (Patarasuk and Yuan, Bandwidth optimal all-reduce algorithms for clusters of workstations, 2009).
  const double shares = 2.0 * (ranks - 1) / ranks;
  const Seconds moving = payload * shares / bandwidth_.value;
  return cost.then(Tier::scale_up, Affine::constant(all_reduce_floor(ranks).value + moving.value));
}

Seconds Interconnect::all_reduce_floor(int ranks) const {
  law(ranks >= 1 && ranks <= max_ranks_, "an all-reduce runs inside one scale-up domain");
  if (ranks == 1) return {0};
  const auto table = all_reduce_.find(ranks);
  if (table != all_reduce_.end()) return fixed_time(table->second);
  return latency_.value * (2.0 * (ranks - 1));
}

}  // namespace memwall
