#include "tools/compare/metric.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall::tools::compare {
namespace {

struct Group {
  std::string_view prefix;
  bool higher_is_better;
};

/// Groups of summary.json whose numbers all have the same good direction.
constexpr Group groups[] = {{"/latency/", false}, {"/cost/", false},      {"/energy/", false},
                            {"/goodput/", true},  {"/throughput/", true}, {"/saturation/", false}};

}  // namespace

Measure measure_called(const std::string& name) {
  for (const Measure& measure : measures()) {
    if (measure.pointer == name || measure.name == name) return measure;
  }
  for (const Group& group : groups) {
    if (!std::string_view(name).starts_with(group.prefix)) continue;
    return {name, name, 1, group.higher_is_better};
  }
  std::string known;
  for (const Group& group : groups) known += (known.empty() ? "" : ", ") + std::string(group.prefix) + "...";
  throw InputError("--metric " + name +
                   ": is no metric by which a winner can be told; write a pointer into summary.json (" + known + ")");
}

Measure measure_for(const std::optional<std::string>& name, const std::vector<Contender>& contenders) {
  if (name) return measure_called(*name);
  const Measure dollars = measure_called("/cost/usd_per_mtok_output");
  const bool priced = std::all_of(contenders.begin(), contenders.end(), [&](const Contender& each) {
    return !each.refusal.empty() || each.value(dollars).has_value();
  });
  return priced ? dollars : measure_called("/throughput/output_tokens_per_s_per_device");
}

}  // namespace memwall::tools::compare
