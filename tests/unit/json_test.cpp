#include "sim/config/json.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "sim/config/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/shared.hpp"

using namespace memwall;

namespace {

std::vector<Fault> faults_of(const std::string& text, const json::Options& options = {}) {
  try {
    (void)json::parse(text, "a.json", options);
  } catch (const InputError& error) {
    return error.faults();
  }
  return {};
}

int line_of_fault(const std::string& text) {
  const std::vector<Fault> faults = faults_of(text);
  INFO(text);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].file == "a.json");
  CHECK_FALSE(faults[0].message.empty());
  return faults[0].line;
}

constexpr const char* valid = R"({
  // what it is
  "name": "caf\u00e9 \ud83d\ude00 ü",
  "list": [1, -2.5, 1e3, true,
    false, null, {"deep": [[[]]]}],
  /* two
     lines */ "number": 12
  ,
  "last": 3
}
)";

}  // namespace

TEST_CASE("every value and key knows its line") {
  const json::Tree tree = json::parse(valid, "a.json");
  const json::Node& root = tree.root;
  CHECK(root.line == 1);
  REQUIRE(root.members.size() == 4);
  CHECK(root.members[0].key == "name");
  CHECK(root.members[0].key_line == 3);
  CHECK(root.find("name")->text == "caf\xc3\xa9 \xf0\x9f\x98\x80 \xc3\xbc");
  const json::Node& list = *root.find("list");
  REQUIRE(list.items.size() == 7);
  CHECK(list.line == 4);
  CHECK(list.items[0].line == 4);
  CHECK(list.items[3].line == 4);
  CHECK(list.items[4].line == 5);
  CHECK(list.items[6].find("deep")->line == 5);
  // A number ends only where the next character shows it; here that is the line break.
  CHECK(root.find("number")->line == 7);
  CHECK(root.members[2].key_line == 7);
  CHECK(root.members[3].key_line == 9);
  CHECK(root.find("last")->line == 9);
  CHECK(root.find("absent") == nullptr);
}

TEST_CASE("lines hold for numbers before every kind of line end") {
  for (const std::string end : {"\n", "\r\n", " \n", "\n\n"}) {
    const json::Tree tree = json::parse("[" + end + "1" + end + "," + end + "2.5" + end + "]", "a.json");
    const int step = end == "\n\n" ? 2 : 1;
    CHECK(tree.root.items[0].line == 1 + step);
    CHECK(tree.root.items[1].line == 1 + 3 * step);
  }
}

TEST_CASE("numbers are whole where they are whole") {
  const json::Tree tree =
      json::parse("[7, -7, 1e6, 4.0, 2.5, 9223372036854775807, 9223372036854775808, 1e300, -0]", "a");
  const auto& items = tree.root.items;
  CHECK(items[0].integer == 7);
  CHECK(items[1].integer == -7);
  CHECK(items[2].integer == 1000000);
  CHECK(items[3].integer == 4);
  CHECK_FALSE(items[4].integer.has_value());
  CHECK(items[5].integer == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(items[6].integer.has_value());
  CHECK(items[6].text == "9223372036854775808");
  CHECK_FALSE(items[7].integer.has_value());
  CHECK(items[8].integer == 0);
}

TEST_CASE("text that is no JSON is refused in its line") {
  CHECK(line_of_fault("") == 1);
  CHECK(line_of_fault(" \n\n ") == 1);
  CHECK(line_of_fault("{\n\"a\": 1\n\"b\": 2}") == 3);
  CHECK(line_of_fault("{\n\"a\": 1,\n}") == 3);
  CHECK(line_of_fault("{\n\"a\": [1,\n2") == 3);
  CHECK(line_of_fault("{\n\"a\": \"cut") == 2);
  CHECK(line_of_fault("{\n\"a\": \"cut\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": tru\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": 01\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": 1.\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": +1\n}") == 2);
  CHECK(line_of_fault("{}\n{}") == 2);
  CHECK(line_of_fault("{\n\"a\": 1e999\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": 1e-999\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": \"\\q\"\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": \"\\ud800\"\n}") == 2);
  CHECK(line_of_fault("{\n\"a\": Infinity\n}") == 2);
  CHECK(line_of_fault("{ /* open\n\n") == 2);
  CHECK(line_of_fault("{\n'a': 1}") == 2);
}

TEST_CASE("bytes that are not UTF-8 are refused wherever they stand") {
  CHECK(line_of_fault("{\n\"a\": \"\xff\"}") == 2);
  CHECK(line_of_fault("{\n// caf\xe9\n}") == 2);
  CHECK(line_of_fault(std::string("{}\n\0{\"a\": 1}", 12)) == 2);
  CHECK(line_of_fault("\xff\xfe{") == 1);
  CHECK(first_non_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 10);
  CHECK(first_non_utf8("a\xc0\x80") == 1);         // overlong
  CHECK(first_non_utf8("\xed\xa0\x80") == 0);      // surrogate
  CHECK(first_non_utf8("\xf4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(first_non_utf8("\xe0\x9f\xbf") == 0);      // overlong
  CHECK(first_non_utf8("ab\xe2\x82") == 2);        // cut
  CHECK(json::parse("\xef\xbb\xbf{}", "a").root.kind == json::Kind::object);
}

TEST_CASE("every key that stands twice is named") {
  const std::vector<Fault> faults = faults_of("{\"a\": 1,\n\"b\": 2,\n\"a\": {\"x\": 1,\n\"x\": 2},\n\"\\u0061\": 3}");
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].line == 3);
  CHECK(faults[1].line == 4);
  CHECK(faults[2].line == 5);
}

TEST_CASE("depth and length have limits") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(faults_of(nested(64)).empty());
  CHECK(faults_of(nested(65)).size() == 1);
  CHECK(faults_of(std::string(1000000, '[')).size() == 1);
  CHECK(faults_of("[1, 2]", {.max_bytes = 6}).empty());
  CHECK(faults_of("[1, 2] ", {.max_bytes = 6}).size() == 1);
}

