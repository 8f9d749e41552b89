// What `trace stats` says of conversations and agents, against sums by hand and against a count that reads the
// published documents in another way.
#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/shared.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/replay/length_stats.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::string_view conversation =
    "{\"memwall_trace\": 1}\n"
    "{\"id\": \"a\", \"time_ns\": 0, \"service_ns\": 2000000000, \"first_token_ns\": 500000000, \"session\": \"s\", "
    "\"input_tokens\": 25, \"output_tokens\": 1, \"block_tokens\": 10, \"blocks\": [1, 2], \"fixed_tokens\": 7}\n"
    "{\"id\": \"b\", \"time_ns\": 1000000000, \"service_ns\": 1000000000, \"session\": \"s\", \"input_tokens\": 45, "
    "\"output_tokens\": 1, \"block_tokens\": 10, \"blocks\": [1, 2, 3, 4]}\n"
    "{\"time_ns\": 9000000000, \"session\": \"s\", \"class\": \"helper\", \"input_tokens\": 300000, "
    "\"output_tokens\": 1, \"block_tokens\": 10, \"blocks\": [9, 2]}\n"
    "{\"time_ns\": 9000000000, \"input_tokens\": 200000, \"output_tokens\": 1}\n";

double median(const Spread& spread) { return spread.quantiles[2]; }

/// Tokens that a call of a conversation adds, by the rule of the survey: blocks that none of its calls before had.
std::vector<double> added_by_calls(const json::Node& document, std::vector<double>& seconds) {
  std::vector<double> out;
  std::set<std::int64_t> known;
  bool first = true;
  for (const json::Node& request : document.find("requests")->items) {
    REQUIRE(request.find("type")->text != "subagent");
    std::int64_t before = 0;
    for (const json::Node& id : request.find("hash_ids")->items) before += known.count(*id.integer) > 0 ? 1 : 0;
    for (const json::Node& id : request.find("hash_ids")->items) known.insert(*id.integer);
    if (!first) out.push_back(static_cast<double>(*request.find("in")->integer - 64 * before));
    first = false;
    if (const json::Node* time = request.find("api_time")) seconds.push_back(time->number);
  }
  return out;
}

}  // namespace

TEST_CASE("sessions are told by what their calls add, use again and wait for") {
  const TraceFile file = written("conversation.jsonl", std::string(conversation));
  const TraceStats stats = trace_stats(trace(file, "memwall"));
  const SessionStats& s = stats.sessions;
  CHECK(s.sessions == 1);
  CHECK(s.rows == 3);
  CHECK(s.agents == 1);
  CHECK(median(s.fixed_tokens) == 7);
  // 45 tokens of which two blocks were known, and 300,000 of which one was.
  CHECK(s.new_tokens.count == 2);
  CHECK(s.new_tokens.quantiles[0] == Approx(25 + 0.01 * (299'990 - 25)));
  CHECK(median(s.new_tokens) == (25 + 299'990) / 2.0);
  CHECK(median(s.reuse) == 3.0 / 8);
  CHECK(s.service_s.count == 2);
  CHECK(median(s.service_s) == 1.5);
  CHECK(s.first_token_s.count == 1);
  CHECK(median(s.first_token_s) == 0.5);
  // The second call arrived before the first had ended, the third long after the second.
  CHECK(s.successions == 2);
  CHECK(s.overlaps == 1);
  CHECK(stats.beyond.rows == 1);
  CHECK(stats.beyond.tokens == 300'000);
}

TEST_CASE("memwall's own format keeps what the statistics of sessions need") {
  const TraceFile file = written("conversation.jsonl", std::string(conversation));
  std::string text;
  static_cast<void>(convert_trace(plain_rows("memwall"), file, {}, "memwall", [&](std::string_view b) { text += b; }));
  const TraceFile again = written("conversation_again.jsonl", text);
  const SessionStats before = trace_stats(trace(file, "memwall")).sessions;
  const SessionStats after = trace_stats(trace(again, "memwall")).sessions;
  CHECK(after.new_tokens.quantiles == before.new_tokens.quantiles);
  CHECK(median(after.fixed_tokens) == median(before.fixed_tokens));
  CHECK(after.first_token_s.count == before.first_token_s.count);
  CHECK(after.overlaps == before.overlaps);
}

TEST_CASE("what calls of published agents add is what another count finds") {
  const auto folder = shared("conversations of agents");
  if (!folder || !std::filesystem::exists(*folder / "traces/weka_kv_cache_tester/trace_0001.json")) return;
  const auto path = *folder / "traces/weka_kv_cache_tester/trace_0001.json";
  const json::Tree document = json::load(path);
  std::vector<double> seconds;
  std::vector<double> added = added_by_calls(document.root, seconds);
  const SessionStats stats = trace_stats(trace({path.string(), "trace_0001.json"}, "weka")).sessions;
  REQUIRE(added.size() > 30);
  CHECK(stats.new_tokens.count == static_cast<std::int64_t>(added.size()));
  CHECK(stats.service_s.count == static_cast<std::int64_t>(seconds.size()));
  std::sort(added.begin(), added.end());
  std::sort(seconds.begin(), seconds.end());
  for (std::size_t i = 0; i < Spread::levels.size(); ++i) {
    CHECK(stats.new_tokens.quantiles[i] == Approx(sorted_quantile(added, Spread::levels[i])));
    CHECK(stats.service_s.quantiles[i] == Approx(sorted_quantile(seconds, Spread::levels[i])));
  }
}

TEST_CASE("published agents of software engineering take the survey's time on the server") {
  const auto folder = shared("calls of coding agents");
  const auto name = "traces/exgentic_second_hand/swebench_claude_code_shard12.normalized_sample.jsonl";
  if (!folder || !std::filesystem::exists(*folder / name)) return;
  const SessionStats stats = trace_stats(trace({(*folder / name).string(), "swebench"}, "exgentic")).sessions;
  // workloads.md, section 3.4: 46 sessions, median 7.1 s, 90 % within 29 s.
  CHECK(stats.sessions == 46);
  CHECK(median(stats.service_s) == Approx(7.1).epsilon(0.01));
  CHECK(stats.service_s.quantiles[4] == Approx(29).epsilon(0.02));
}
