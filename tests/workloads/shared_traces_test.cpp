// The published traces, where they are at hand: counts and token sums to the last digit, statistics as published.
#include <cmath>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/shared.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// A trace of the shared folder; nothing where it is absent.
std::optional<TraceOptions> shared_trace(const std::string& path, std::string_view format) {
  const auto folder = shared("replay of " + path);
  if (!folder || !std::filesystem::exists(*folder / "traces" / path)) return std::nullopt;
  return trace({(*folder / "traces" / path).string(), path}, format);
}

}  // namespace

TEST_CASE("Azure 2023 code, whole: rows, arrivals and lengths as published") {
  const auto options = shared_trace("azure_2023/AzureLLMInferenceTrace_code.csv", "azure");
  if (!options) return;
  const TraceStats stats = trace_stats(*options);
  CHECK(stats.rows == 8819);
  CHECK(stats.notes.dropped.empty());
  CHECK(stats.arrivals.duration_s == Approx(3435.9).margin(0.05));
  CHECK(stats.arrivals.rate_per_s == Approx(2.566).margin(0.0006));
  CHECK(stats.arrivals.gap_cv == Approx(13.15).margin(0.006));
  CHECK(stats.arrivals.dispersion[0] == Approx(13.2).margin(0.06));
  CHECK(stats.arrivals.dispersion[1] == Approx(71.6).margin(0.3));
  CHECK(stats.arrivals.dispersion[2] == Approx(164.0).epsilon(0.03));  // few bins: ends and divisor are conventions
  CHECK(stats.input.mean == Approx(2047.8).margin(0.06));
  CHECK(stats.output.mean == Approx(27.9).margin(0.06));
  const double inputs[] = {17, 75, 578, 1469, 2744, 5188, 7303, 7436};
  const double outputs[] = {6, 6, 9, 13, 24, 55, 90, 251};
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(std::abs(stats.input.quantiles[i] - inputs[i]) <= 0.5);  // published in whole tokens
    CHECK(std::abs(stats.output.quantiles[i] - outputs[i]) <= 0.5);
  }
  CHECK(stats.input.max == 7437);
  CHECK(stats.output.max == 1899);
  CHECK(stats.prefix.blocks == 0);
}

TEST_CASE("Azure 2023 conversation, first part: every row of the manifest is replayed") {
  const auto options = shared_trace("azure_2023/AzureLLMInferenceTrace_conv.part1.csv", "azure");
  if (!options) return;
  const auto requests = replayed(*options);
  CHECK(requests.size() == 13927);
  // The rows end before 18:55:00, and the trace begins at 18:15:46.68059.
  CHECK(requests.back().arrival.seconds() < 2353.32);
  CHECK(requests.back().arrival.seconds() > 2350);
  const TraceStats stats = trace_stats(*options);
  std::int64_t input = 0;
  for (const Request& request : requests) input += request.input_tokens;
  CHECK(input == stats.input_tokens);
  CHECK(stats.arrivals.dispersion[0] == Approx(1.39).epsilon(0.1));  // of the whole trace; this is five sevenths of it
}

TEST_CASE("Mooncake arXiv, first 1,000: shared prefixes as published") {
  const auto options = shared_trace("mooncake_arxiv/mooncake_trace_1000.jsonl", "mooncake");
  if (!options) return;
  const TraceStats stats = trace_stats(*options);
  CHECK(stats.rows == 1000);
  CHECK(stats.arrivals.duration_s == Approx(177.1).margin(0.06));
  CHECK(stats.arrivals.rate_per_s == Approx(5.641).margin(0.0006));
  CHECK(stats.arrivals.gap_cv == Approx(4.03).margin(0.006));
  CHECK(stats.prefix.blocks == 19686);
  CHECK(stats.prefix.distinct == 12207);
  CHECK(stats.prefix.block_share() == Approx(0.380).margin(0.0006));
  CHECK(stats.prefix.token_share() == Approx(0.391).margin(0.0006));
  CHECK(static_cast<double>(stats.prefix.requests_with_hit) / 1000 == Approx(0.997).margin(0.0006));
  CHECK(stats.input.mean == Approx(9792.0).margin(0.06));
  CHECK(stats.output.mean == Approx(199.1).margin(0.06));
}

