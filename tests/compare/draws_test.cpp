// Numbers that are known within a range, drawn from it.
#include "tools/compare/draws.hpp"

#include <cmath>
#include <fstream>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "tests/catch.hpp"
#include "tests/compare/field.hpp"
#include "tools/compare/metric.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::compare;

namespace {

const Measure dollars = measure_called("/cost/usd_per_mtok_output");

RangedNumber number_called(const std::string& name, double low, double high, const std::string& high_text) {
  return {"x", "/" + name, low, high, high_text, false};
}

std::vector<std::optional<double>> values(std::initializer_list<double> list) { return {list.begin(), list.end()}; }

}  // namespace

TEST_CASE("rank correlations of small lists are those by hand") {
  CHECK(rank_correlation({1, 2, 3, 4}, {10, 20, 30, 40}) == Approx(1));
  CHECK(rank_correlation({1, 2, 3, 4}, {4, 3, 2, 1}) == Approx(-1));
  // Spearman: 1 - 6 sum d^2 / (n (n^2 - 1)), with d = 1, -1, 0, 0.
  CHECK(rank_correlation({1, 2, 3, 4}, {2, 1, 3, 4}) == Approx(1 - 6.0 * 2 / (4 * 15)));
  CHECK(rank_correlation({1, 2, 3, 4}, {5, 5, 5, 5}) == 0);
  // Ranks 0 1 2 3 against 0.5 0.5 2.5 2.5: 4 / sqrt(5 x 4).
  CHECK(rank_correlation({1, 2, 3, 4}, {-1, -1, 1, 1}) == Approx(4 / std::sqrt(20.0)));
  CHECK_THROWS_AS(rank_correlation({1}, {1, 2}), LogicError);
}

TEST_CASE("a verdict counts draws, and the number that separates wins from losses decides") {
  const std::vector<RangedNumber> numbers = {number_called("noise", 1, 2, "2 W"), number_called("cause", 1, 2, "2 W")};
  const std::vector<std::vector<double>> shares = {{0.9, 0.6, 0.8, 0.7, 0.5}, {0.9, 0.8, 0.6, 0.5, 0.7}};
  Duel verdict = verdict_of(values({1, 1, 1, 1, 1}), values({2, 2, 0.5, 0.5, 1}), false, numbers, shares);
  CHECK(verdict.wins == 2);
  CHECK(verdict.losses == 2);
  CHECK(verdict.ties == 1);
  CHECK_FALSE(verdict.decided);
  CHECK(verdict.influences.front().number == numbers[1]);
  CHECK(verdict.influences.front().correlation < -0.9);
  verdict = verdict_of(values({1, 1, 1, 1, 1}), values({2, 2, 0.5, 0.5, 1}), true, numbers, shares);
  CHECK(verdict.wins == 2);
  CHECK(verdict.influences.front().correlation > 0.9);
  std::vector<std::optional<double>> second = values({3, 2, 2, 2, 2});
  second[1].reset();
  verdict = verdict_of(values({1, 1, 1, 1, 1}), second, true, numbers, shares);
  CHECK(verdict.refused == 1);
  CHECK(verdict.draws() == 4);
  CHECK(verdict.decided);
}

TEST_CASE("draws stay inside of their range, and are log-uniform where it begins above zero") {
  const RangedNumber price = number_called("price", 1.3, 6.88, "6.88 USD/h");
  const RangedNumber time = number_called("time", 0, 96e-6, "96 us");
  int lower_price = 0;
  int lower_time = 0;
  constexpr int count = 4000;
  for (std::uint64_t draw = 0; draw < count; ++draw) {
    const double share = Draw{1, draw, {}}.share(price);
    CHECK(share >= 1.3 / 6.88);
    CHECK(share <= 1);
    lower_price += share * 6.88 < std::sqrt(1.3 * 6.88) ? 1 : 0;
    lower_time += Draw{1, draw, {}}.share(time) < 0.5 ? 1 : 0;
  }
  // Half of them, to four standard deviations of a binomial.
  CHECK(std::abs(lower_price - count / 2) < 4 * std::sqrt(count / 4.0));
  CHECK(std::abs(lower_time - count / 2) < 4 * std::sqrt(count / 4.0));
  CHECK(Draw{1, 5, {}}.share(price) == Draw{1, 5, {}}.share(price));
  CHECK(Draw{1, 5, {}}.share(price) != Draw{2, 5, {}}.share(price));
  CHECK(Draw{1, 5, {}}.share(price) != Draw{1, 6, {}}.share(price));
  CHECK(drawn_text(time, 0.5) == "48 us");
  CHECK(units::parse(drawn_text(price, 0.25), DollarsPerSecond::dimension).value == Approx(6.88 / 4 / 3600));
}

TEST_CASE("a scenario against itself is equal in every draw") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of({}), text_of({})});
  const Draws draws = draw_all(field, 10, dollars);
  CHECK(draws.numbers.size() > 5);
  REQUIRE(draws.verdicts.size() == 1);
  CHECK(draws.verdicts[0].ties == 10);
  for (const double ratio : draws.verdicts[0].ratios) CHECK(ratio == 1);
  CHECK(sentence_of(draws.verdicts[0]) == "a and b are equal in every one of 10 draws");
  // The draws did change something.
  CHECK(draws.values[0][0] != draws.values[0][1]);
}

