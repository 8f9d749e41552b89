#include "sim/config/json_writer.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;

TEST_CASE("objects and lists in the order given, indented by two") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("schema", 1).member("name", "a \"b\"\n\t\x01 \xc3\xbc\\");
  writer.key("list").begin_list().value(0.1).value(true).null().begin_object().end_object().end_list();
  writer.key("empty").begin_list().end_list();
  writer.member("most", std::numeric_limits<std::uint64_t>::max())
      .member("least", std::numeric_limits<std::int64_t>::min());
  writer.end_object().finish();
  CHECK(out ==
        "{\n  \"schema\": 1,\n  \"name\": \"a \\\"b\\\"\\n\\t\\u0001 \xc3\xbc\\\\\",\n  \"list\": [\n    0.1,\n    "
        "true,\n"
        "    null,\n    {}\n  ],\n  \"empty\": [],\n  \"most\": 18446744073709551615,\n  \"least\": "
        "-9223372036854775808\n}\n");
}

TEST_CASE("doubles read back as the same bits") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_list();
  std::vector<double> values = {0, -0.0, 1e22, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3};
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::uint64_t bits = random_bits({.request = i});
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) values.push_back(value);
  }
  for (const double value : values) writer.value(value);
  writer.end_list().finish();
  const json::Tree tree = json::parse(out, "out");
  REQUIRE(tree.root.items.size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(tree.root.items[i].number == values[i]);
}

TEST_CASE("a document that was read is written as it was") {
  const std::string text =
      "{\n  \"z\": [\n    1,\n    2.5,\n    null\n  ],\n  \"a\": {\n    \"t\": \"x\",\n    \"b\": false\n  }\n}\n";
  std::string out;
  JsonWriter writer(out);
  writer.value(json::parse(text, "a").root).finish();
  CHECK(out == text);
}

TEST_CASE("long documents are handed on in pieces") {
  std::size_t pieces = 0;
  std::size_t bytes = 0;
  JsonWriter writer([&](std::string_view piece) {
    ++pieces;
    bytes += piece.size();
  });
  writer.begin_list();
  for (int i = 0; i < 100000; ++i) writer.value(i);
  writer.end_list().finish();
  CHECK(pieces > 10);
  CHECK(bytes > 800000);
}

TEST_CASE("what JSON cannot hold is refused") {
  std::string out;
  CHECK_THROWS_AS(JsonWriter(out).value(std::nan("")), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).value(std::numeric_limits<double>::infinity()), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).value("\xff"), InputError);
  CHECK_THROWS_AS(JsonWriter(out).begin_object().value(1), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).begin_list().key("a"), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).begin_list().end_object(), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).begin_object().key("a").end_object(), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).begin_object().key("a").key("b"), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).begin_list().finish(), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).finish(), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).value(1).value(2), LogicError);
  CHECK_THROWS_AS(JsonWriter(out).end_list(), LogicError);
}
