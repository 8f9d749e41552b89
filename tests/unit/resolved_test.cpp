// What a document answered, as a document: reading it again answers the same.
#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "sim/config/json_writer.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

std::string resolved(const std::string& text, const std::function<void(Reader&)>& read) {
  std::string out;
  JsonWriter(out).value(Document::parse(text, "s.json").read(read).resolved).finish();
  out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == '\n' || c == ' '; }), out.end());
  return out;
}

void read_all(Reader& r) {
  (void)r.integer("whole", {.fallback = 5}, "");
  (void)r.optional_integer("perhaps", {.low = 3}, "");
  (void)r.number("real", {.fallback = 0.1}, "");
  (void)r.boolean("flag", true, "");
  (void)r.text("name", "n", "");
  (void)r.choice("policy", {{"p", ""}, {"q", ""}}, 1, "");
  (void)r.optional_choice("format", {{"a", ""}, {"b", ""}}, "");
  (void)r.quantity<Seconds>("delay", "2ms", "");
  (void)r.optional_quantity<Seconds>("limit", "");
  r.variant("kind",
            {{"x", "", [](Reader& v) { (void)v.integer("of_x", {.fallback = 1}, ""); }},
             {"y", "", [](Reader& v) { (void)v.integer("of_y", {.fallback = 2}, ""); }}},
            0, "");
  r.object("inner", false, "", [](Reader& o) { (void)o.integer("deep", {.fallback = 7}, ""); });
  r.object("nothing", false, "", [](Reader& o) { (void)o.optional_quantity<Seconds>("t", ""); });
  r.list("items", false, "", [](Reader& o) { (void)o.integer("n", {.fallback = 9}, ""); });
  r.map("named", false, "", [](const std::string&, Reader& o) { (void)o.boolean("on", false, ""); });
  (void)r.integer_or_object("length", {.fallback = 8}, "", [](Reader& o) { (void)o.integer("low", {.low = 1}, ""); });
  (void)r.numbers("grid", false, "");
  (void)r.texts("words", false, "");
  (void)r.quantities<Seconds>("times", false, "");
}

}  // namespace

TEST_CASE("an empty document resolves to its fallbacks in the order of declaration") {
  CHECK(resolved("{}", read_all) ==
        R"({"whole":5,"real":0.1,"flag":true,"name":"n","policy":"q","delay":"2ms","kind":"x","of_x":1,)"
        R"("inner":{"deep":7},"length":8})");
}

TEST_CASE("what a document says is kept as it is written, in the order of declaration") {
  const std::string text =
      R"({"times":["1.50ms"],"words":["w"],"grid":[1,2.50],"length":{"low":4},"named":{"b":{},"a":{"on":true}},)"
      R"("items":[{},{"n":1}],"inner":{"deep":0},"kind":"y","limit":"0.10s","delay":"3us","format":"b","policy":"p",)"
      R"("flag":false,"real":2,"perhaps":6,"whole":0})";
  const std::string once = resolved(text, read_all);
  CHECK(once == R"({"whole":0,"perhaps":6,"real":2,"flag":false,"name":"n","policy":"p","format":"b","delay":"3us",)"
                R"("limit":"0.10s","kind":"y","of_y":2,"inner":{"deep":0},"items":[{"n":9},{"n":1}],)"
                R"("named":{"b":{"on":false},"a":{"on":true}},"length":{"low":4},"grid":[1,2.5],"words":["w"],)"
                R"("times":["1.50ms"]})");
  CHECK(resolved(once, read_all) == once);
}

TEST_CASE("sourced values are kept with their source") {
  const std::string text = R"({"b":{"value":"3TB/s","basis":"vendor","source":"s","low":"2TB/s","high":"4TB/s"}})";
  CHECK(resolved(text, [](Reader& r) { (void)r.sourced<BytesPerSecond>("b", ""); }) == text);
  const std::string block = R"({"table":{"basis":"measured","source":"fit"}})";
  CHECK(resolved(block, [](Reader& r) {
          r.object("table", true, "", [](Reader& o) { (void)o.sourced_block("knots"); });
        }) == block);
}

TEST_CASE("a reserved key is refused once, and only where it stands") {
  const auto read = [](Reader& r) {
    r.reserve("later", std::nullopt, "not yet");
    r.reserve("role", "draft", "not this role yet");
    (void)r.choice("role", {{"mixed", ""}}, 0, "");
  };
  CHECK(resolved("{}", read) == R"({"role":"mixed"})");
  std::vector<Fault> faults;
  try {
    (void)Document::parse(R"({"later": [], "role": "draft"})", "s.json").read(read);
  } catch (const InputError& error) {
    faults = error.faults();
  }
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].pointer == "/later");
  CHECK(faults[0].message == "not yet");
  CHECK(faults[1].message == "not this role yet");
}