TEST_CASE("a price that is drawn wins as often as its range says, and is what decides") {
  // a states 3 USD/h, b draws from 1.3 to 6.88 log-uniformly, and everything else they share: b is cheaper with
  // probability log(3 / 1.3) / log(6.88 / 1.3), whatever the other draws are.
  const Catalogue catalogue = tools::program_catalogue();
  Small stated;
  stated.pool = R"("device": "h100_sxm", "device_values": {"/price": {"value": "3 USD/h"}})";
  const Field field = field_of(catalogue, {text_of(stated), text_of({})});
  constexpr std::size_t count = 200;
  const Draws draws = draw_all(field, count, dollars);
  const Duel& verdict = draws.verdicts.front();
  const double chance = std::log(3 / 1.3) / std::log(6.88 / 1.3);
  const double spread = std::sqrt(chance * (1 - chance) * count);
  CHECK(std::abs(static_cast<double>(verdict.wins) - chance * count) < 4 * spread);
  CHECK(verdict.wins + verdict.losses == count);
  REQUIRE_FALSE(verdict.influences.empty());
  CHECK(verdict.influences.front().number.name() == "price of h100_sxm");
  CHECK(verdict.influences.front().correlation < -0.8);
  CHECK(sentence_of(verdict).find("decided by price of h100_sxm (rank correlation -0.") != std::string::npos);
}

TEST_CASE("counts are drawn as counts, and every device of the catalogue runs under its draws") {
  const Catalogue catalogue = tools::program_catalogue();
  Small lpu;
  lpu.pool = R"("device": "groq_lpu_v1")";
  const OpenNumbers open = open_numbers(sheet_of("a", text_of(lpu)), catalogue);
  const auto slots = std::find_if(open.ranged.begin(), open.ranged.end(), [](const RangedNumber& each) {
    return each.pointer == "/fabric/prompt_slot_tokens";
  });
  REQUIRE(slots != open.ranged.end());
  CHECK(slots->whole);
  CHECK_FALSE(open.ranged.front().whole);
  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    const double tokens = Draw{1, draw, {}}.share(*slots) * 16;
    CHECK(tokens == std::round(tokens));
    CHECK(drawn_text(*slots, tokens / 16) == std::to_string(static_cast<int>(tokens)));
  }
  for (const std::string& device : catalogue.device_names()) {
    INFO(device);
    Small small;
    small.pool = "\"device\": \"" + device + R"(", "engine": {"max_model_len": 4096})";
    const Sheet sheet = sheet_of("a", text_of(small));
    const OpenNumbers numbers = open_numbers(sheet, catalogue);
    CHECK(numbers.boundless.empty());
    if (!run_contender(sheet, catalogue, 1).refusal.empty()) continue;
    for (std::uint64_t draw = 0; draw < 3; ++draw) {
      const Draw drawn = consistent_draw(1, draw, numbers.devices, catalogue);
      const std::string refusal = run_contender(with_draw(sheet, numbers.ranged, drawn), catalogue, 1).refusal;
      INFO(refusal);
      const bool runs_or_does_not_fit = refusal.empty() || refusal.find("does not fit") != std::string::npos;
      CHECK(runs_or_does_not_fit);
    }
  }
}

TEST_CASE("a draw is what the device is built with") {
  const Catalogue catalogue = tools::program_catalogue();
  Small sohu;
  sohu.pool = R"("device": "etched_sohu")";
  const Field field = field_of(catalogue, {text_of({}), text_of(sohu)});
  const OpenNumbers open = open_numbers(field.sheets[1], catalogue);
  const auto bandwidth = std::find_if(open.ranged.begin(), open.ranged.end(),
                                      [](const RangedNumber& each) { return each.pointer == "/bandwidth"; });
  REQUIRE(bandwidth != open.ranged.end());
  CHECK(bandwidth->low == Approx(4.8e12));
  CHECK(bandwidth->high == Approx(6.03e12));
  const Sheet drawn = with_draw(field.sheets[1], {*bandwidth}, Draw{1, 3, {}});
  const LoadedScenario loaded = load_scenario(drawn, catalogue);
  const Built built = build(loaded.scenario, catalogue, loaded.build);
  const double value = built.pools.front().device->info().bandwidth.value.value;
  CHECK(value == Approx(6.03e12 * Draw{1, 3, {}}.share(*bandwidth)).epsilon(1e-12));
}

TEST_CASE("a placeholder without a range declares no winner") {
  const Catalogue catalogue = tools::program_catalogue();
  Document device = Document::parse(catalogue.device_text("h100_sxm", {}), "h100_sxm.json");
  device.set({"/power/basis=placeholder"});
  const std::string path = std::string(MEMWALL_BINARY_DIR) + "/boundless.json";
  std::string text;
  JsonWriter(text).value(device.root()).finish();
  std::ofstream(path) << text;
  Small own;
  own.pool = "\"device\": \"" + path + "\"";
  const Field field = field_of(catalogue, {text_of({}), text_of(own)});
  const Draws draws = draw_all(field, 3, dollars);
  REQUIRE(draws.verdicts.size() == 1);
  CHECK(sentence_of(draws.verdicts[0]) ==
        "no winner of a and b: power of " + path + " is a placeholder without a range");
  CHECK(draws_answer(field, draws).text.find("wins") == std::string::npos);
}
