// The published traces, where they are at hand, against the lists that stand beside them: every row count of the
// manifest, every number of the hand-written edge cases, and the statistics of the survey (reference: workloads.md,
// section 3) for those that are there as a whole.
#include <cmath>
#include <set>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/shared.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/formats/csv.hpp"
#include "workloads/formats/servegen.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

using Path = std::filesystem::path;

std::optional<Path> published(const std::string& needed_for) {
  const auto folder = shared(needed_for);
  if (!folder || !std::filesystem::exists(*folder / "traces" / "MANIFEST.csv")) return std::nullopt;
  return *folder / "traces";
}

TraceOptions found(const Path& path) {
  const TraceFile file{path.string(), path.filename().string()};
  return trace(file, detect_format(file).name);
}

/// Texts of prompts, or lengths in characters: nothing that a request can be made of.
bool without_tokens(const std::string& path) {
  return path.rfind("lmcache_agent/", 0) == 0 || path == "edge_cases_synthetic/expected.json";
}

std::int64_t whole(const json::Node& node, const std::string& key) { return *node.find(key)->integer; }

void check_counts(const json::Node& expected, const std::string& key, const SourceNotes& notes) {
  const auto& found_counts = key == "dropped" ? notes.dropped : notes.warnings;
  for (const json::Member& reason : expected.find(key)->members) {
    INFO(key << " " << reason.key);
    const auto at = found_counts.find(reason.key);
    REQUIRE(at != found_counts.end());
    CHECK(at->second == *reason.value.integer);
  }
  if (key == "dropped") CHECK(notes.dropped.size() == expected.find(key)->members.size());
}

void check_windows(const Path& path, const json::Node& expected) {
  const ServeGenWindows read = read_servegen_windows({path.string(), path.filename().string()});
  std::int64_t idle = 0;
  for (const ServeGenWindow& window : read.windows) {
    if (window.family == ServeGenWindow::Family::idle) {
      ++idle;
      CHECK(window.requests(read.seconds) == 0);
    } else {
      const json::Node* requests =
          expected.find("expected_requests")->find(std::to_string(static_cast<std::int64_t>(window.start_s)));
      REQUIRE(requests != nullptr);
      CHECK(window.requests(read.seconds) == *requests->integer);
    }
  }
  CHECK(static_cast<std::int64_t>(read.windows.size()) == whole(expected, "windows"));
  CHECK(idle == whole(expected, "idle_windows"));
  CHECK(read.seconds == static_cast<double>(whole(expected, "window_s")));
}

void check_number(const std::string& key, const json::Node& value, const TraceStats& stats) {
  const std::map<std::string, std::int64_t> numbers = {{"valid", stats.rows},
                                                       {"valid_requests", stats.rows},
                                                       {"input_tokens", stats.input_tokens},
                                                       {"output_tokens", stats.output_tokens},
                                                       {"images", stats.images},
                                                       {"sessions", stats.sessions.sessions},
                                                       {"session_rows", stats.sessions.rows},
                                                       {"root_requests", stats.open_rows},
                                                       {"dependent_requests", stats.rows - stats.open_rows},
                                                       {"duplicate_timestamps", stats.arrivals.repeated_times},
                                                       {"subagents", stats.classes},
                                                       {"infinite_cache_hit_blocks", stats.prefix.hit_blocks},
                                                       {"parent_hit_blocks", stats.prefix.hit_blocks}};
  const auto at = numbers.find(key);
  INFO("what this test does not know it must not pass over");
  REQUIRE(at != numbers.end());
  CHECK(at->second == *value.integer);
}

void check_edge_case(const Path& path, const json::Node& expected) {
  const TraceOptions options = found(path);
  const TraceStats stats = trace_stats(options);
  const auto requests = replayed(options);
  for (const json::Member& member : expected.members) {
    const std::string& key = member.key;
    INFO(key);
    if (key == "note" || key == "unit" || key == "block") continue;
    if (key == "format") {
      CHECK(detect_format(options.file).name == member.value.text);
    } else if (key == "dropped" || key == "warnings") {
      check_counts(expected, key, stats.notes);
    } else if (key == "rows") {
      // Here a line of this format is a row; memwall counts the requests of a session each.
      const std::int64_t more = expected.find("format")->text == "llmservingsim" ? stats.rows - stats.open_rows : 0;
      CHECK(stats.notes.rows_read - more == *member.value.integer);
    } else if (key == "out_of_order") {
      CHECK(stats.notes.warnings.at("out_of_order") == *member.value.integer);
    } else if (key == "orphan_parents") {
      CHECK(stats.notes.warnings.at("orphan_parent") == *member.value.integer);
    } else if (key == "first_arrival_s") {
      CHECK(requests.front().arrival.seconds() == member.value.number);
    } else if (key == "last_arrival_s") {
      CHECK(requests.back().arrival.seconds() == Approx(member.value.number).epsilon(1e-12));
    } else if (key == "last_open_arrival_s") {
      CHECK(stats.arrivals.duration_s == Approx(member.value.number).epsilon(1e-12));
    } else {
      check_number(key, member.value, stats);
    }
  }
}

}  // namespace

