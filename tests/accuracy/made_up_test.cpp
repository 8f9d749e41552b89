// `memwall accuracy` on rows and logs of our own, whose measured values are made up.
#include <algorithm>

#include "tests/accuracy/program.hpp"
#include "tests/catch.hpp"
#include "tools/accuracy/report.hpp"

using namespace memwall;
using namespace memwall::accuracy;

namespace {

const TraceFile made_up = {std::string(MEMWALL_SOURCE_DIR) + "/tests/accuracy/data/made_up_rows.csv", "rows.csv"};

const std::string log_header = "run,request_id,input_toks,output_toks,queued_ts,first_token_ts,last_token_ts\n";

std::string serving_row(const std::string& cells) {
  return "id,device_key,engine,model,weights_precision,osl,load_mode,load_value,itl_ms_p50\n" + cells + "\n";
}

const Figure& figure(const Study& study, const std::string& id, const std::string& metric) {
  const auto at = std::find_if(study.figures.begin(), study.figures.end(),
                               [&](const Figure& each) { return each.id == id && each.metric == metric; });
  REQUIRE(at != study.figures.end());
  return *at;
}

}  // namespace

TEST_CASE("each row is simulated or counted with its reason, and none is lost") {
  const Study study = accuracy::study(made_up, test::program_catalogue());
  CHECK(study.rows == 18);
  CHECK(study.simulated == 5);
  const std::map<std::string, std::int64_t> expected = {
      {"quality C: its source says not to score against it", 1},
      {"device not in the catalogue: RTX4090", 1},
      {"model not in the catalogue: nobody/Nothing-1B", 1},
      {"expert parallelism of 4", 1},
      {"weights of unknown format: fp3", 1},
      {"speculative decoding: MTP 3", 1},
      {"input length not given, and no task is named for which one is assumed", 1},
      {"several load stages in one row", 1},
      {"load mode not simulated: offline_max", 1},
      {"does not fit: meta-llama/Llama-3.1-70B in bf16 on 1 x h100_sxm", 1},
      {"engine not simulated: SomeEngine", 1},
      {"more devices than tensor parallelism explains", 1},
      {"no measured column that is compared", 1}};
  CHECK(study.unsupported == expected);
  CHECK(study.not_compared == std::vector<std::string>{"total_tok_s"});
  CHECK(study.figures.size() == 3 + 2 + 1 + 2 + 1);
  for (const Figure& each : study.figures) {
    INFO(each.id << " " << each.metric);
    CHECK(each.simulated > 0);
    CHECK(each.bottleneck != "idle");
  }
}

TEST_CASE("figures of simulated rows hang together") {
  const Study study = accuracy::study(made_up, test::program_catalogue());
  // A closed loop of 8 whose answers have 99 gaps and one wait for the first token: Little's law. Percentiles of gaps
  // are not their means, so the bound is wide.
  const double gap_s = figure(study, "made-up-1", "itl_ms_p50").simulated / 1e3;
  const double first_s = figure(study, "made-up-1", "ttft_ms_mean").simulated / 1e3;
  CHECK(figure(study, "made-up-1", "out_tok_s").simulated == Approx(8 * 100 / (99 * gap_s + first_s)).epsilon(0.05));
  CHECK(figure(study, "made-up-3", "ttft_ms_mean").regime.text() == "A100, dense, prefill, 1");
  CHECK(figure(study, "made-up-4", "itl_ms_p50").regime.text() == "H100, dense, saturated, 2-16");
  CHECK(figure(study, "made-up-5", "ttft_ms_mean").regime.text() == "H100, dense, open loop, any");
  CHECK(figure(study, "made-up-4", "itl_ms_p50").assumption ==
        "KV cache in bf16; answers spread as in Chatbot Arena; prompts of 136 tokens");
  CHECK(figure(study, "made-up-3", "ttft_ms_mean").error() ==
        Approx(figure(study, "made-up-3", "ttft_ms_mean").simulated / 16 - 1));
}

TEST_CASE("an engine that schedules synchronously pays its host time in every cycle") {
  const std::string header =
      "id,device_key,engine,engine_version,model,weights_precision,isl,osl,load_mode,load_value,itl_ms_p50\n";
  const test::OwnFile own("versions.csv",
                          header +
                              "new,H100,vLLM,0.11.0,meta-llama/Llama-3.1-8B,BF16,200,100,closed_loop,8,8\n"
                              "old,H100,vLLM,0.10.2,meta-llama/Llama-3.1-8B,BF16,200,100,closed_loop,8,8\n");
  const Study study = accuracy::study(own.file(), test::program_catalogue());
  // 1.5 ms, the default of `schedule_time` without asynchronous scheduling.
  CHECK(figure(study, "old", "itl_ms_p50").simulated - figure(study, "new", "itl_ms_p50").simulated ==
        Approx(1.5).epsilon(0.05));
}

