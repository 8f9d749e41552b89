#include "sim/config/json_reader.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/config/json_override.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

std::vector<Fault> faults_of(const std::string& text, const std::function<void(Reader&)>& read,
                             const std::vector<std::string>& edits = {}) {
  try {
    Document document = Document::parse(text, "s.json");
    document.set(edits);
    document.read(read);
  } catch (const InputError& error) {
    return error.faults();
  }
  return {};
}

std::vector<std::string> pointers(const std::vector<Fault>& faults) {
  std::vector<std::string> out;
  for (const Fault& fault : faults) out.push_back(fault.pointer);
  return out;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("each kind of key is read") {
  const std::string text = R"({
    "whole": 7, "real": 2.5, "flag": true, "name": "a", "policy": "static", "bandwidth": "3.35 TB/s",
    "object": {"x": 1}, "list": [{"x": 1}, {"x": 2}], "map": {"b": {"x": 3}, "a": {"x": 4}},
    "numbers": [1, 2.5], "texts": ["p", "q"], "times": ["1 ms", "2 s"], "length": 512, "other": {"x": 9}
  })";
  read_text(text, "s.json", [](Reader& r) {
    CHECK(r.integer("whole", {}, "") == 7);
    CHECK(r.number("real", {}, "") == 2.5);
    CHECK(r.boolean("flag", false, ""));
    CHECK(r.text("name", std::nullopt, "") == "a");
    CHECK(r.choice("policy", {{"continuous", ""}, {"static", ""}}, std::nullopt, "") == 1);
    CHECK(r.quantity<BytesPerSecond>("bandwidth", std::nullopt, "").value == 3.35e12);
    CHECK(r.optional_quantity<Seconds>("absent", "") == std::nullopt);
    std::int64_t x = 0;
    r.object("object", true, "", [&](Reader& o) { x = o.integer("x", {}, ""); });
    CHECK(x == 1);
    std::vector<std::int64_t> xs;
    CHECK(r.list("list", true, "", [&](Reader& o) { xs.push_back(o.integer("x", {}, "")); }) == 2);
    CHECK(xs == std::vector<std::int64_t>{1, 2});
    Strings names;
    r.map("map", true, "", [&](const std::string& name, Reader& o) {
      names.push_back(name);
      CHECK(o.integer("x", {}, "") == (name == "b" ? 3 : 4));
    });
    CHECK(names == Strings{"b", "a"});
    CHECK(r.numbers("numbers", true, "") == std::vector<double>{1, 2.5});
    CHECK(r.texts("texts", true, "") == Strings{"p", "q"});
    CHECK(r.quantities<Seconds>("times", true, "").at(1).value == 2);
    CHECK(r.integer_or_object("length", {}, "", [](Reader&) { FAIL("there is no object"); }) == 512);
    CHECK(r.integer_or_object("other", {}, "", [&](Reader& o) { x = o.integer("x", {}, ""); }) == std::nullopt);
    CHECK(x == 9);
  });
}

TEST_CASE("absent keys take their fallbacks") {
  read_text("{}", "s.json", [](Reader& r) {
    CHECK(r.integer("a", {.fallback = 5}, "") == 5);
    CHECK(r.number("b", {.fallback = 0.5}, "") == 0.5);
    CHECK(r.boolean("c", true, ""));
    CHECK(r.text("d", "x", "") == "x");
    CHECK(r.choice("e", {{"p", ""}, {"q", ""}}, 1, "") == 1);
    CHECK(r.quantity<Seconds>("f", "2 ms", "").value == 2e-3);
    std::int64_t x = 0;
    r.object("g", false, "", [&](Reader& o) { x = o.integer("x", {.fallback = 3}, ""); });
    CHECK(x == 3);
    CHECK(r.list("h", false, "", [](Reader&) { FAIL("there is no item"); }) == 0);
    r.map("i", false, "", [](const std::string&, Reader&) { FAIL("there is no member"); });
    CHECK(r.numbers("j", false, "").empty());
    CHECK(r.integer_or_object("k", {.fallback = 4}, "", [](Reader&) {}) == 4);
    std::size_t read = 9;
    CHECK(r.variant("l", {{"p", "", [&](Reader&) { read = 0; }}, {"q", "", [&](Reader&) { read = 1; }}}, 1, "") == 1);
    CHECK(read == 1);
    CHECK_FALSE(r.has("a"));
  });
}

