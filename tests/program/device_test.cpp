// `memwall device`, its drawings, and a chip of the user's own.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string device_json(const std::string& path) { return read_text(Path(MEMWALL_SOURCE_DIR) / "hw_models" / path); }

std::string scenario(const std::string& device, const std::string& model = "meta-llama/Llama-3.1-8B") {
  return R"({ "schema": 1, "model": { "config": ")" + model + R"(" }, "pools": [ { "device": ")" + device +
         R"(", "engine": { "kind": "vllm", "max_model_len": 4096 } } ],
  "workload": { "source": "synthetic", "requests": 20, "arrivals": { "process": "poisson", "rate": "5 /s" },
                "lengths": { "input": 300, "output": 40 } } })";
}

/// The value of "digest" in what `run --json` prints.
std::string digest_in(const std::string& summary) {
  const std::string key = "\"digest\": \"";
  const std::size_t at = summary.find(key);
  REQUIRE(at != std::string::npos);
  return summary.substr(at + key.size(), summary.find('"', at + key.size()) - at - key.size());
}

}  // namespace

TEST_CASE("a chip of the user's own is one file and no code") {
  const Path folder = scratch("my_chip");
  const std::string mine = replaced(device_json("hbm_gpu/mi300x.json"), "\"mi300x\"", "\"my_chip\"");
  std::filesystem::create_directory(folder / "chips");
  write_text(folder / "chips" / "my_chip.json", mine);
  write_text(folder / "mine.json", scenario("chips/my_chip.json"));
  write_text(folder / "theirs.json", scenario("mi300x"));
  write_text(folder / "searched.json", scenario("my_chip.json"));
  const Ended run_mine = run_program({"run", "mine.json", "--json"}, folder);
  INFO(run_mine.err);
  REQUIRE(run_mine.code == 0);
  const Ended run_theirs = run_program({"run", "theirs.json", "--json"}, folder);
  CHECK(digest_in(run_mine.out) == digest_in(run_theirs.out));
  const Ended run_searched = run_program({"run", "searched.json", "--search", "chips", "--json"}, folder);
  INFO(run_searched.err);
  REQUIRE(run_searched.code == 0);
  CHECK(digest_in(run_searched.out) == digest_in(run_theirs.out));

  // Twice the bandwidth must be seen, and so must a fault.
  write_text(folder / "chips" / "my_chip.json", replaced(mine, "\"5.3 TB/s\"", "\"10.6 TB/s\""));
  const Ended faster = run_program({"run", "mine.json", "--json"}, folder);
  REQUIRE(faster.code == 0);
  CHECK(digest_in(faster.out) != digest_in(run_theirs.out));
  const Ended page = run_program({"device", "chips/my_chip.json"}, folder);
  CHECK(page.code == 0);
  CHECK(holds(page.out, "10.6 TB/s"));
  write_text(folder / "chips" / "my_chip.json", replaced(mine, "\"5.3 TB/s\"", "\"5.3\""));
  const Ended wrong = run_program({"validate", "mine.json"}, folder);
  CHECK(wrong.code == 2);
  CHECK(holds(wrong.err, "/bandwidth/value"));
}

TEST_CASE("a chip that cannot run a kind of layer refuses it by name, when the scenario is validated too") {
  const Path folder = scratch("refusal");
  write_text(folder / "no_experts.json",
             replaced(replaced(device_json("fixed_transformer/etched_sohu.json"), "\"etched_sohu\"", "\"no_experts\""),
                      "\"recurrence\"", "\"mixture_of_experts\""));
  write_text(folder / "dense.json", scenario("no_experts.json"));
  write_text(folder / "routed.json", scenario("no_experts.json", "mistralai/Mixtral-8x7B-v0.1"));
  CHECK(run_program({"validate", "dense.json"}, folder).code == 0);
  for (const std::string verb : {"validate", "run"}) {
    const Ended ended = run_program({verb, "routed.json"}, folder);
    CHECK(ended.code == 2);
    CHECK(holds(ended.err, "cannot run mistralai/Mixtral-8x7B-v0.1: Etched Sohu has no mixture_of_experts"));
  }
}

TEST_CASE("the catalogue lists every device with ridge, drain time, price and power") {
  const Ended ended = run_program({"device"});
  REQUIRE(ended.code == 0);
  CHECK(holds(ended.out, "ridge batch"));
  CHECK(holds(ended.out, "bf16 295, fp8 295"));
  CHECK(holds(ended.out, "LPDDR5 640 ms, performance memory 13.33 us"));
  CHECK(holds(ended.out, "v100_sxm_32"));
  CHECK(holds(ended.out, "cerebras_wse3"));
}

TEST_CASE("the roofline in the terminal and as SVG, with operators of a model") {
  const Path folder = scratch("roofline");
  const Ended ended = run_program(
      {"device", "h100_sxm", "--roofline", "--model", "meta-llama/Llama-3.1-8B", "--batch", "64", "--svg", "roof.svg"},
      folder);
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(holds(ended.out, "FLOP/B"));
  CHECK(holds(ended.out, "gate, up"));
  CHECK(holds(ended.out, "lm_head"));
  // The rule of thumb beside what whole cycles say.
  CHECK(holds(ended.out, "rule of thumb    295: ridge 295 x 8.03 B total / 8.03 B active parameters"));
  CHECK(holds(ended.out, " at 1 token of context"));
  CHECK(holds(ended.out, "none up to 65536 at 2000 tokens of context"));
  const std::string svg = read_text(folder / "roof.svg");
  CHECK(svg.rfind("<svg ", 0) == 0);
  CHECK(svg.find("</svg>\n") == svg.size() - 7);
  CHECK(holds(svg, "<circle"));
  CHECK(holds(svg, "bf16, fp16"));
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
}

TEST_CASE("what a roofline cannot be drawn of") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"device", "h100_sxm", "--svg", "a.svg"},
        {"device", "--roofline"},
        {"device", "h100_sxm", "--roofline", "--batch", "4"},
        {"device", "h100_sxm", "--roofline", "--model", "meta-llama/Llama-3.1-8B", "--weights", "fp9"},
        {"device", "h100_sxm", "--roofline", "--json"}}) {
    const Ended ended = run_program(words, scratch("no_roofline"));
    CHECK(ended.code == 2);
    CHECK(!ended.err.empty());
  }
}
