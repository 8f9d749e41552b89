// Sensitivities and the report: laws that hold whatever the numbers are.
#include "tools/sweep/sensitivity.hpp"

#include <cmath>
#include <functional>

#include "sim/base/error.hpp"
#include "sim/scenario/what_if.hpp"
#include "tests/catch.hpp"
#include "tests/refusal.hpp"
#include "tools/results/summary_view.hpp"
#include "tools/sweep/conduct.hpp"
#include "tools/sweep/report.hpp"

using namespace memwall;
using namespace memwall::tools;
using namespace memwall::tools::sweep;

namespace {

/// One request at a time and long answers, so that the time of a token is the memory's and the launches'.
Base base(const std::string& pool_keys = "") {
  Base out;
  out.path = "made_up.json";
  out.text = R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B" },
    "pools": [ { "name": "chat", "device": "h100_sxm", "engine": { "kind": "vllm", "max_model_len": 4096 })" +
             pool_keys + R"( } ],
    "workload": { "source": "synthetic", "requests": 20,
                  "arrivals": { "process": "closed_loop", "concurrency": 1 },
                  "lengths": { "input": 100, "output": 100 } } })";
  return out;
}

Store done(const Base& from) {
  const Sweep sweep = make_sweep(from, sensitivity_points(from), "sensitivity", "");
  Store store(sweep.identity);
  const Work work = point_work(pack(from));
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    store.add(static_cast<std::int64_t>(i), sweep.points[i], unpack_result(work(pack(edits_of(sweep.points[i])))));
  }
  return store;
}

const Sensitivity* find(const Sensitivities& all, const std::string& key) {
  for (const Sensitivity& each : all.rows) {
    if (each.pointer.ends_with("/" + key)) return &each;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("every key of what_if is moved both ways, and multiplies the factor that a scenario has") {
  const auto points = sensitivity_points(base(R"(, "what_if": { "hbm_bandwidth": 2 })"));
  REQUIRE(points.size() == 1 + 2 * what_if_keys().size());
  CHECK(points[0].empty());
  std::size_t seen = 0;
  for (const Parameters& point : points) {
    if (point.empty() || point[0].pointer != "/pools/0/what_if/hbm_bandwidth") continue;
    CHECK(point[0].value == (seen++ == 0 ? "2.2" : "1.8"));
  }
  CHECK(seen == 2);
}

TEST_CASE("sensitivities agree with the shares of time that tiers are critical for") {
  Store store = done(base());
  const Sensitivities found = sensitivities(store, {"/latency/tpot_s/p50", "/cost/usd_per_mtok_output"});
  // One request at a time does nothing but decode once its prompt is read, so a tier's share of the time of decoding is
  // its share of a token's time. A factor f on a share s leaves 1 - s + s/f, whose central difference over 10 % is
  // s (1/1.1 - 1/0.9) / 2.
  const double slope = (1 / 1.1 - 1 / 0.9) / 2;
  double sum = 0;
  for (const auto& [key, tier] : {std::pair{"hbm_bandwidth", "hbm"}, std::pair{"launch_speed", "launch"}}) {
    const auto share = store.metric(std::string("/cycles/by_phase/decode/time_share/") + tier).at(0);
    const Sensitivity* row = find(found, key);
    REQUIRE(row != nullptr);
    REQUIRE(row->change[0].has_value());
    CHECK(std::abs(*row->change[0] - share * slope) < 0.002);
    // A machine whose speed is changed still has its price.
    CHECK(row->change[1].has_value());
    sum += share;
  }
  CHECK(sum > 0.9);
  const Sensitivity* price = find(found, "price");
  REQUIRE(price != nullptr);
  CHECK(*price->change[0] == 0);
  CHECK(std::abs(*price->change[1] - 0.1) < 1e-9);
  for (std::size_t i = 1; i < found.rows.size(); ++i) CHECK(found.rows[i - 1].largest() >= found.rows[i].largest());
}

TEST_CASE("keys that can change nothing are told with their reason") {
  Store store = done(base());
  const Sensitivities found = sensitivities(store, {});
  CHECK(find(found, "sram_bandwidth") == nullptr);
  std::size_t told_of = 0;
  for (const auto& refusal : found.refused) {
    if (refusal.pointer != "/pools/0/what_if/sram_bandwidth") continue;
    ++told_of;
    CHECK(refusal.reason.find("sram_bandwidth changes nothing, because no time there belongs to tier sram") !=
          std::string::npos);
  }
  CHECK(told_of == 2);
  CHECK(found.refused.size() + 2 * found.rows.size() == 2 * what_if_keys().size());
}

TEST_CASE("a report wants metrics that some point has") {
  Store store = done(base());
  CHECK(test::refusal_of([&] { (void)read_report(store, {"/latency/ttf_s/p95"}); }) ==
        "--show /latency/ttf_s/p95: no point has a number there; did you mean \"/latency/ttft_s/p95\"?");
  CHECK(test::refusal_of([&] { (void)read_report(store, {"latency"}); }) ==
        "--show latency: write a pointer into summary.json, such as /latency/ttft_s/p95");
  // A tier without a share is left out of the summary, and its share is zero.
  const Report report = read_report(store, {"/cycles/bottleneck_share/nvme"});
  CHECK(report.values[0].at(0) == 0);
  CHECK(report.bottleneck.at(0) == "hbm");
  CHECK(absent_is_zero("/pools/0/utilisation/nvme"));
  CHECK_FALSE(absent_is_zero("/pools/0/utilisation/nothing"));
  CHECK_FALSE(absent_is_zero("/nvme"));
}

TEST_CASE("a specification of a plot has two axes at the most") {
  Store store = done(base());
  const Report report = read_report(store, {});
  CHECK(test::refusal_of([&] {
          (void)report_vega(report, parse_axes({"/a=1,2", "/b=1,2", "/c=1,2"}));
        }) == "--vega draws a metric over one axis or two, and this sweep has 3");
}