TEST_CASE("the texts of a study are the same each time and hold every figure") {
  const Study first = accuracy::study(made_up, test::program_catalogue());
  const Study second = accuracy::study(made_up, test::program_catalogue());
  CHECK(table(first) == table(second));
  CHECK(study_json(first) == study_json(second));
  const std::string csv = figures_csv(first);
  CHECK(csv == figures_csv(second));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == static_cast<std::ptrdiff_t>(first.figures.size() + 1));
  CHECK(csv.starts_with("id,metric,measured,simulated,error,bottleneck,regime,assumption\nmade-up-1,"));
  CHECK(table(first).starts_with("rows.csv: 18 rows, 5 simulated, 9 figures compared\n"));
  CHECK(study_json(first).starts_with("{\n  \"schema\": 1,\n  \"file\": \"rows.csv\",\n  \"rows\": 18,"));
}

TEST_CASE("a log of requests is replayed on a device that is known") {
  const test::OwnFile own("log.csv", log_header +
                                         "h100_llama3.1-8b,b,100,50,100.5,100.53,100.9\n"
                                         "h100_llama3.1-8b,a,200,50,100.0,100.04,100.4\n"
                                         "rtx4090_llama3.1-8b,a,200,50,1.0,1.04,1.4\n");
  const Study study = accuracy::study(own.file(), test::program_catalogue());
  CHECK(study.rows == 2);
  CHECK(study.simulated == 1);
  CHECK(study.unsupported == std::map<std::string, std::int64_t>{{"device not in the catalogue: rtx4090", 1}});
  CHECK(figure(study, "h100_llama3.1-8b", "ttft_ms_mean").measured == Approx(35));
  CHECK(figure(study, "h100_llama3.1-8b", "e2e_ms_p50").measured == Approx(400));
  // The two do not meet, so each runs alone: a token every 6 to 8 ms on this device (docs/models/hbm_gpu.md).
  CHECK(figure(study, "h100_llama3.1-8b", "tpot_ms_mean").simulated > 5);
  CHECK(figure(study, "h100_llama3.1-8b", "tpot_ms_mean").simulated < 8);
}

TEST_CASE("files that are no tables of measurements are refused in words") {
  CHECK(test::refusal("[1, 2, 3]\n") ==
        "measured.csv:1: is no table of measurements that is known here: a table of serving runs has the columns id, "
        "device_key, model, weights_precision, osl, load_mode, load_value, engine; a log of requests has run, "
        "input_toks, output_toks, queued_ts, first_token_ts, last_token_ts");
  CHECK(test::refusal("id,model,osl,load_mode,device_key,weights_precision\nx,y,1,closed_loop,H100,BF16\n") ==
        "measured.csv:1: load_value: the column is missing; found are: id, model, osl, load_mode, device_key, "
        "weights_precision\n"
        "measured.csv:1: engine: the column is missing; found are: id, model, osl, load_mode, device_key, "
        "weights_precision");
  CHECK(test::refusal(serving_row("").substr(0, serving_row("").size() - 1)) ==
        "measured.csv: has no rows below its header; there is nothing to compare");
  CHECK(test::refusal("") == "measured.csv: is empty; its first line must name the columns");
  CHECK(test::refusal(TraceFile{MEMWALL_BINARY_DIR, "folder"}) ==
        "folder: is a directory; name one file of measurements in it");
  CHECK(test::refusal(TraceFile{std::string(MEMWALL_BINARY_DIR) + "/nothing.csv", "nothing.csv"}) ==
        "nothing.csv: there is no such file");
}

TEST_CASE("all wrong cells are told at once, with line and column") {
  CHECK(test::refusal(serving_row("a,H100,vLLM,m,BF16,ten,closed_loop,8,0\n,H100,vLLM,m,BF16,10,closed_loop,8,nan\n"
                                  "c,H100")) ==
        "measured.csv:2: osl: \"ten\" is not a number\n"
        "measured.csv:2: itl_ms_p50: \"0\" must be above 0; leave the cell empty where nothing was measured\n"
        "measured.csv:3: itl_ms_p50: \"nan\" is not a number\n"
        "measured.csv:3: id: is empty; every row needs a name of its own\n"
        "measured.csv:4: has 2 cells, but the header names 9 columns");
  CHECK(test::refusal(log_header + "r,a,1.5,0,2.0,1.0,3.0\n") ==
        "measured.csv:2: input_toks: \"1.5\" is not a number of tokens, a whole number of at least 1\n"
        "measured.csv:2: output_toks: \"0\" is not a number of tokens, a whole number of at least 1\n"
        "measured.csv:2: queued_ts: the request is not queued before its first token, or that comes after its last "
        "one");
  CHECK(test::refusal(serving_row("\"never closed,H100")) ==
        "measured.csv:2: a quoted field that begins here is never closed; add the missing quote");
}