TEST_CASE("Mooncake FAST'25 parts: all rows are usable, with one id for every 512 tokens") {
  for (const auto& [path, rows] : {std::pair<std::string, std::int64_t>{"conversation_trace.part1.jsonl", 8000},
                                   std::pair<std::string, std::int64_t>{"synthetic_trace.part1.jsonl", 2600}}) {
    const auto options = shared_trace("mooncake_fast25/" + path, "mooncake");
    if (!options) return;
    const TraceStats stats = trace_stats(*options);
    CHECK(stats.rows == rows);
    CHECK(stats.notes.dropped.empty());
    CHECK(stats.notes.warnings.empty());
    CHECK(stats.prefix.token_share() > 0.3);
    CHECK(replayed(*options).size() == static_cast<std::size_t>(rows));
  }
}

TEST_CASE("the hand-written edge cases give the expected counts") {
  struct Case {
    std::string file, format;
    std::int64_t rows, valid, input, output;
    double last_arrival_s;
    std::map<std::string, std::int64_t> dropped;
  };
  const std::vector<Case> cases = {
      {"azure_bom_lf.csv", "azure", 5, 5, 968, 173, 4.31941, {}},
      {"azure_2024_tz.csv", "azure", 4, 3, 1555, 99, 0.156825, {{"zero_output", 1}}},
      {"azure_quoted_crlf.csv", "azure", 4, 3, 782, 158, 2.0, {{"missing_field", 1}}},
      {"azure_lmm_2025.csv", "azure", 3, 3, 3120, 283, 2.0, {}},
      {"mooncake_dirty.jsonl", "mooncake", 8, 6, 4537, 30, 9.0, {{"parse_error", 1}, {"zero_output", 1}}},
  };
  for (const Case& expected : cases) {
    INFO(expected.file);
    const auto options = shared_trace("edge_cases_synthetic/" + expected.file, expected.format);
    if (!options) return;
    const TraceStats stats = trace_stats(*options);
    CHECK(stats.notes.rows_read == expected.rows);
    CHECK(stats.rows == expected.valid);
    CHECK(stats.notes.dropped == expected.dropped);
    CHECK(stats.input_tokens == expected.input);
    CHECK(stats.output_tokens == expected.output);
    const auto requests = replayed(*options);
    CHECK(requests.front().arrival == Time{0});
    CHECK(requests.back().arrival.seconds() == Approx(expected.last_arrival_s).epsilon(1e-12));
  }
  const auto dirty = shared_trace("edge_cases_synthetic/mooncake_dirty.jsonl", "mooncake");
  const TraceStats stats = trace_stats(*dirty);
  CHECK(stats.prefix.hit_blocks == 4);
  CHECK(stats.notes.warnings ==
        std::map<std::string, std::int64_t>{{"hash_ids_short", 1}, {"no_hash_ids", 1}, {"out_of_order", 1}});
  const auto bom = shared_trace("edge_cases_synthetic/azure_bom_lf.csv", "azure");
  CHECK(trace_stats(*bom).arrivals.repeated_times == 1);
}

TEST_CASE("the hand-written sessions start their turns 50 ms and 0 ms after the turn before") {
  const auto options = shared_trace("edge_cases_synthetic/mooncake_sessions.jsonl", "mooncake");
  if (!options) return;
  const TraceStats stats = trace_stats(*options);
  CHECK(stats.rows == 4);
  CHECK(stats.open_rows == 2);
  CHECK(stats.sessions.sessions == 2);
  CHECK(stats.input_tokens == 8192);
  CHECK(stats.output_tokens == 336);
  const auto source = replay_trace(*options, {});
  const auto requests = drained(*source, Duration{1'000'000'000'000});
  REQUIRE(requests.size() == 4);
  CHECK(requests[2].arrival.seconds() == Approx(1.05));  // first turn at 0 s, answered in a second
  CHECK(requests[3].arrival.seconds() == Approx(2.05));
}
