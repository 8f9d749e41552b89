// Where two scenarios are equally good.
#include "tools/compare/break_even.hpp"

#include <cmath>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/compare/field.hpp"
#include "tools/compare/metric.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::compare;

namespace {

std::function<Sample(double)> plain(double (*function)(double)) {
  return [function](double at) { return Sample{at, function(at), ""}; };
}

double inverse(double x) { return 100 / x; }
double step(double x) { return x < 7 ? 1.0 : 2.0; }

std::string refusal(const std::string& knob, const Sheet& sheet, const Catalogue& catalogue) {
  try {
    (void)knob_called(knob, sheet, catalogue);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a crossing is found to the stated precision, wherever it lies in the range") {
  for (const double target : {2.0, 7.7, 50.0, 99.0}) {
    const Crossing crossing = crossing_of(plain(inverse), target, 1, 64, 8);
    REQUIRE(crossing.found);
    CHECK(crossing.at() == Approx(100 / target).epsilon(1e-5));
  }
  const Crossing here = crossing_of(plain(inverse), 12.5, 1, 64, 8);
  CHECK(here.at() == 8);
}

TEST_CASE("a step is told with the values on both sides of it") {
  const Crossing crossing = crossing_of(plain(step), 1.5, 1, 64, 2);
  REQUIRE(crossing.found);
  CHECK(crossing.at() == Approx(7).epsilon(1e-5));
  CHECK(*crossing.below.value == 1);
  CHECK(*crossing.above.value == 2);
}

TEST_CASE("where no value does it the ends of what runs are told") {
  const Crossing never = crossing_of(plain(inverse), 1000, 1, 64, 8);
  CHECK_FALSE(never.found);
  CHECK(never.below.at == 1);
  CHECK(never.above.at == 64);
  CHECK(*never.below.value == 100);
  const auto small = [](double at) {
    return at < 4 ? Sample{at, std::nullopt, "does not fit"} : Sample{at, 100 / at, ""};
  };
  const Crossing shorter = crossing_of(small, 50, 1, 64, 8);
  CHECK_FALSE(shorter.found);
  CHECK(shorter.below.at == Approx(4).epsilon(1e-3));
  CHECK(shorter.below.at >= 4);
  CHECK(shorter.refusal_low == "does not fit");
  CHECK(shorter.refusal_high.empty());
  CHECK(crossing_of(small, 20, 1, 64, 8).at() == Approx(5).epsilon(1e-5));
}

TEST_CASE("the price at which two are equal follows from the cost of a token") {
  // Cost is linear in the price: p = price now x target / cost now.
  const Catalogue catalogue = tools::program_catalogue();
  Small b200;
  b200.pool = R"("device": "b200_sxm", "cost": {"price": "5 USD/h"})";
  const Field field = field_of(catalogue, {text_of({}), text_of(b200)});
  const Measure measure = measure_called("/cost/usd_per_mtok_output");
  const double a = field.contenders[0].value(measure).value();
  const double b = field.contenders[1].value(measure).value();
  const Knob knob = knob_called("price", field.sheets[1], catalogue);
  CHECK(knob.now == Approx(5));
  const auto cost = [&](double price) {
    return Sample{price, run_contender(knob.turn(field.sheets[1], price), catalogue, 1).value(measure), ""};
  };
  const Crossing crossing = crossing_of(cost, a, knob.low, knob.high, *knob.now);
  REQUIRE(crossing.found);
  CHECK(crossing.at() == Approx(5 * a / b).epsilon(2e-5));
  CHECK(*cost(5).value == b);
}

TEST_CASE("at the bandwidth that is found both are equally fast") {
  const Catalogue catalogue = tools::program_catalogue();
  // Of one client at a time, so that the time of a token is smooth in the bandwidth: no batch changes with it.
  Small h100;
  h100.arrivals = R"({ "process": "closed_loop", "concurrency": 1 })";
  Small h200 = h100;
  h200.pool = R"("device": "h200_sxm")";
  const Field field = field_of(catalogue, {text_of(h100), text_of(h200)});
  const Measure measure = measure_called("/latency/tpot_s/mean");
  const double target = field.contenders[0].value(measure).value();
  const Knob knob = knob_called("bandwidth", field.sheets[1], catalogue);
  CHECK(knob.name == "hbm_bandwidth");
  CHECK(knob.now == 1.0);
  const auto tpot = [&](double factor) {
    return Sample{factor, run_contender(knob.turn(field.sheets[1], factor), catalogue, 1).value(measure), ""};
  };
  const Crossing crossing = crossing_of(tpot, target, knob.low, knob.high, 1);
  REQUIRE(crossing.found);
  CHECK(crossing.at() < 1);
  CHECK(*tpot(crossing.at()).value == Approx(target).epsilon(1e-4));
}

TEST_CASE("a scenario equals itself at what it has") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of({}), text_of({})});
  for (const char* knob : {"price", "power", "bandwidth", "capacity", "compute_rate"}) {
    const Answer answer = break_even_answer(field, knob, "/cost/usd_per_mtok_output");
    INFO(answer.text);
    CHECK(answer.text.find("b equals a at ") != std::string::npos);
    const std::string at = answer.text.substr(answer.text.find(" at ") + 4);
    const std::string value = at.substr(0, at.find(';'));
    CHECK(at.find("now " + value.substr(value.find(' ') + 1)) != std::string::npos);
  }
}

TEST_CASE("knobs that a scenario has not got are refused with the reason") {
  const Catalogue catalogue = tools::program_catalogue();
  Small wafer;
  wafer.pool = R"("device": "cerebras_wse3")";
  const Field field = field_of(catalogue, {text_of({}), text_of(wafer)});
  CHECK(refusal("bandwith", field.sheets[0], catalogue).find("did you mean \"bandwidth\"?") != std::string::npos);
  CHECK(refusal("sram_bandwidth", field.sheets[0], catalogue)
            .find("changes nothing, because no time there belongs to tier sram") != std::string::npos);
  CHECK(refusal("power", field.sheets[1], catalogue).find("has no board power and energy of its work") !=
        std::string::npos);
  Small two;
  two.pool = R"("name": "x", "device": "b200_sxm"}, {"name": "y", "device": "h100_sxm")";
  CHECK(refusal("price", sheet_of("c", text_of(two)), catalogue) ==
        "--break-even: the pools of c are not all on one device");
}
