// One engine of a scenario as something that prices requests: its cycles, its cache, its money.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/llm/cycle_pricer.hpp"
#include "sim/scenario/build.hpp"
#include "sim/scenario/run.hpp"

namespace memwall::tools::price {

/// What an engine costs. Where nobody says a price, costs are counted in hours of its devices.
struct Money {
  bool known = false;            ///< false: `capital` is device-hours a second, and there is no electricity
  std::string unknown;           ///< why not, as a sentence
  double capital = 0;            ///< of the engine, for each second: USD, or device-hours
  double usd_per_joule = 0;      ///< of electricity with what the building adds; 0 = part of the rent
  std::optional<double> busy_w;  ///< of all devices while running, before the energy of the work; absent: board power
  double idle_w = 0;             ///< of all devices without work
  double board_w = 0;            ///< of all devices, used where their energy is not known
  Basis basis = Basis::measured;

  [[nodiscard]] std::string_view unit() const { return known ? "USD" : "device-hours"; }
};

/// An engine is a replica, or one of the ranks of a data-parallel group. Not for two threads at once.
class Engine {
 public:
  /// What cannot be priced is thrown as InputError: a pool that does not do all of a request, several pools.
  Engine(std::string name, const LoadedScenario& loaded, Built built);

  std::string name;  ///< of the curve
  BuiltPool pool;
  std::vector<WorkloadSetup> workloads;
  std::optional<double> tpot_s;  ///< the tightest objective on the time between tokens
  std::optional<double> ttft_s;
  double devices = 1;  ///< of this engine
  Money money;
  std::vector<std::string> notes;

  [[nodiscard]] const CyclePricer& program() const { return *program_; }
  [[nodiscard]] std::int64_t longest() const { return pool.model.max_position; }
  /// Blocks that requests can have.
  [[nodiscard]] double usable_blocks() const;
  /// Blocks of a sequence with so many tokens, the half empty last one of a growing sequence included.
  [[nodiscard]] double blocks_of(double tokens) const;
  /// Bytes that one block takes on all devices of the engine; copies on several ranks count.
  [[nodiscard]] double block_bytes() const;
  /// Cost of a cycle; nothing at all for an empty one.
  [[nodiscard]] Cost price(BatchShape shape) const;

 private:
  std::unique_ptr<CyclePricer> program_;
};

/// The engine of a scenario file with the edits. Where its longest sequence does not fit, the engine is built for
/// `shortest` tokens instead and a note says so. Throws InputError.
[[nodiscard]] Engine load_engine(const std::string& path, const Catalogue& catalogue,
                                 const std::vector<std::string>& edits, std::int64_t shortest);

}  // namespace memwall::tools::price