TEST_CASE("a tag opens the keys of its variant and no others") {
  const auto read = [](Reader& r) {
    r.variant("process",
              {{"poisson", "", [](Reader& v) { (void)v.quantity<PerSecond>("rate", std::nullopt, ""); }},
               {"closed_loop", "", [](Reader& v) { (void)v.integer("concurrency", {}, ""); }}},
              std::nullopt, "");
  };
  CHECK(faults_of(R"({"process": "poisson", "rate": "2 /s"})", read).empty());
  CHECK(pointers(faults_of(R"({"process": "closed_loop", "rate": "2 /s"})", read)) == Strings{"/concurrency", "/rate"});
  // Which keys belong to an unknown tag is unknown: one fault, not three.
  CHECK(pointers(faults_of(R"({"process": "poison", "rate": "2 /s", "x": 1})", read)) == Strings{"/process"});
  CHECK(pointers(faults_of(R"({"rate": "2 /s"})", read)) == Strings{"/process"});
}

TEST_CASE("a key that was only asked after is unknown") {
  const auto faults = faults_of(R"({"a": 1})", [](Reader& r) { CHECK(r.has("a")); });
  CHECK(pointers(faults) == Strings{"/a"});
}

TEST_CASE("a missing or wrong object is one fault, and its reading goes on") {
  const auto read = [](Reader& r) {
    int calls = 0;
    r.object("engine", true, "", [&](Reader& o) {
      ++calls;
      CHECK(o.integer("seqs", {.low = 1}, "") == 1);
      CHECK(o.quantity<Seconds>("time", std::nullopt, "").value > 0);
      (void)o.text("name", std::nullopt, "");
      o.list("groups", true, "", [](Reader&) {});
      o.object("inner", true, "", [&](Reader&) { ++calls; });
      o.fault("seqs", "follows from the missing object");
    });
    CHECK(calls == 2);
  };
  CHECK(pointers(faults_of("{}", read)) == Strings{"/engine"});
  CHECK(pointers(faults_of(R"({"engine": 3})", read)) == Strings{"/engine"});
  CHECK(pointers(faults_of(R"({"engine": null})", read)) == Strings{"/engine"});
}

TEST_CASE("sourced values carry where they come from") {
  const std::string text = R"({
    "bandwidth": {"value": "3.35 TB/s", "basis": "vendor", "source": "datasheet"},
    "efficiency": {"value": 0.9, "basis": "measured", "source": "fit", "low": 0.85, "high": 0.95},
    "table": {"basis": "estimate", "source": "arithmetic"}
  })";
  const std::vector<Provenance> provenance = read_text(text, "d.json", [](Reader& r) {
    const auto bandwidth = r.sourced<BytesPerSecond>("bandwidth", "");
    CHECK(bandwidth.value.value == 3.35e12);
    CHECK(bandwidth.basis == Basis::vendor);
    CHECK(bandwidth.source == "datasheet");
    CHECK_FALSE(bandwidth.range.has_value());
    const auto efficiency = r.sourced_number("efficiency", "");
    CHECK(efficiency.value == 0.9);
    REQUIRE(efficiency.range.has_value());
    CHECK(efficiency.range->high == 0.95);
    r.object("table", true, "", [](Reader& o) { CHECK(o.sourced_block("11 knots").basis == Basis::estimate); });
    CHECK(r.provenance().size() == 3);
  });
  REQUIRE(provenance.size() == 3);
  CHECK(provenance[0].name == "/bandwidth");
  CHECK(provenance[0].value == "3.35 TB/s");
  CHECK(provenance[1].value == "0.9");
  CHECK(provenance[2].name == "/table");
  CHECK(provenance[2].value == "11 knots");

  const auto read = [](Reader& r) { (void)r.sourced<Seconds>("t", ""); };
  CHECK(pointers(faults_of(R"({"t": "2 ms"})", read)) == Strings{"/t"});
  CHECK(pointers(faults_of(R"({"t": {}})", read)) == Strings{"/t/value", "/t/basis", "/t/source"});
  CHECK(pointers(faults_of(R"({"t": {"value": 2, "basis": "guess", "source": " ", "nota": 1}})", read)) ==
        Strings{"/t/basis", "/t/source", "/t/value", "/t/nota"});
  CHECK(pointers(faults_of(R"({"t": {"value": "2 s", "basis": "vendor", "source": "x", "low": "1 s"}})", read)) ==
        Strings{"/t/low"});
  CHECK(pointers(faults_of(R"({"t": {"value": "2 s", "basis": "vendor", "source": "x", "low": "3 s", "high": "4 s"}})",
                           read)) == Strings{"/t/value"});
}

