// Small plans for the tests: a chat on a handful of machines.
#pragma once

#include <string>
#include <vector>

#include "tests/scenario/program.hpp"
#include "tools/plan/goodput.hpp"
#include "tools/plan/search.hpp"

namespace memwall::test {

inline tools::plan::Parallel one_by_one() {
  return [](std::size_t count, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  };
}

/// A scenario with what a plan needs to know of it. Everything of it lives as long as this.
struct Setting {
  Catalogue known = catalogue();
  tools::plan::Base base;
  tools::plan::Traffic traffic;

  explicit Setting(std::vector<std::string> edits, std::vector<std::string> prices = {})
      : base(tools::plan::open_base(quickstart(), std::move(edits), known, std::move(prices))),
        traffic(tools::plan::survey(base.loaded)) {}
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

  [[nodiscard]] std::vector<tools::plan::Offer> offers(std::vector<std::string> devices,
                                                       std::vector<std::int64_t> tensor,
                                                       std::vector<tools::plan::EngineSettings> engines = {{}}) const {
    tools::plan::Choices choices;
    choices.devices = std::move(devices);
    choices.tensor = std::move(tensor);
    choices.engines = std::move(engines);
    choices.directories = base.loaded.build.directories;
    return tools::plan::offers_of(base, tools::plan::layouts(choices, known), traffic, one_by_one());
  }
  [[nodiscard]] tools::plan::FleetPlan plan(const std::vector<tools::plan::Offer>& offers,
                                            const tools::plan::SearchOptions& wanted) const {
    return tools::plan::search(base, offers, traffic, wanted, one_by_one());
  }
};

/// 150 requests of 512 tokens in and 128 out, so many a second.
inline std::vector<std::string> chat(const std::string& rate) {
  return {"/workload/requests=150", "/workload/arrivals/rate=" + rate};
}

}  // namespace memwall::test