TEST_CASE("every row of the manifest is read, in the format that is found by content") {
  const auto folder = published("row counts of the manifest");
  if (!folder) return;
  CsvReader manifest({(*folder / "MANIFEST.csv").string(), "MANIFEST.csv"});
  const auto at = manifest.positions({"path", "rows"});
  std::int64_t counted = 0;
  while (manifest.next()) {
    const std::string path(manifest.field(at[0]));
    const std::string rows(manifest.field(at[1]));
    INFO(path);
    if (rows.empty() || without_tokens(path)) continue;
    ++counted;
    const Path file = *folder / path;
    const TraceFile named{file.string(), path};
    if (detect_format(named).name == "servegen") {
      CHECK(std::to_string(read_servegen_windows(named).windows.size()) == rows);
      continue;
    }
    const TraceOptions options = found(file);
    const TraceSurvey survey = survey_trace(options);
    std::int64_t dropped = 0;
    for (const auto& [reason, count] : survey.notes.dropped) dropped += count;
    CHECK(survey.notes.rows_read == survey.notes.rows_kept + dropped);
    const bool sessions_in_lines = detect_format(named).name == "llmservingsim";
    const auto lines =
        survey.notes.rows_read - (sessions_in_lines ? static_cast<std::int64_t>(survey.followers.size()) : 0);
    CHECK(std::to_string(lines) == rows);
  }
  CHECK(counted >= 50);
}

TEST_CASE("every document of the manifest is a trace of its format") {
  const auto folder = published("documents of the manifest");
  if (!folder) return;
  std::int64_t weka = 0, otel = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    const std::string place = entry.path().parent_path().filename().string();
    if (!entry.is_regular_file() || (place != "weka_kv_cache_tester" && place != "otel_inference_perf")) continue;
    INFO(entry.path().filename().string());
    const TraceSurvey survey = survey_trace(found(entry.path()));
    CHECK(survey.notes.rows_kept > 0);
    CHECK(survey.sessions.size() >= 1);
    if (place == "weka_kv_cache_tester") {
      CHECK(detect_format({entry.path().string(), ""}).name == "weka");
      // 48,658 requests had one id for each whole block (section 2), and a few of them no answer.
      CHECK(survey.notes.warnings.count("hash_ids_short") == 0);
      CHECK(survey.notes.warnings.count("hash_ids_long") == 0);
      for (const auto& [reason, count] : survey.notes.dropped) CHECK(reason == "zero_output");
      ++weka;
    } else {
      CHECK(detect_format({entry.path().string(), ""}).name == "otel");
      CHECK(survey.notes.dropped.empty());
      ++otel;
    }
  }
  CHECK(weka == 42);
  CHECK(otel == 5);
}

TEST_CASE("the hand-written edge cases give every number that is expected of them") {
  const auto folder = published("edge cases");
  if (!folder) return;
  const Path cases = *folder / "edge_cases_synthetic";
  const json::Tree expected = json::load(cases / "expected.json");
  CHECK(expected.root.members.size() >= 11);
  for (const json::Member& member : expected.root.members) {
    INFO(member.key);
    if (member.value.find("format")->text == "servegen_trace") {
      check_windows(cases / member.key, member.value);
    } else {
      check_edge_case(cases / member.key, member.value);
    }
  }
}

