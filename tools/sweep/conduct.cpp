#include "tools/sweep/conduct.hpp"

#include <set>
#include <utility>

#include "tools/verbs.hpp"

namespace memwall::tools::sweep {

Sweep make_sweep(Base base, std::vector<Parameters> points, std::string design, std::string axes) {
  const BaseDocument document = base_document(base);
  Identity identity;
  identity.program = version;
  identity.scenario = document.text;
  identity.scenario_version = document.version;
  identity.design = std::move(design);
  identity.axes = std::move(axes);
  identity.points = static_cast<std::int64_t>(points.size());
  return {std::move(base), std::move(points), std::move(identity)};
}

Tally conduct(Team& team, const Sweep& sweep, std::size_t threads, Store& store) {
  Tally tally;
  const std::vector<std::int64_t> there = store.ids();
  const std::set<std::int64_t> known(there.begin(), there.end());
  tally.before = known.size();
  std::vector<std::int64_t> ids;
  std::vector<std::string> tasks;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    if (known.count(static_cast<std::int64_t>(i)) != 0) continue;
    ids.push_back(static_cast<std::int64_t>(i));
    tasks.push_back(pack(edits_of(sweep.points[i])));
  }
  tally.team = team.run(pack(sweep.base), tasks, threads, [&](std::size_t task, const std::string& answer) {
    const PointResult result = unpack_result(answer);
    store.add(ids[task], sweep.points[static_cast<std::size_t>(ids[task])], result);
    if (result.status == PointResult::Status::done) ++tally.done;
    if (result.status == PointResult::Status::refused) ++tally.refused;
    if (result.status == PointResult::Status::defect) ++tally.defects;
  });
  return tally;
}

}  // namespace memwall::tools::sweep
