// Domains of a rack: what is feasible, what a longer cable costs, and steady states against a simulated closed loop.
#include "tools/plan/rack.hpp"

#include "sim/config/json_reader.hpp"
#include "tests/catch.hpp"
#include "tests/plan/small.hpp"
#include "tools/plan/stretched_links.hpp"

using namespace memwall;
using namespace memwall::tools::plan;
using test::Setting;

namespace {

RackDesign design() {
  RackDesign rack;
  for (const EmbeddedFile& file : rack_files()) {
    if (file.path.find("/nvl72.json") == std::string_view::npos) continue;
    read_text(file.text, std::string(file.path), [&](Reader& r) { rack = read_rack(r, "nvl72"); });
  }
  REQUIRE(rack.id == "nvl72");
  return rack;
}

const std::vector<std::string> experts_on_gb200 = {"/model/config=Qwen/Qwen3-30B-A3B", "/pools/0/device=gb200",
                                                   "/pools/0/engine/max_model_len=4096", "/interconnect=gb200_nvl72",
                                                   R"(/slo={"tpot": {"p95": "15 ms"}})"};

Interconnect links_from(const std::string& text, const std::string& id) {
  Interconnect out;
  read_text(text, id, [&](Reader& r) { out = Interconnect::read(r, id); });
  return out;
}

}  // namespace

TEST_CASE("stretched links are the file's own where nothing is stretched, and slower by the way of the signal") {
  const Catalogue known = test::catalogue();
  const auto own = known.interconnect("gb200_nvl72", {});
  const std::string text = known.interconnect_text("gb200_nvl72", {});
  const Interconnect same = links_from(stretched_links(text, "same", 72, Metres{0}), "same");
  const Interconnect longer = links_from(stretched_links(text, "longer", 576, Metres{10}), "longer");
  CHECK(same.max_ranks() == 72);
  CHECK(longer.max_ranks() == 576);
  CHECK(longer.joins().empty());
  for (const int ranks : {2, 8, 72}) {
    for (const double bytes : {1e4, 1e6, 1e8}) {
      const auto time = [&](const Interconnect& links) {
        return links.collective(Collective::all_gather, ranks, Bytes{bytes}).total().value;
      };
      CHECK(time(same) == time(*own));
      // Ten metres to the switch and ten on, at 1.468 over the speed of light, in one of n - 1 steps at least.
      const double way = 20 * 1.468 / 299'792'458.0;
      CHECK(time(longer) >= time(same) + way * 0.999);
      CHECK(time(longer) <= time(same) + way * (ranks - 1) * 1.001);
    }
  }
}

TEST_CASE("domains have the limit that binds, and the medium changes money alone") {
  const Setting setting(experts_on_gb200);
  const RackSweep found = sweep_rack(setting.base, design(), setting.traffic, test::one_by_one());
  REQUIRE(found.sizes.size() == 12);
  CHECK(found.tpot_s == 0.015);
  const RackSize& copper = found.sizes[2];
  const RackSize& optics = found.sizes[3];
  CHECK(copper.chips == 72);
  CHECK(copper.checked.feasible());
  CHECK(copper.usd_per_hour == Approx(72 * 5.01));
  CHECK(optics.usd_per_hour > copper.usd_per_hour);
  CHECK_FALSE(found.sizes[8].checked.feasible());
  CHECK(found.sizes[8].checked.broken().front() == "cables");
  std::vector<const RackPoint*> by_copper;
  std::vector<const RackPoint*> by_optics;
  bool shared = false;
  for (const RackPoint& point : found.points) {
    if (point.size == 2) by_copper.push_back(&point);
    if (point.size == 3) by_optics.push_back(&point);
    shared = shared || point.experts;
    CHECK(point.tokens_per_s_user > 0);
    CHECK(found.sizes[point.size].chips % point.group == 0);
  }
  CHECK(shared);
  REQUIRE(by_copper.size() == by_optics.size());
  REQUIRE(by_copper.size() > 20);
  for (std::size_t i = 0; i < by_copper.size(); ++i) {
    CHECK(by_copper[i]->tokens_per_s_user == by_optics[i]->tokens_per_s_user);
    CHECK(by_copper[i]->tokens_per_usd > by_optics[i]->tokens_per_usd);
    CHECK(by_copper[i]->dominated == by_optics[i]->dominated);
  }
}

TEST_CASE("a point of a domain is what a simulated closed loop does") {
  const Setting setting(experts_on_gb200);
  const RackSweep found = sweep_rack(setting.base, design(), setting.traffic, test::one_by_one());
  std::size_t compared = 0;
  for (const RackPoint& point : found.points) {
    const bool wanted = point.size == 0 && point.group == 8 && (point.batch == Approx(16) || point.batch == Approx(64));
    if (!wanted) continue;
    const auto engines = static_cast<std::int64_t>(point.experts ? 8 : 1);
    const auto batch = static_cast<std::int64_t>(point.batch + 0.5);
    RunOptions options;
    options.set = experts_on_gb200;
    options.set.push_back(point.experts ? R"(/pools/0/parallelism={"data": 8, "expert": 8})"
                                        : R"(/pools/0/parallelism={"tensor": 8})");
    options.set.push_back("/pools/0/engine/max_num_seqs=" + std::to_string(batch));
    options.set.push_back(R"(/workload/arrivals={"process": "closed_loop", "concurrency": )" +
                          std::to_string(batch * engines) + "}");
    options.set.push_back("/workload/requests=" + std::to_string(batch * engines * 8));
    const Outcome outcome = test::run_scenario(test::quickstart(), options).outcome;
    INFO((point.experts ? "by expert" : "by tensor") << ", batch " << batch);
    // The estimate is of a fleet that is full all the time; the run fills and drains, an eighth of its length each.
    const double ratio = outcome.results.throughput.output_tokens_per_s / point.tokens_per_s;
    CHECK(ratio > 0.75);
    CHECK(ratio < 1.05);
    ++compared;
  }
  CHECK(compared == 4);
}

TEST_CASE("racks are refused where they mean nothing") {
  const Setting wafer({"/pools/0/device=cerebras_wse3"});
  CHECK_THROWS_WITH(sweep_rack(wafer.base, design(), wafer.traffic, test::one_by_one()),
                    "--rack is for devices that share layers over links; those of cerebras_wse3 are laid out on them");
  const Setting dear({"/pools/0/device=tpu_v7"});
  CHECK_THROWS_WITH(
      sweep_rack(dear.base, design(), dear.traffic, test::one_by_one()),
      "neither the scenario nor the file of tpu_v7 has a price; --set '/pools/0/cost/price=2.5 USD/h' says it");
}
