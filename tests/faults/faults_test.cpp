// The exact words in which a wrong scenario is refused: they are read by people, so a change of them is a change of the
// program and shows here.
#include <string>

#include "sim/base/error.hpp"
#include "sim/config/json_reader.hpp"
#include "tests/catch.hpp"

using namespace memwall;

namespace {

std::string refusal(const std::string& text, const std::function<void(Reader&)>& read,
                    const std::vector<std::string>& edits = {}) {
  try {
    Document document = Document::parse(text, "scenario.json");
    document.set(edits);
    document.read(read);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

std::string syntax(const std::string& text) {
  return refusal(text, [](Reader&) {});
}

void read_cluster(Reader& r) {
  r.object("cluster", true, "", [](Reader& c) {
    (void)c.quantity<BytesPerSecond>("hbm_bandwidth", std::nullopt, "");
    (void)c.quantity<BytesPerSecond>("link_bandwidth", std::nullopt, "");
    (void)c.quantity<BytesPerSecond>("host_bandwidth", std::nullopt, "");
    (void)c.quantity<Seconds>("delay", "2 ms", "");
    (void)c.integer("replicas", {.low = 1, .high = 4096}, "");
    (void)c.choice("scheduler", {{"continuous", ""}, {"static", ""}, {"chunked_prefill", ""}}, std::nullopt, "");
  });
}

}  // namespace

TEST_CASE("all faults of a scenario at once, in the order of its lines") {
  CHECK(
      refusal(R"({
  "cluster": {
    "hbm_bandwith": "3.35 TB/s",
    "link_bandwidth": "900 Gb/s",
    "host_bandwidth": 64000000000.0,
    "replicas": 0,
    "scheduler": "continous",
    "delay": "2 GB",
    "colour": "red"
  }
})",
              read_cluster) ==
      "scenario.json:2: /cluster/hbm_bandwidth: missing\n"
      "scenario.json:3: /cluster/hbm_bandwith: unknown key; did you mean \"hbm_bandwidth\"?\n"
      "scenario.json:4: /cluster/link_bandwidth: \"900 Gb/s\" is ambiguous; write GB/s for bytes or Gbit/s for bits\n"
      "scenario.json:5: /cluster/host_bandwidth: 64000000000.0 has no unit; write for example \"3.35 TB/s\"\n"
      "scenario.json:6: /cluster/replicas: 0 is outside 1..4096\n"
      "scenario.json:7: /cluster/scheduler: \"continous\" is unknown; did you mean \"continuous\"? known: continuous, "
      "static, chunked_prefill\n"
      "scenario.json:8: /cluster/delay: the unit \"GB\" of \"2 GB\" does not fit; write for example \"2 ms\"; units "
      "that "
      "fit: s, ps, ns, us, ms, min, h, d\n"
      "scenario.json:9: /cluster/colour: unknown key; known keys: hbm_bandwidth, link_bandwidth, host_bandwidth, "
      "delay, "
      "replicas, scheduler");
}

TEST_CASE("wrong kinds of values") {
  const auto at = [](const std::string& value, const std::function<void(Reader&)>& read) {
    return refusal("{\"k\": " + value + "}", read);
  };
  const auto whole = [](Reader& r) { (void)r.integer("k", {.low = 1}, ""); };
  CHECK(at("2.5", whole) == "scenario.json:1: /k: 2.5 is not a whole number");
  CHECK(at("\"5\"", whole) == "scenario.json:1: /k: \"5\" stands where a whole number is meant");
  CHECK(at("0", whole) == "scenario.json:1: /k: 0 is less than 1, the least value allowed");
  CHECK(at("9223372036854775808", whole) ==
        "scenario.json:1: /k: 9223372036854775808 is too large for a whole number of 64 bits");
  CHECK(at("null", whole) ==
        "scenario.json:1: /k: null stands where a whole number is meant; leave the key out to take its default");
  CHECK(at("1.5", [](Reader& r) { (void)r.number("k", {.low = 0, .high = 1}, ""); }) ==
        "scenario.json:1: /k: 1.5 is outside 0..1");
  CHECK(at("\"true\"", [](Reader& r) { (void)r.boolean("k", true, ""); }) ==
        "scenario.json:1: /k: \"true\" stands where true or false is meant");
  CHECK(at("[]", [](Reader& r) { (void)r.text("k", "", ""); }) ==
        "scenario.json:1: /k: a list stands where a text in double quotes is meant");
  CHECK(at("true", [](Reader& r) { (void)r.quantity<Seconds>("k", "2 s", ""); }) ==
        "scenario.json:1: /k: true stands where a text with a unit like \"2 ms\" is meant");
  CHECK(at("{}", [](Reader& r) { r.list("k", true, "", [](Reader&) {}); }) ==
        "scenario.json:1: /k: an object stands where a list [...] of objects is meant");
  CHECK(at("[{}, 3]", [](Reader& r) { r.list("k", true, "", [](Reader&) {}); }) ==
        "scenario.json:1: /k/1: 3 stands where an object {...} is meant");
  CHECK(at("[1, \"2\"]", [](Reader& r) { (void)r.numbers("k", true, ""); }) ==
        "scenario.json:1: /k/1: \"2\" stands where a plain number is meant");
  CHECK(at("\"3.35 TB/s\"", [](Reader& r) { (void)r.sourced<BytesPerSecond>("k", ""); }) ==
        "scenario.json:1: /k: \"3.35 TB/s\" stands where an object like {\"value\": \"3.35 TB/s\", \"basis\": "
        "\"vendor\", "
        "\"source\": \"...\"} is meant");
  CHECK(at("{}", [](Reader& r) {
          r.fault("k", "spans several keys");
          (void)r.object("k", true, "", [](Reader&) {});
        }) == "scenario.json:1: /k: spans several keys");
  CHECK(syntax("{\"k\": 1}") == "scenario.json:1: /k: unknown key; no key is known here");
}