TEST_CASE("what a callback throws is told with the faults of the document") {
  const auto faults =
      faults_of("{\n\"x\": 1}", [](Reader&) -> void { throw InputError("the range of the clock is passed"); });
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].file == "s.json");
  // A law that broke on stand-in values is the document's fault; on a faultless one it is ours.
  const auto read = [](Reader& r) { law(r.numbers("knots", true, "").size() == 2, "two knots"); };
  CHECK(pointers(faults_of("{}", read)) == Strings{"/knots"});
  CHECK_THROWS_AS(read_text("{\"knots\": []}", "s.json", read), LogicError);
  CHECK_THROWS_AS(read_text("{}", "s.json", [](Reader& r) { (void)r.quantity<Seconds>("t", "2 GB", ""); }), LogicError);
}

TEST_CASE("a fault that is found twice is told once") {
  const auto faults = faults_of(R"({"a": "x"})", [](Reader& r) {
    (void)r.integer("a", {}, "");
    (void)r.integer("a", {}, "");
  });
  CHECK(faults.size() == 1);
}

TEST_CASE("edits change the tree before it is read") {
  const std::string text = R"({"seed": 1, "pools": [{"name": "a", "replicas": 2}], "a/b": 1})";
  json::Node root = json::parse(text, "s.json").root;
  json::apply_overrides(root, {"/seed=7", "/pools/0/name=2 s", "/pools/0/engine/kind=\"vllm\"", "/a~1b=[1,2]",
                               "/x=", "/formula=a=b", "/pools/0/replicas= 3 "});
  CHECK(root.find("seed")->integer == 7);
  const json::Node& pool = root.find("pools")->items[0];
  CHECK(pool.find("name")->text == "2 s");
  CHECK(pool.find("engine")->find("kind")->text == "vllm");
  CHECK(pool.find("replicas")->integer == 3);
  CHECK(root.find("a/b")->items.size() == 2);
  CHECK(root.find("x")->text.empty());
  CHECK(root.find("formula")->text == "a=b");
  // The order of the file is kept, new members come last.
  Strings keys;
  for (const json::Member& member : root.members) keys.push_back(member.key);
  CHECK(keys == Strings{"seed", "pools", "a/b", "x", "formula"});
}

TEST_CASE("an edit that cannot be made changes nothing") {
  const std::string text = R"({"seed": 1, "pools": [{"name": "a"}], "none": []})";
  for (const std::string edit :
       {"seed=1", "/seed", "", "=1", "/pools/1/name=b", "/pools/-=1", "/pools/-1=1", "/pools/00/name=b", "/pools/x=1",
        "/seed/x=1", "/none/0=1", "/a~2=1", "/a~=1", "/a={\"x\": }", "/a=[1"}) {
    json::Node root = json::parse(text, "s.json").root;
    INFO(edit);
    CHECK_THROWS_AS(json::apply_overrides(root, {edit}), InputError);
    CHECK(root.members.size() == 3);
    CHECK(root.find("pools")->items[0].members.size() == 1);
  }
  const auto faults = faults_of(text, [](Reader&) {}, {"seed=1", "/seed/x=1"});
  CHECK(faults.size() == 2);
  for (const Fault& fault : faults) CHECK(fault.file == "--set");
}

TEST_CASE("faults of edited values are told under --set, after those of the file") {
  const auto read = [](Reader& r) {
    (void)r.integer("a", {.low = 1, .high = 9}, "");
    r.object("o", false, "", [](Reader& o) { (void)o.integer("b", {}, ""); });
    (void)r.integer("z", {}, "");
  };
  const auto faults = faults_of("{\"a\": 2,\n\"z\": \"x\"}", read, {"/a=12", "/o/c=1"});
  CHECK(pointers(faults) == Strings{"/z", "/a", "/o/b", "/o/c"});
  CHECK(faults[0].line == 2);
  for (std::size_t i = 1; i < faults.size(); ++i) {
    CHECK(faults[i].file == "--set");
    CHECK(faults[i].line == 0);
  }
}

TEST_CASE("the root is an object") {
  CHECK(faults_of("[]", [](Reader&) {}).size() == 1);
  CHECK(faults_of("\n3", [](Reader&) {}).at(0).line == 2);
}
