// memwall report and run --report, as a user starts them.
#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/program/program.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::string scenario = "scenarios/quickstart.json";

/// Without npm there is no page, and nothing else to test here.
bool has_pages() {
  const Path folder = scratch("has_pages");
  const Ended ended = run_program({"run", scenario, "--quiet", "--report", "--out", folder.string()});
  if (ended.code == 0) return true;
  CHECK(ended.err.find("was built without its HTML pages") != std::string::npos);
  WARN("skipped: this program was built without its HTML pages");
  return false;
}

}  // namespace

TEST_CASE("run --report and report on the folder give the same page, with every chart beside it") {
  if (!has_pages()) return;
  const Path folder = scratch("report");
  const Ended ran = run_program({"run", scenario, "--out", folder.string(), "--report"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.find("wrote " + (folder / "report.html").string()) != std::string::npos);
  const std::string page = read_text(folder / "report.html");
  REQUIRE(page.size() > 100000);
  const Ended again = run_program({"report", folder.string()});
  CHECK(again.code == 0);
  const bool same = read_text(folder / "report.html") == page;
  CHECK(same);
  std::size_t charts = 0;
  for (const std::string& name : names_in(folder / "charts")) {
    INFO(name);
    const json::Node chart = json::parse(read_text(folder / "charts" / name), name).root;
    CHECK(chart.find("datasets") != nullptr);
    CHECK(page.find("id=\"chart-" + name.substr(0, name.find('.')) + "\"") != std::string::npos);
    ++charts;
  }
  CHECK(charts >= 8);
  // Nothing of the page is elsewhere.
  for (const char* elsewhere : {"<script src", "<link rel=\"stylesheet\"", "@import", "<img src=\"http"}) {
    CHECK(page.find(elsewhere) == std::string::npos);
  }
}

TEST_CASE("a scenario that is named like a script is shown") {
  if (!has_pages()) return;
  const Path folder = scratch("report_hostile");
  const Ended ran = run_program({"run", scenario, "--quiet", "--out", folder.string(), "--report", "--set",
                                 "/name=\"</title><script>alert(1)</script>\""});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const std::string page = read_text(folder / "report.html");
  CHECK(page.find("<script>alert") == std::string::npos);
  CHECK(page.find("<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>") != std::string::npos);
}

TEST_CASE("a run without cycles.csv, and one in which nothing completed, have pages") {
  if (!has_pages()) return;
  const Path folder = scratch("report_bare");
  const Ended ran = run_program({"run", scenario, "--quiet", "--out", folder.string(), "--report", "--cycles", "none",
                                 "--set", "/pools/0/engine/max_model_len=10"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(read_text(folder / "report.html").find("The run wrote no cycles.csv") != std::string::npos);
}

TEST_CASE("what keeps a page from being made is told") {
  if (!has_pages()) return;
  const Path folder = scratch("report_bad");
  const auto refuses = [&](const std::vector<std::string>& words, const std::string& expected) {
    const Ended ended = run_program(words, folder);
    CHECK(ended.code == 2);
    CHECK(ended.err == expected);
  };
  refuses({"report"}, "memwall: a folder of results is wanted; usage: memwall report DIR...\n");
  refuses({"report", "none"}, "memwall: none: no such folder; name one that memwall run --out has written\n");
  std::filesystem::create_directory(folder / "empty");
  refuses({"report", "empty"},
          "memwall: empty/summary.json: is missing; memwall run SCENARIO --out empty writes it\n"
          "memwall: empty/machine.json: is missing; memwall run SCENARIO --out empty writes it\n"
          "memwall: empty/requests.csv: is missing; memwall run SCENARIO --out empty writes it\n");
  refuses({"run", std::string(MEMWALL_SOURCE_DIR) + "/" + scenario, "--report"},
          "memwall: --report writes beside the results; name their folder with --out\n");
  CHECK(names_in(folder) == std::vector<std::string>{"empty"});
}

TEST_CASE("compare, price and plan write what they print as pages, with charts") {
  if (!has_pages()) return;
  const Path folder = scratch("report_verbs");
  const auto page_of = [&](std::vector<std::string> words, const std::string& name) {
    const std::string file = (folder / (name + ".html")).string();
    words.insert(words.end(), {"--report", file});
    const Ended ended = run_program(words);
    INFO(name << "\n" << ended.err);
    CHECK(ended.code == 0);
    const std::string page = read_text(file);
    // The first line of what is printed stands in the page; none of these has what is escaped.
    const std::string first = ended.out.substr(0, ended.out.find('\n'));
    CHECK(!first.empty());
    CHECK(page.find(first) != std::string::npos);
    return page;
  };
  const std::string compare =
      page_of({"compare", "scenarios/devices/h100_sxm.json", "scenarios/devices/a100_sxm_80.json"}, "compare");
  CHECK(compare.find("id=\"chart-token-time\"") != std::string::npos);
  CHECK(compare.find("id=\"chart-waterfall-1\"") != std::string::npos);
  CHECK(compare.find("id=\"chart-pareto\"") == std::string::npos);
  const std::string price = page_of({"price", scenario, "--contexts", "1k,8k"}, "price");
  CHECK(price.find("id=\"chart-curves\"") != std::string::npos);
  const std::string plan =
      page_of({"plan", scenario, "--devices", "h100_sxm", "--tensor", "1", "--max-devices", "2"}, "plan");
  CHECK(plan.find("id=\"chart-plan\"") != std::string::npos);
}
