// A machine's curve of cost against length with its thresholds: all that `memwall price` says of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/price/tariffs.hpp"
#include "tools/price/thresholds.hpp"

namespace memwall::tools::price {

/// Whose requests prices are solved for.
enum class Traffic : std::uint8_t {
  none,
  scenario,  ///< those of the scenario's workloads
  contexts,  ///< one of each length of the curve, with the mean answer
};

/// What is asked of every machine alike.
struct Question {
  std::vector<std::int64_t> contexts;
  bool contexts_given = false;  ///< by the user: then one beyond the model's length is refused
  bool beyond = false;          ///< price lengths that the model was not trained for
  Demand demand;
  Traffic traffic = Traffic::none;
  double margin = 0;          ///< on top of costs
  bool output_given = false;  ///< else requests have the scenario's mean answer
};

struct Curve {
  std::string name;
  std::string refusal;  ///< not empty: the machine cannot be priced, and nothing below is known

  std::string model;
  std::string weights;  ///< their format
  std::string device;
  double devices = 0;
  Money money;
  Demand demand;  ///< as it was priced
  ModelBytes bytes;
  double cache_bytes = 0;  ///< of the engine
  std::vector<Point> points;
  std::vector<Threshold> thresholds;
  std::optional<double> break_even_hold_s;  ///< at the first length
  std::optional<Tariffs> tariffs;
  std::vector<std::string> notes;
};

/// Where an engine cannot be priced at all the curve holds the refusal. Lengths beyond the model's are left out with a
/// note where they were not asked for, and throw InputError where they were.
[[nodiscard]] Curve price_curve(Engine& engine, const Question& question);

}  // namespace memwall::tools::price
