#include "sim/config/schema.hpp"

#include "sim/base/error.hpp"
#include "sim/config/json.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

void read_everything(Reader& r) {
  (void)r.integer("schema", {.low = 1, .high = 1}, "version of this format");
  (void)r.text("name", "unnamed", "what the report calls it");
  (void)r.number("scale", {.fallback = 1.0, .low = 0, .high = 10}, "stretches | compresses");
  (void)r.boolean("fast", true, "");
  (void)r.choice("policy", {{"least_loaded", "fewest requests"}, {"random", "any"}}, 0, "who gets a request");
  (void)r.quantity<BytesPerSecond>("bandwidth", std::nullopt, "of the link");
  (void)r.quantity<Seconds>("delay", "2 ms", "before the next request");
  (void)r.optional_quantity<Seconds>("timeout", "none when absent");
  (void)r.quantities<Bytes>("sizes", true, "");
  (void)r.numbers("weights", false, "");
  (void)r.texts("tags", false, "");
  (void)r.sourced<Watts>("power", "of the board");
  r.list("pools", true, "", [](Reader& pool) {
    (void)pool.integer("replicas", {.fallback = 1, .low = 1, .high = 4096}, "");
    (void)pool.integer_or_object("input", {.low = 1}, "tokens", [](Reader& o) { (void)o.integer("mean", {}, ""); });
  });
  r.map("models", false, "", [](const std::string&, Reader& model) { (void)model.text("config", std::nullopt, ""); });
  r.object("arrivals", false, "", [](Reader& o) {
    o.variant("process",
              {{"poisson", "independent", [](Reader& v) { (void)v.quantity<PerSecond>("rate", std::nullopt, ""); }},
               {"closed_loop", "", [](Reader& v) { (void)v.integer("concurrency", {}, ""); }}},
              0, "how requests come");
  });
}

const json::Node& at(const json::Node& node, const std::vector<std::string>& path) {
  const json::Node* found = &node;
  for (const std::string& key : path) {
    found = found->find(key);
    INFO(key);
    REQUIRE(found != nullptr);
  }
  return *found;
}

std::vector<std::string> texts(const json::Node& list) {
  std::vector<std::string> out;
  for (const json::Node& item : list.items) out.push_back(item.text);
  return out;
}

}  // namespace

TEST_CASE("the schema is JSON and says what the reader declares") {
  const json::Node root = json::parse(describe(read_everything).json(), "schema").root;
  CHECK(root.find("$schema")->text == "https://json-schema.org/draft/2020-12/schema");
  CHECK(texts(*root.find("required")) == std::vector<std::string>{"schema", "bandwidth", "sizes", "power", "pools"});
  CHECK(root.find("additionalProperties")->boolean == false);
  CHECK(at(root, {"properties", "schema", "maximum"}).integer == 1);
  CHECK(at(root, {"properties", "name", "default"}).text == "unnamed");
  CHECK(at(root, {"properties", "scale", "maximum"}).number == 10);
  CHECK(at(root, {"properties", "fast", "default"}).boolean);
  CHECK(texts(at(root, {"properties", "policy", "enum"})) == std::vector<std::string>{"least_loaded", "random"});
  CHECK(at(root, {"properties", "policy", "default"}).text == "least_loaded");
  CHECK(at(root, {"properties", "bandwidth", "pattern"}).text.find("Gbit") != std::string::npos);
  CHECK(at(root, {"properties", "bandwidth"}).find("default") == nullptr);
  CHECK(at(root, {"properties", "delay", "default"}).text == "2 ms");
  CHECK(texts(at(root, {"properties", "power", "required"})) == std::vector<std::string>{"value", "basis", "source"});
  CHECK(at(root, {"properties", "pools", "items", "properties", "replicas", "maximum"}).integer == 4096);
  CHECK(at(root, {"properties", "pools", "items", "properties", "input", "anyOf"}).items.size() == 2);
  CHECK(at(root, {"properties", "models", "additionalProperties", "properties", "config", "type"}).text == "string");
}

TEST_CASE("a tagged union opens its keys by the value of the tag") {
  const json::Node root = json::parse(describe(read_everything).json(), "schema").root;
  const json::Node arrivals = at(root, {"properties", "arrivals"});
  // additionalProperties would refuse the keys that the branches declare.
  CHECK(arrivals.find("additionalProperties") == nullptr);
  CHECK(at(arrivals, {"unevaluatedProperties"}).boolean == false);
  const json::Node branches = at(arrivals, {"allOf"});
  REQUIRE(branches.items.size() == 2);
  // The default's branch holds too where the tag is absent.
  CHECK(at(branches.items[0], {"if"}).find("required") == nullptr);
  CHECK(texts(at(branches.items[1], {"if", "required"})) == std::vector<std::string>{"process"});
  CHECK(at(branches.items[1], {"if", "properties", "process", "const"}).text == "closed_loop");
  CHECK(texts(at(branches.items[1], {"then", "required"})) == std::vector<std::string>{"concurrency"});
  CHECK(at(branches.items[0], {"then", "properties", "rate", "type"}).text == "string");
}

TEST_CASE("the values that a reader without a document answers are within bounds") {
  (void)describe([](Reader& r) {
    CHECK(r.has("anything"));
    CHECK(r.integer("a", {.low = 3, .high = 5}, "") == 3);
    CHECK(r.integer("b", {.fallback = 4, .low = 3}, "") == 4);
    CHECK(r.number("c", {.low = -2}, "") == -2);
    CHECK(r.quantity<BytesPerSecond>("d", std::nullopt, "").value == 3.35e12);
    CHECK(r.quantity<Seconds>("e", "7 s", "").value == 7);
    CHECK(r.list("f", false, "", [](Reader&) {}) == 1);
    CHECK(r.integer_or_object("g", {.fallback = 4}, "", [](Reader&) {}) == std::nullopt);
    CHECK(r.provenance().empty());
    r.fault("a", "is not told, for there is no document");
  });
  CHECK_THROWS_AS(describe([](Reader& r) { (void)r.quantity<Seconds>("t", "7 GB", ""); }), LogicError);
}

TEST_CASE("a key that two parts read is declared once") {
  const Schema schema = describe([](Reader& r) {
    (void)r.integer("a", {}, "first");
    (void)r.integer("a", {}, "second");
  });
  REQUIRE(schema.root().keys.size() == 1);
  CHECK(schema.root().keys[0].doc == "first");
}

TEST_CASE("the documentation is a table for each object") {
  const std::string page = describe(read_everything).markdown();
  INFO(page);
  const auto has = [&](const std::string& line) { return page.find(line) != std::string::npos; };
  CHECK(has("| `schema` | whole number, 1..1 | required | version of this format |\n"));
  CHECK(has("| `scale` | number, 0..10 | `1` | stretches \\| compresses |\n"));
  CHECK(has("| `delay` | text with unit, as `\"2 ms\"` | `\"2 ms\"` | before the next request |\n"));
  CHECK(has("| `timeout` | text with unit, as `\"2 ms\"` | none | none when absent |\n"));
  CHECK(has("who gets a request; `least_loaded`: fewest requests; `random`: any |\n"));
  CHECK(has("\n## `pools[]`\n\n| key | type | default | meaning |\n|---|---|---|---|\n"));
  CHECK(has("\n## `pools[].input`\n"));
  CHECK(has("\n## `models.<name>`\n"));
  CHECK(has("\n## `arrivals` with `process` = `poisson`\n"));
}
