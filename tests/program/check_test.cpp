// `memwall check`: a gate that fails when results move, says why, and can be brought up.
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall::test;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string scenario(const std::string& device, int output) {
  return R"({ "schema": 1, "model": { "config": "meta-llama/Llama-3.1-8B" }, "pools": [ { "device": ")" + device +
         R"(", "engine": { "kind": "vllm", "max_model_len": 4096 } } ],
  "workload": { "source": "synthetic", "requests": 20, "arrivals": { "process": "poisson", "rate": "5 /s" },
                "lengths": { "input": 300, "output": )" +
         std::to_string(output) + " } } }";
}

Path folder_of_two(const std::string& name) {
  const Path folder = scratch(name);
  write_text(folder / "a.json", scenario("h100_sxm", 40));
  write_text(folder / "b.json", scenario("b200_sxm", 40));
  return folder;
}

}  // namespace

TEST_CASE("a first check writes expectations, the next one holds them") {
  const Path folder = folder_of_two("check_first");
  const Ended none = run_program({"check", folder});
  CHECK(none.code == 0);
  CHECK(holds(none.out, "0 held, 0 failed, 2 without expectations"));
  REQUIRE(run_program({"check", folder, "--update"}).code == 0);
  CHECK(names_in(folder) == std::vector<std::string>{"a.expect.json", "a.json", "b.expect.json", "b.json"});
  const Ended held = run_program({"check", folder, "--jobs", "2"});
  CHECK(held.code == 0);
  CHECK(holds(held.out, "2 held, 0 failed, 0 without expectations"));
  // Again: what is up to date is not written anew.
  const std::string before = read_text(folder / "a.expect.json");
  const Ended again = run_program({"check", folder, "--update"});
  CHECK(again.code == 0);
  CHECK_FALSE(holds(again.out, "brought up"));
  CHECK(read_text(folder / "a.expect.json") == before);
}

TEST_CASE("a changed scenario fails its check, is named as the cause, and can be brought up") {
  const Path folder = folder_of_two("check_moved");
  REQUIRE(run_program({"check", folder, "--update"}).code == 0);
  write_text(folder / "a.json", scenario("h100_sxm", 80));
  const Ended moved = run_program({"check", folder, "--junit", folder / "j.xml", "--markdown", folder / "m.md"});
  CHECK(moved.code == 1);
  CHECK(holds(moved.out, "1 held, 1 failed"));
  CHECK(holds(moved.out, "changed: scenario\n"));
  CHECK(holds(moved.out, "tiers: hbm "));
  CHECK(holds(read_text(folder / "j.xml"), "tests=\"2\" failures=\"1\" skipped=\"0\""));
  CHECK(holds(read_text(folder / "m.md"), "1 held, 1 failed"));
  const Ended up = run_program({"check", folder / "a.json", "--update"});
  CHECK(up.code == 0);
  CHECK(holds(up.out, "brought up"));
  CHECK(run_program({"check", folder}).code == 0);
}

TEST_CASE("a chip of the user's own that changes is named as device data") {
  const Path folder = scratch("check_data");
  std::string chip = read_text(Path(MEMWALL_SOURCE_DIR) / "hw_models/hbm_gpu/mi300x.json");
  write_text(folder / "chip.json", chip);
  std::filesystem::create_directory(folder / "s");
  write_text(folder / "s" / "a.json", scenario("../chip.json", 40));
  REQUIRE(run_program({"check", folder / "s", "--update"}).code == 0);
  const std::string old = "\"5.3 TB/s\"";
  REQUIRE(holds(chip, old));
  chip.replace(chip.find(old), old.size(), "\"2.6 TB/s\"");
  write_text(folder / "chip.json", chip);
  const Ended moved = run_program({"check", folder / "s"});
  INFO(moved.out);
  CHECK(moved.code == 1);
  CHECK(holds(moved.out, "changed: device data\n"));
}

TEST_CASE("a refusal can be expected, and only the right one counts") {
  const Path folder = scratch("check_refusal");
  write_text(folder / "a.json", scenario("h1000", 40));
  write_text(folder / "a.expect.json", R"({"schema": 1, "refused": "h1000"})");
  CHECK(run_program({"check", folder}).code == 0);
  write_text(folder / "a.expect.json", R"({"schema": 1, "refused": "no such thing"})");
  CHECK(run_program({"check", folder}).code == 1);
  write_text(folder / "a.json", scenario("h100_sxm", 40));
  const Ended ran = run_program({"check", folder});
  CHECK(ran.code == 1);
  CHECK(holds(ran.out, "must be refused with \"no such thing\", and ran"));
}

TEST_CASE("two folders of results are compared number by number") {
  const Path folder = folder_of_two("check_against");
  const auto out = [&](const std::string& name) { return (folder / "results" / name).string(); };
  const std::vector<std::string> both = {(folder / "a.json").string(), (folder / "b.json").string()};
  REQUIRE(run_program({"run", both[0], both[1], "--out", out("old"), "--quiet"}).code == 0);
  REQUIRE(run_program({"run", both[0], both[1], "--out", out("same"), "--quiet"}).code == 0);
  REQUIRE(run_program({"run", both[0], both[1], "--out", out("new"), "--quiet", "--seed", "7"}).code == 0);
  CHECK(run_program({"check", out("same"), "--against", out("old")}).code == 0);
  const Ended moved = run_program({"check", out("new"), "--against", out("old")});
  CHECK(moved.code == 1);
  CHECK(holds(moved.out, "0 held, 2 failed"));
  CHECK(holds(moved.out, "changed: scenario"));
  std::filesystem::remove_all(folder / "results" / "same" / "b");
  CHECK(holds(run_program({"check", out("same"), "--against", out("old")}).out, "has no partner in"));
}

TEST_CASE("words that name nothing are refused") {
  const Path folder = scratch("check_words");
  CHECK(run_program({"check"}).code == 2);
  CHECK(holds(run_program({"check", folder / "nowhere"}).err, "there is no such file or folder"));
  CHECK(holds(run_program({"check", folder}).err, "there is no scenario in"));
  CHECK(holds(run_program({"check", folder, "--against", folder}).err, "holds no summary.json"));
}
