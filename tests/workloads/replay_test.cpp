// What the options of a replay do: each changes the result as it says.
#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/replay/trace_cursor.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// A mooncake file of one row at each of these milliseconds; the input is the row's position plus one.
TraceFile rows_at(const std::string& name, const std::vector<double>& ms) {
  std::string content;
  for (std::size_t i = 0; i < ms.size(); ++i) {
    content += "{\"timestamp\": " + std::to_string(ms[i]) + ", \"input_length\": " + std::to_string(i + 1) +
               ", \"output_length\": 10}\n";
  }
  return written(name, content);
}

std::vector<std::int64_t> inputs(const std::vector<Request>& requests) {
  std::vector<std::int64_t> out;
  for (const Request& request : requests) out.push_back(request.input_tokens);
  return out;
}

using Order = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("an unsorted file is replayed in order of arrival, equal times in order of the file") {
  const auto options = trace(rows_at("unsorted.jsonl", {3000, 1000, 3000, 500, 3000, 1000}), "mooncake");
  const auto source = replay_trace(options, {});
  CHECK(source->notes().warnings.at("out_of_order") == 3);
  const auto requests = drained(*source);
  CHECK(inputs(requests) == Order{4, 2, 6, 1, 3, 5});
  CHECK(requests.front().arrival == Time{0});
  CHECK(requests.back().arrival.seconds() == Approx(2.5));
}

TEST_CASE("the window counts from the earliest row, arrivals from the first row inside it") {
  for (const auto& [name, ms] : {std::pair<std::string, std::vector<double>>{"sorted", {100, 600, 1100, 1600, 2100}},
                                 std::pair<std::string, std::vector<double>>{"mixed", {600, 100, 2100, 1600, 1100}}}) {
    INFO(name);
    auto options = trace(rows_at(name + "_window.jsonl", ms), "mooncake");
    options.window_from_ns = 500'000'000;
    options.window_to_ns = 2'000'000'000;  // excluded itself
    const auto requests = replayed(options);
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].arrival == Time{0});
    CHECK(requests[2].arrival.seconds() == Approx(1.0));
    const SourceNotes notes = replay_trace(options, {})->notes();
    CHECK(notes.rows_kept == 3);
    CHECK(notes.dropped.at("outside_window") == 2);

    options.max_requests = 2;
    const auto few = replayed(options);
    REQUIRE(few.size() == 2);
    CHECK(few[1].arrival.seconds() == Approx(0.5));
    options.max_requests.reset();
    options.window_from_ns = 60'000'000'000;
    options.window_to_ns.reset();
    CHECK_THROWS_AS(replay_trace(options, {}), InputError);
  }
}

TEST_CASE("time is scaled exactly") {
  auto options = trace(rows_at("scale.jsonl", {0, 1000, 3000}), "mooncake");
  options.time_scale = 0.25;
  const auto requests = replayed(options);
  CHECK(requests[1].arrival.ps == 250'000'000'000);
  CHECK(requests[2].arrival.ps == 750'000'000'000);
}

TEST_CASE("a trace longer than the clock is refused, and window, scale or fewer requests mend it") {
  const double day_ms = 86400e3;
  auto options = trace(rows_at("long.jsonl", {0, 10 * day_ms, 107 * day_ms, 30000 * day_ms}), "mooncake");
  CHECK_THROWS_AS(replay_trace(options, {}), InputError);
  auto scaled = options;
  scaled.time_scale = 1e-3;
  CHECK(replayed(scaled).size() == 4);
  auto part = options;
  part.window_to_ns = static_cast<std::int64_t>(50 * day_ms * 1e6);
  CHECK(replayed(part).size() == 2);
  auto few = options;
  few.max_requests = 2;
  CHECK(replayed(few).back().arrival.seconds() == Approx(864000));
}

TEST_CASE("an end of sequence is hidden from the engine unless its cap comes first") {
  auto options = trace(data_file("azure_forms.csv"), "azure");
  options.stop = {.eos = true, .max_tokens = 30};
  const auto source = replay_trace(options, {});
  const auto requests = drained(*source);  // answers of 10, 20, 40, 30 tokens
  REQUIRE(requests.size() == 4);
  for (const Request& request : requests) CHECK(request.max_tokens == 30);
  CHECK(requests[0].stops_by_eos);
  CHECK(requests[0].output_tokens == 10);
  CHECK_FALSE(requests[2].stops_by_eos);
  CHECK(requests[2].output_tokens == 30);
  CHECK_FALSE(requests[3].stops_by_eos);
  CHECK(source->notes().warnings.at("capped_by_max_tokens") == 1);
}

TEST_CASE("spreading moves each arrival within its bin, in order, and depends on seed and workload alone") {
  std::vector<double> bins;
  for (int i = 0; i < 3000; ++i) bins.push_back(3000.0 * (i / 10));
  auto options = trace(rows_at("binned.jsonl", bins), "mooncake");
  CHECK(replay_trace(options, {})->notes().remarks.size() == 1);  // says that times are rounded
  options.spread_ns = 3'000'000'000;
  const auto requests = replayed(options);
  REQUIRE(requests.size() == 3000);
  double sum = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (i > 0) CHECK(requests[i - 1].arrival <= requests[i].arrival);
    const auto row = static_cast<int>(requests[i].input_tokens) - 1;
    const double moved = requests[i].arrival.seconds() - 3.0 * (row / 10);
    CHECK(moved >= 0);
    CHECK(moved < 3);
    sum += moved;
  }
  CHECK(sum / 3000 == Approx(1.5).margin(4 * 3 / std::sqrt(12.0 * 3000)));
  CHECK(inputs(replayed(options)) == inputs(requests));
  CHECK(inputs(replayed(options, {.seed = 2, .workload = 0, .base_directory = {}, .search = {}})) != inputs(requests));

  // Wider than the bins, rows of different bins change places.
  options.spread_ns = 30'000'000'000;
  const auto wide = replayed(options);
  CHECK(std::is_sorted(wide.begin(), wide.end(),
                       [](const Request& a, const Request& b) { return a.arrival < b.arrival; }));
  CHECK(wide.size() == 3000);
}

TEST_CASE("a path is looked up beside the scenario and then in the search folders") {
  const std::string data = std::string(MEMWALL_SOURCE_DIR) + "/tests/workloads/data";
  SourceContext context;
  context.base_directory = data;
  CHECK(locate_trace("azure_forms.csv", context).label == "azure_forms.csv");
  context.base_directory = MEMWALL_SOURCE_DIR;
  context.search = {std::string(MEMWALL_SOURCE_DIR) + "/tests", data};
  CHECK(locate_trace("azure_forms.csv", context).path == data + "/azure_forms.csv");
  CHECK_THROWS_AS(locate_trace("no_such.csv", context), InputError);
}

TEST_CASE("a file that changes between its two readings is noticed") {
  const auto options = trace(rows_at("changing.jsonl", {0, 1000, 2000}), "mooncake");
  const auto source = replay_trace(options, {});
  // A buffered reader keeps what it has, so the change is made visible by a fresh cursor.
  const TraceSurvey survey = survey_trace(options);
  rows_at("changing.jsonl", {0});
  TraceCursor cursor(options, survey);
  TraceRow row;
  CHECK(cursor.next(row));
  CHECK_THROWS_AS(cursor.next(row), InputError);
}