TEST_CASE("an object of many keys is read in linear order") {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  CHECK(json::parse(text + "}", "a").root.members.size() == 200000);
  CHECK(faults_of(text + ",\"77\":1}").size() == 1);
}

TEST_CASE("lenient mode reads Python's bare words and says so") {
  const std::string text =
      "{\"limit\": [0.0, Infinity],\n\"low\": -Infinity, // NaN\n\"text\": \"NaN \\\" Infinity\",\n\"x\": NaN}";
  CHECK(faults_of(text).size() == 1);
  const json::Tree tree = json::parse(text, "a.json", {.lenient = true});
  CHECK(tree.root.find("limit")->items[1].number == std::numeric_limits<double>::infinity());
  CHECK(tree.root.find("low")->number == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(tree.root.find("x")->number));
  CHECK(tree.root.find("x")->kind == json::Kind::number);
  CHECK(tree.root.find("text")->text == "NaN \" Infinity");
  REQUIRE(tree.remarks.size() == 3);
  CHECK(tree.remarks[0] == "a.json:1: Infinity is not JSON; read as Python means it");
  CHECK(tree.remarks[2] == "a.json:4: NaN is not JSON; read as Python means it");
  CHECK(json::parse("[null, NaN, null]", "a", {.lenient = true}).root.items[2].kind == json::Kind::null);
  CHECK(faults_of("{\"a\": Infinityy}", {.lenient = true}).size() == 1);
  CHECK(faults_of("{\"a\": \"\\", {.lenient = true}).size() == 1);
}

TEST_CASE("files that cannot be read are refused by path") {
  namespace fs = std::filesystem;
  const auto refused = [](const fs::path& path, const json::Options& options = {}) {
    try {
      (void)json::load(path, options);
    } catch (const InputError& error) {
      CHECK(error.faults().size() == 1);
      CHECK(error.faults().at(0).file == path.string());
      return error.faults().at(0).message;
    }
    return std::string();
  };
  const fs::path folder = fs::path(MEMWALL_BINARY_DIR) / "json_test";
  fs::create_directories(folder);
  CHECK(refused(folder / "absent.json") == "no such file; check the path");
  CHECK(refused(folder) == "this is a folder; name a JSON file in it");
  std::ofstream(folder / "empty.json").flush();
  CHECK(refused(folder / "empty.json") == "the file is empty; write one JSON object");
  std::ofstream(folder / "long.json") << "[1, 2, 3]";
  CHECK(refused(folder / "long.json", {.max_bytes = 5}).find("longer than 5 bytes") != std::string::npos);
  CHECK(json::load(folder / "long.json").root.items.size() == 3);
  // A device without an end must not be read without one.
  if (fs::exists("/dev/zero")) CHECK(refused("/dev/zero", {.max_bytes = 100000}).find("longer") != std::string::npos);
  fs::remove_all(folder);
}

TEST_CASE("damaged documents parse or are refused, and nothing else") {
  int parsed = 0;
  int refused = 0;
  std::set<std::string> messages;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    std::string text = valid;
    const auto draw = [i](std::uint64_t stream, std::size_t most) -> std::size_t {
      return random_bits({.seed = 3, .stream = stream, .request = i}) % (most + 1);
    };
    const std::size_t changes = 1 + draw(1, 3);
    for (std::size_t c = 0; c < changes; ++c) {
      const std::size_t at = draw(10 + c, text.size() - 1);
      const char byte = static_cast<char>(draw(20 + c, 255));
      constexpr std::string_view marks = "{}[]\",:/*\\\n-.e0N";
      switch (draw(30 + c, 4)) {
        case 0: text[at] = byte; break;
        case 1: text[at] = static_cast<char>(text[at] ^ (1 << draw(40 + c, 7))); break;
        case 2: text.insert(at, 1, marks[draw(50 + c, marks.size() - 1)]); break;
        case 3: text.erase(at, 1 + draw(60 + c, 5)); break;
        default: text.resize(at + 1); break;
      }
    }
    const json::Options options{.lenient = i % 2 == 0};
    try {
      const json::Tree tree = json::parse(text, "a.json", options);
      CHECK(tree.root.line >= 1);
      ++parsed;
    } catch (const InputError& error) {
      ++refused;
      const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
      for (const Fault& fault : error.faults()) {
        INFO(fault.text());
        CHECK(fault.line >= 1);
        CHECK(fault.line <= lines);
        CHECK(first_non_utf8(fault.message) == fault.message.size());
        messages.insert(fault.message);
      }
    }
  }
  CHECK(parsed > 100);
  CHECK(refused > 1000);
  CHECK(messages.size() > 20);
}

TEST_CASE("Hugging Face configs are read leniently") {
  const auto folder = test::shared("json_test: Hugging Face configs");
  if (!folder || !std::filesystem::is_directory(*folder / "model_configs")) return;
  std::size_t files = 0;
  std::size_t remarks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder / "model_configs")) {
    if (entry.path().extension() != ".json") continue;
    const json::Tree tree = json::load(entry.path(), {.lenient = true});
    CHECK(tree.root.kind == json::Kind::object);
    ++files;
    remarks += tree.remarks.size();
  }
  CHECK(files > 40);
  CHECK(remarks > 0);
}
