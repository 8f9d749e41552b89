// Lengths as the command line gives them.
#include "tools/price/contexts.hpp"

#include "sim/base/error.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using namespace memwall::tools::price;

namespace {

std::string refusal(const std::string& text) {
  try {
    (void)read_contexts(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("ranges and lists of lengths") {
  CHECK(read_contexts("4k,32k,1.5k") == std::vector<std::int64_t>{1500, 4000, 32000});
  CHECK(read_contexts("1k:5k:5") == std::vector<std::int64_t>{1000, 2000, 3000, 4000, 5000});
  CHECK(read_contexts("1k:1M:4:log") == std::vector<std::int64_t>{1000, 10000, 100000, 1000000});
  CHECK(read_contexts("1k:1M:31:log").size() == 31);
  CHECK(tokens_text(200e3) == "200k");
  CHECK(tokens_text(1048576) == "1.049M");
}

TEST_CASE("wrong lengths are told with what would be right") {
  const std::string right = "; right are 1k:1M:31:log, 1k:1M:31 and 4k,32k,200k (k = 1,000, M = 1,000,000)";
  CHECK(refusal("1k:1M") == "--contexts 1k:1M: a range is FROM:TO:HOW_MANY or FROM:TO:HOW_MANY:log" + right);
  CHECK(refusal("5k:1k:3") == "--contexts 5k:1k:3: the range does not rise" + right);
  CHECK(refusal("1k:2k:1") == "--contexts 1k:2k:1: a range has 2 to 10,000 lengths, not \"1\"" + right);
  CHECK(refusal("0") == "--contexts 0: \"0\" is no whole number of tokens from 1 to 1,000M" + right);
  CHECK(refusal("12x") == "--contexts 12x: \"12x\" is no whole number of tokens from 1 to 1,000M" + right);
}