TEST_CASE("whole traces have the statistics of section 3") {
  struct Row {
    std::string path;
    double input_mean, output_mean;
    std::int64_t input_max, output_max;
    std::vector<double> inputs, outputs;  ///< quantiles
    double log_in, dev_in, log_out, dev_out, pearson, spearman;
  };
  std::vector<Row> rows = {{"azure_2023/AzureLLMInferenceTrace_code.csv",
                            2047.8,
                            27.9,
                            7437,
                            1899,
                            {17, 75, 578, 1469, 2744, 5188, 7303, 7436},
                            {6, 6, 9, 13, 24, 55, 90, 251},
                            6.999,
                            1.360,
                            2.788,
                            0.847,
                            0.001,
                            -0.021},
                           {"mooncake_arxiv/mooncake_trace_1000.jsonl",
                            9792.0,
                            199.1,
                            121290,
                            2000,
                            {895, 1082, 3380, 6558, 8776, 19789, 27307, 77828},
                            {3, 3, 17, 34, 384, 534, 610, 831},
                            8.754,
                            0.883,
                            3.956,
                            1.982,
                            0.315,
                            0.201},
                           {"length_stats/arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv",
                            2588.1,
                            291.4,
                            4054,
                            4056,
                            {73, 749, 1986, 2730, 3370, 3702, 3813, 3933},
                            {36, 60, 115, 167, 242, 372, 736, 3271},
                            7.717,
                            0.755,
                            5.187,
                            0.796,
                            -0.463,
                            -0.114},
                           {"exgentic_second_hand/swebench_claude_code_shard12.normalized_sample.jsonl",
                            29441,
                            261,
                            67657,
                            7566,
                            {298, 10348, 21467, 27214, 35950, 47478, 54026, 63204},
                            {33, 45, 70, 106, 292, 601, 846, 1763},
                            10.064,
                            1.032,
                            4.989,
                            0.966,
                            -0.037,
                            0.138}};
  // Vidur's files hold exactly the token counts of Azure 2023, row by row.
  rows.push_back(rows.front());
  rows.back().path = "vidur/splitwise_code.csv";
  const auto folder = published("statistics of section 3");
  if (!folder) return;
  for (const Row& row : rows) {
    INFO(row.path);
    const TraceStats stats = trace_stats(found(*folder / row.path));
    CHECK(std::abs(stats.input.mean - row.input_mean) <= 0.5);
    CHECK(std::abs(stats.output.mean - row.output_mean) <= 0.5);
    CHECK(stats.input.max == row.input_max);
    CHECK(stats.output.max == row.output_max);
    for (std::size_t i = 0; i < 8; ++i) {  // published in whole tokens
      CHECK(std::abs(stats.input.quantiles[i] - row.inputs[i]) <= 0.5);
      CHECK(std::abs(stats.output.quantiles[i] - row.outputs[i]) <= 0.5);
    }
    CHECK(std::abs(stats.input.log_mean - row.log_in) <= 0.0006);
    CHECK(std::abs(stats.input.log_deviation - row.dev_in) <= 0.0006);
    CHECK(std::abs(stats.output.log_mean - row.log_out) <= 0.0006);
    CHECK(std::abs(stats.output.log_deviation - row.dev_out) <= 0.0006);
    CHECK(std::abs(stats.pairing.pearson - row.pearson) <= 0.0006);
    CHECK(std::abs(stats.pairing.spearman - row.spearman) <= 0.0006);
  }
}

TEST_CASE("arrivals a minute, habits of blocks and bounded caches are as section 3 has them") {
  const auto folder = published("arrivals and prefixes of section 3");
  if (!folder) return;
  const TraceStats code = trace_stats(found(*folder / "azure_2023/AzureLLMInferenceTrace_code.csv"));
  CHECK(code.arrivals.minute_least == 0);
  CHECK(code.arrivals.minute_mean == Approx(151.3).margin(0.06));
  CHECK(code.arrivals.minute_most == 632);

  const PrefixStats arxiv = trace_stats(found(*folder / "mooncake_arxiv/mooncake_trace_1000.jsonl")).prefix;
  CHECK(arxiv.once_share == Approx(0.855).margin(0.0006));
  CHECK(arxiv.top_share == Approx(0.301).margin(0.0006));
  CHECK(arxiv.slope == Approx(0.36).margin(0.006));
  CHECK(PrefixStats::share(arxiv.hit_blocks_bounded[0], arxiv.blocks) == Approx(0.283).margin(0.0006));
  CHECK(PrefixStats::share(arxiv.hit_blocks_bounded[1], arxiv.blocks) == Approx(0.319).margin(0.0006));
  CHECK(arxiv.reuse_gap_s[0] == Approx(0).margin(0.5));
  CHECK(arxiv.reuse_gap_s[1] == Approx(0).margin(0.5));
  CHECK(arxiv.reuse_gap_s[2] == Approx(76).margin(0.5));

  // Two thirds of the trace, so the whole trace's values are a guide only.
  const PrefixStats conversation =
      trace_stats(found(*folder / "mooncake_fast25/conversation_trace.part1.jsonl")).prefix;
  CHECK(conversation.block_share() == Approx(0.366).margin(0.03));
  CHECK(PrefixStats::share(conversation.requests_with_hit, conversation.requests) == Approx(1.000).margin(0.0006));
  CHECK(PrefixStats::share(conversation.hit_blocks_bounded[1], conversation.blocks) == Approx(0.112).margin(0.01));

  const TraceStats vtc = trace_stats(found(*folder / "vtc_arena/real_trace.part1.csv"));
  CHECK(vtc.tenants == vtc.adapters);
  CHECK(vtc.tenants <= 27);
  CHECK(vtc.output.quantiles[5] == Approx(513).margin(0.5));  // the cap that section 3.2 speaks of

  const TraceStats agents =
      trace_stats(found(*folder / "exgentic_second_hand/swebench_claude_code_shard12.normalized_sample.jsonl"));
  CHECK(agents.sessions.sessions == 46);
  CHECK(agents.rows == 2146);
}
