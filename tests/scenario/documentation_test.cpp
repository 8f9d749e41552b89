// docs/scenario.md lists the keys that the reader accepts. MEMWALL_UPDATE=1 writes the list anew.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "sim/config/schema.hpp"
#include "tests/catch.hpp"
#include "tests/scenario/program.hpp"

using namespace memwall;

namespace {

const std::string page = std::string(MEMWALL_SOURCE_DIR) + "/docs/scenario.md";
const std::string begin_mark = "<!-- keys: begin (memwall run --schema-markdown) -->\n";
const std::string end_mark = "<!-- keys: end -->\n";

std::string content() {
  std::ifstream stream(page, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("the page of scenarios lists the keys that are accepted") {
  const Catalogue catalogue = test::catalogue();
  const Schema schema = describe([&](Reader& reader) { (void)read_scenario(reader, catalogue, {}); });
  std::string text = content();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  REQUIRE(begin < end);
  const std::size_t from = begin + begin_mark.size();
  const std::string expected = "\n" + schema.markdown() + "\n";
  if (std::getenv("MEMWALL_UPDATE") != nullptr) {
    text.replace(from, end - from, expected);
    std::ofstream(page, std::ios::binary) << text;
    text = content();
  }
  INFO("run the tests with MEMWALL_UPDATE=1 to write docs/scenario.md anew");
  CHECK(text.substr(from, text.find(end_mark) - from) == expected);
}

TEST_CASE("defaults that depend on the device are not printed as fixed ones") {
  const Catalogue catalogue = test::catalogue();
  const std::string keys = describe([&](Reader& reader) { (void)read_scenario(reader, catalogue, {}); }).markdown();
  for (const std::string key : {"max_num_seqs", "max_num_batched_tokens", "max_model_len", "num_gpu_blocks_override"}) {
    const std::size_t row = keys.find("| `" + key + "` |");
    INFO(key);
    REQUIRE(row != std::string::npos);
    CHECK(keys.substr(row, keys.find('\n', row) - row).find("| none |") != std::string::npos);
  }
  for (const std::string reserved : {"`tiers`", "`faults`", "`groups`", "`pipeline`"}) {
    INFO(reserved);
    CHECK(keys.find("| " + reserved + " |") == std::string::npos);
  }
}
