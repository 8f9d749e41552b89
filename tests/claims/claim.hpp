// A public claim, what the simulator makes of it, and the page that shows both.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "sim/llm/turning_batch.hpp"
#include "sim/scenario/describe_device.hpp"
#include "sim/scenario/run.hpp"
#include "tests/laws/runs.hpp"

namespace memwall::test {

enum class Says : std::uint8_t { holds, conditions, fails, open };

/// What the page calls it.
constexpr std::string_view text(Says says) {
  switch (says) {
    case Says::holds: return "holds";
    case Says::conditions: return "holds under stated conditions";
    case Says::fails: return "fails";
    case Says::open: return "not checkable";
  }
  return "";
}

struct Claim {
  std::string claim;
  std::string source;
  std::string how;      ///< scenario, or command, that shows it again
  std::string numbers;  ///< computed
  Says says = Says::open;
};

struct Section {
  std::string title;
  std::string preface;
  std::vector<Claim> claims;
};

inline std::string seed_path(const std::string& name) { return project_file("scenarios/seed/" + name + ".json"); }

inline LoadedScenario seed(const std::string& name, const std::vector<std::string>& set = {}) {
  RunOptions options;
  options.set = set;
  return load_scenario(seed_path(name), tools::program_catalogue(), options);
}

inline Outcome seed_run(const std::string& name, const std::vector<std::string>& set = {}) {
  const LoadedScenario loaded = seed(name, set);
  return run(loaded.scenario, tools::program_catalogue(), loaded.build, {});
}

/// A seed with its pool's pricer, for questions that need no clock.
struct Priced {
  Built built;
  std::unique_ptr<CyclePricer> program;

  explicit Priced(const std::string& name, const std::vector<std::string>& set = {}) {
    const LoadedScenario loaded = seed(name, set);
    built = build(loaded.scenario, tools::program_catalogue(), loaded.build);
    const auto none = std::make_shared<const Interconnect>();
    program = cycle_pricer(built.pools.front(), built.interconnect ? built.interconnect : none);
  }
  [[nodiscard]] const BuiltPool& pool() const { return built.pools.front(); }
  [[nodiscard]] Cost decode(std::int64_t sequences, std::int64_t context) const {
    return program->price_from_scratch(decode_batch(*program, sequences, context));
  }
};

inline DeviceInfo chip(const std::string& id) { return tools::program_catalogue().device(id, {})->info(); }

inline double ridge(const std::string& id, Precision format) {
  const auto batch = ridge_batch(chip(id), format, format);
  law(batch.has_value(), "the chip multiplies the format");
  return *batch;
}

/// The tier of the largest share of some cycles.
inline Tier largest(const TierArray<double>& shares) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < tier_count; ++i) {
    if (shares.at[i] > shares.at[best]) best = i;
  }
  return tier_at(best);
}

inline bool near(double value, double wanted, double share) { return std::abs(value / wanted - 1) <= share; }

inline Says holds_if(bool yes) { return yes ? Says::holds : Says::fails; }

}  // namespace memwall::test
