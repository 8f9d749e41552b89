#include "sim/base/suggest.hpp"

#include <vector>

#include "tests/catch.hpp"

using namespace memwall;

TEST_CASE("the nearest word is found within a third of its letters") {
  const std::vector<std::string> known = {"continuous", "static", "chunked_prefill", "hbm"};
  CHECK(nearest("continous", known) == "continuous");
  CHECK(nearest("contniuous", known) == "continuous");
  CHECK(nearest("STATIC", known) == "static");
  CHECK(nearest("chunked-prefill", known) == "chunked_prefill");
  CHECK(nearest("hmb", known) == "hbm");
  CHECK_FALSE(nearest("dynamic_split", known).has_value());
  CHECK_FALSE(nearest("", known).has_value());
  CHECK_FALSE(nearest("static", {}).has_value());
  CHECK_FALSE(nearest(std::string(100000, 'a'), known).has_value());
}

TEST_CASE("of words that are equally near the first is taken") {
  const std::vector<std::string> known = {"tier_a", "tier_b"};
  CHECK(nearest("tier_c", known) == "tier_a");
  CHECK(suggestion("tier_c", known) == "did you mean \"tier_a\"? known: tier_a, tier_b");
  CHECK(suggestion("something", known) == "known: tier_a, tier_b");
}

TEST_CASE("the beginning of a name suggests the shortest one that begins so") {
  const std::vector<std::string> known = {"a100_sxm_80", "h100_sxm_long", "h100_sxm"};
  CHECK(suggestion("h100", known) == "did you mean \"h100_sxm\"? known: a100_sxm_80, h100_sxm_long, h100_sxm");
  CHECK(suggestion("b1", known) == "known: a100_sxm_80, h100_sxm_long, h100_sxm");
}
