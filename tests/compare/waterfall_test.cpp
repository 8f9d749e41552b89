// From one scenario to another, a group at a time.
#include "tools/compare/waterfall.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/compare/field.hpp"
#include "tools/compare/groups.hpp"
#include "tools/compare/metric.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::compare;

namespace {

const Small from_a = {};
const Small to_b = {R"("device": "b200_sxm", "parallelism": {"tensor": 2}, "engine": {"max_num_seqs": 8})",
                    R"(, "weights": "fp8")", R"("interconnect": "hgx_b200",)"};

double value_of(const Catalogue& catalogue, const Small& small, const Measure& measure) {
  const Field field = field_of(catalogue, {text_of(small)});
  REQUIRE(field.contenders.front().refusal.empty());
  return field.contenders.front().value(measure).value();
}

void check_sums(const Waterfall& fall, double a, double b) {
  REQUIRE_FALSE(fall.steps.empty());
  CHECK(fall.steps.front().from == a);
  CHECK(fall.steps.back().to == b);
  double sum = 0;
  for (std::size_t i = 0; i < fall.steps.size(); ++i) {
    sum += fall.steps[i].change;
    if (i > 0) CHECK(fall.steps[i].from == fall.steps[i - 1].to);
  }
  CHECK(sum == fall.whole);
  CHECK(std::abs(fall.whole - (b - a)) <= std::ldexp(std::max(a, b), -38));
}

}  // namespace

TEST_CASE("changes on the grid add up without rounding in any order") {
  const std::vector<double> values = {0.1, 0.3, 1e-9, 123.456, 0.7, 1.0 / 3};
  const std::vector<double> changes = exact_changes(values);
  REQUIRE(changes.size() == 5);
  double forward = 0;
  double backward = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    forward += changes[i];
    backward += changes[changes.size() - 1 - i];
    CHECK(changes[i] == Approx(values[i + 1] - values[i]).margin(123.456 * std::ldexp(1, -39)));
  }
  CHECK(forward == backward);
  CHECK(forward == exact_changes({values.front(), values.back(), 123.456}).front());
  CHECK(exact_changes({2.5, 2.5}).front() == 0);
  CHECK(exact_changes({0, 0}).front() == 0);
}

TEST_CASE("every step is the run of what was swapped so far, and the steps are the whole difference") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of(from_a), text_of(to_b)});
  for (const char* metric : {"/latency/tpot_s/p50", "/cost/usd_per_mtok_output", "/throughput/output_tokens_per_s"}) {
    INFO(metric);
    const Measure measure = measure_called(metric);
    const double a = field.contenders[0].value(measure).value();
    const double b = field.contenders[1].value(measure).value();
    const Waterfall fall = waterfall(field, 0, 1, measure);
    check_sums(fall, a, b);
    REQUIRE(fall.steps.size() == 4);
    Small swapped = from_a;
    swapped.pool = R"("device": "b200_sxm")";
    CHECK(fall.steps[0].to == value_of(catalogue, swapped, measure));
    swapped.pool = R"("device": "b200_sxm", "parallelism": {"tensor": 2})";
    swapped.root = to_b.root;
    CHECK(fall.steps[1].to == value_of(catalogue, swapped, measure));
    swapped.model = to_b.model;
    CHECK(fall.steps[2].to == value_of(catalogue, swapped, measure));
    CHECK(fall.steps[3].groups == std::vector<std::string>{"engine"});
  }
}

TEST_CASE("groups that cannot be swapped alone go with the next, and it is said") {
  const Catalogue catalogue = tools::program_catalogue();
  Small four = from_a;
  four.pool = R"("device": "h100_sxm", "parallelism": {"tensor": 4})";
  four.root = R"("interconnect": "hgx_h100",)";
  Small wafer = from_a;
  wafer.pool = R"("device": "cerebras_wse3")";
  wafer.model = R"(, "weights": "int8")";
  const Field field = field_of(catalogue, {text_of(four), text_of(wafer)});
  const Measure measure = measure_called("/latency/tpot_s/p50");
  const Waterfall fall = waterfall(field, 0, 1, measure);
  check_sums(fall, field.contenders[0].value(measure).value(), field.contenders[1].value(measure).value());
  REQUIRE(fall.steps.size() == 2);
  CHECK(fall.steps[0].groups == std::vector<std::string>{"device", "links and parallelism"});
  REQUIRE(fall.steps[0].merged.size() == 1);
  CHECK(fall.steps[0].merged[0].starts_with("device alone: "));
  CHECK(fall.steps[1].groups == std::vector<std::string>{"model and precision"});
  CHECK(fall.steps[1].merged.empty());
}

TEST_CASE("scenarios that say the same have no steps, whatever they are called") {
  const Catalogue catalogue = tools::program_catalogue();
  Small renamed = from_a;
  renamed.root = R"("name": "another name",)";
  const Field field = field_of(catalogue, {text_of(from_a), text_of(renamed)});
  const Waterfall fall = waterfall(field, 0, 1, measure_called("/latency/tpot_s/p50"));
  CHECK(fall.refusal.empty());
  CHECK(fall.steps.empty());
  CHECK(fall.whole == 0);
}

TEST_CASE("what no group has is the rest, and pools that are not equally many are swapped at once") {
  const Catalogue catalogue = tools::program_catalogue();
  const Measure measure = measure_called("/latency/tpot_s/p50");
  Small other = from_a;
  other.root = R"("seed": 7, "router": {"policy": "least_loaded"},)";
  other.model = to_b.model;
  const Field field = field_of(catalogue, {text_of(from_a), text_of(other)});
  const Waterfall fall = waterfall(field, 0, 1, measure);
  REQUIRE(fall.steps.size() == 2);
  CHECK(fall.steps[1].groups == std::vector<std::string>{"the rest"});
  check_sums(fall, field.contenders[0].value(measure).value(), field.contenders[1].value(measure).value());

  Small two = from_a;
  two.pool =
      R"("name": "x", "device": "b200_sxm", "accepts": {"min_input_tokens": 200}}, {"name": "y", "device": "h100_sxm")";
  const Field pools = field_of(catalogue, {text_of(from_a), text_of(two)});
  REQUIRE(pools.contenders[1].refusal.empty());
  const Waterfall whole = waterfall(pools, 0, 1, measure);
  REQUIRE(whole.steps.size() == 1);
  CHECK(whole.steps[0].merged[0] == "a has 1 pools and b has 2, so nothing can be swapped apart");
  check_sums(whole, pools.contenders[0].value(measure).value(), pools.contenders[1].value(measure).value());
}

TEST_CASE("a scenario that is refused or has no such number has no waterfall, with the reason") {
  const Catalogue catalogue = tools::program_catalogue();
  Small big = from_a;
  big.config = "meta-llama/Llama-3.1-70B";
  Small priceless = from_a;
  priceless.pool = R"("device": "etched_sohu")";
  const Field field = field_of(catalogue, {text_of(from_a), text_of(big), text_of(priceless)});
  const Measure dollars = measure_called("/cost/usd_per_mtok_output");
  CHECK(waterfall(field, 0, 1, dollars).refusal.find("does not fit") != std::string::npos);
  CHECK(waterfall(field, 0, 2, dollars).refusal == "c: there is no USD/M output tokens of it");
  const Answer answer = waterfall_answer(field, dollars);
  CHECK(answer.text.find("a to c: none, because of c: there is no USD/M output tokens of it") != std::string::npos);
}