TEST_CASE("quantities that cannot be") {
  const auto time = [](const std::string& value) {
    return refusal("{\"k\": \"" + value + "\"}", [](Reader& r) { (void)r.quantity<Seconds>("k", "2 s", ""); });
  };
  CHECK(time("5") == "scenario.json:1: /k: \"5\" has no unit; write for example \"2 ms\"");
  CHECK(time("-5 s") == "scenario.json:1: /k: \"-5 s\" is negative; write a value of at least 0");
  CHECK(time("") == "scenario.json:1: /k: the text is empty; write for example \"2 ms\"");
  CHECK(time("inf s") ==
        "scenario.json:1: /k: \"inf s\" does not begin with a finite number; write for example \"2 ms\"");
  CHECK(time("1e999 s") ==
        "scenario.json:1: /k: \"1e999 s\" is outside the range of double precision; write for example \"2 ms\"");
}

TEST_CASE("text that is no JSON") {
  CHECK(syntax("") == "scenario.json:1: the file is empty; write one JSON object");
  CHECK(syntax("{\"a\": 1,\n}") == "scenario.json:2: a comma stands before the closing }; remove the comma");
  CHECK(syntax("{\"a\": 1\n\"b\": 2}") == "scenario.json:2: unexpected \"; a comma or a colon is missing before it");
  CHECK(syntax("{\n\"a\": [1,\n2") ==
        "scenario.json:3: the file ends inside the list that begins in line 2; it was cut short, or a closing quote or "
        "] is "
        "missing");
  CHECK(
      syntax("{\"a\": yes}") ==
      "scenario.json:1: \"yes\" is not JSON; texts and keys stand in double quotes, and the only bare words are true, "
      "false and null");
  CHECK(syntax("{\"a\": True}") == "scenario.json:1: \"True\" is not JSON; write true, false or null");
  CHECK(syntax("{\"a\": NaN}") == "scenario.json:1: NaN is not a JSON number; write a finite number");
  CHECK(syntax("{\"a\": -Infinity}") == "scenario.json:1: -Infinity is not a JSON number; write a finite number");
  CHECK(syntax("{\"a\": 01}") == "scenario.json:1: \"01\" is not a JSON number; write numbers like 0.5, -2 or 1e9");
  CHECK(syntax("{\"a\": .5}") == "scenario.json:1: \".5\" is not a JSON number; write numbers like 0.5, -2 or 1e9");
  CHECK(syntax("{\"a\": 1.}") == "scenario.json:1: \"1.\" is not a JSON number; write numbers like 0.5, -2 or 1e9");
  CHECK(syntax("{1: 2}") ==
        "scenario.json:1: unexpected \"1\"; a comma is missing before it, or double quotes around it if it is a key");
  CHECK(syntax("{'a': 1}") == "scenario.json:1: a text stands in single quotes; write it in double quotes");
  CHECK(syntax("{\"a\": 1e999}") == "scenario.json:1: 1e999 is too large for double precision; write a finite number");
  CHECK(syntax("{\"a\": 1e-999}") ==
        "scenario.json:1: 1e-999 is too small for double precision; write 0 or a larger number");
  CHECK(syntax("{\"a\": 1,\n\"a\": 2}") ==
        "scenario.json:2: the key \"a\" stands twice in one object (first in line 1); remove one of them");
  CHECK(syntax("{}\n{}") ==
        "scenario.json:2: something follows the end of the JSON value; remove it, or enclose all of it in one object");
  CHECK(syntax("{\"a\": \"x\ny\"}") ==
        "scenario.json:1: a text holds a line break or another control character, or its closing quote is missing; end "
        "the "
        "text on the line it begins in, and write \\n or \\t for a break or a tab");
  CHECK(syntax("{\"a\": \"\xff\"}") == "scenario.json:1: the byte 0xff is not UTF-8 text; save the file as UTF-8");
  CHECK(syntax(std::string(65, '[')) == "scenario.json:1: nested deeper than 64 levels; flatten the document");
  CHECK(syntax("[]") == "scenario.json:1: a list stands where an object {...} is meant");
}

TEST_CASE("edits that cannot be made") {
  const auto edit = [](const std::string& text) {
    return refusal("{\"seed\": 1, \"pools\": [{}, {}]}", [](Reader&) {}, {text});
  };
  CHECK(edit("seed=2") ==
        "--set: seed: not a JSON pointer; write for example /pools/0/replicas=2 (~1 for a stroke in a key, ~0 for ~)");
  CHECK(edit("/seed") == "--set: /seed: no \"=\"; write --set /json/pointer=value");
  CHECK(edit("/seed/x=2") == "--set: /seed/x: /seed is 1, so nothing can be set inside of it");
  CHECK(edit("/pools/2/name=a") ==
        "--set: /pools/2/name: \"2\" is no item of the list /pools, which has the items 0..1; --set changes existing "
        "items "
        "only");
  CHECK(edit("/pools=[1") ==
        "--set: /pools: the value is not JSON: the file ends inside the list that begins in line 1; it was cut short, "
        "or a "
        "closing quote or ] is missing");
  CHECK(refusal("{\"a\": 1}", [](Reader& r) { (void)r.integer("a", {.low = 1, .high = 9}, ""); }, {"/a=12"}) ==
        "--set: /a: 12 is outside 1..9");
}
