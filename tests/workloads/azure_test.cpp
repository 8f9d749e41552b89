// Azure traces: forms of CSV and of times, unusable rows, and files that are no traces.
#include <algorithm>
#include <filesystem>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/formats/numbers.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

/// What the fault of opening such a file says.
std::string refusal_of(const TraceOptions& options) {
  try {
    (void)replay_trace(options, {});
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::int64_t clock(const char* text) {
  std::int64_t ns = 0;
  bool zoned = false;
  REQUIRE(read_wall_clock(text, ns, zoned));
  return ns;
}

}  // namespace

TEST_CASE("wall clocks are read to the nanosecond, with zones") {
  CHECK(clock("1970-01-01 00:00:00") == 0);
  // Unix times of these dates, from the definition of the Gregorian calendar.
  CHECK(clock("2000-03-01 00:00:00") == 951868800LL * 1'000'000'000);
  CHECK(clock("2023-11-16 18:15:46.6805900") == 1700158546LL * 1'000'000'000 + 680'590'000);
  CHECK(clock("2024-05-12 02:00:00.157988+02:00") == clock("2024-05-12T00:00:00.157988Z"));
  CHECK(clock("2024-05-11 19:30:00-04:30") == clock("2024-05-12 00:00:00"));
  CHECK(clock("1969-12-31 23:59:59.5") == -500'000'000);
  std::int64_t ns = 0;
  bool zoned = false;
  for (const char* wrong : {"", "2023-02-29 00:00:00", "2100-02-29 00:00:00", "2023-13-01 00:00:00",
                            "2023-01-01 24:00:00", "2023-01-01 00:60:00", "2023-01-01 00:00:60", "2023-01-01",
                            "2023-01-01 00:00:00.", "2023-01-01 00:00:00.1234567890", "2023-01-01 00:00:00+1",
                            "2023-01-01 00:00:00 UTC", "20230-01-01 00:00:00", "1700158546"}) {
    INFO(wrong);
    CHECK_FALSE(read_wall_clock(wrong, ns, zoned));
  }
}

TEST_CASE("decimal times keep every digit") {
  std::int64_t ns = 0;
  REQUIRE(read_ticks("1753694362340138614", 1, ns));
  CHECK(ns == 1753694362340138614);
  REQUIRE(read_ticks(" 3000.25 ", 1'000'000, ns));
  CHECK(ns == 3'000'250'000);
  REQUIRE(read_ticks("-0.5", 1'000'000, ns));
  CHECK(ns == -500'000);
  for (const char* wrong : {"", "nan", "1e5", "12x", "1.", ".5", "9999999999999999999", "9223372036854775807"}) {
    INFO(wrong);
    CHECK_FALSE(read_ticks(wrong, 1'000'000, ns));
  }
}

TEST_CASE("quotes, line breaks in quotes, CRLF, a byte order mark, blank lines and other columns change nothing") {
  const auto options = trace(data_file("azure_forms.csv"), "azure");
  const auto requests = replayed(options);
  REQUIRE(requests.size() == 4);
  // 100 ns before midnight, 200 ns later, half a second, and one second after midnight in another zone.
  const std::int64_t arrivals_ps[] = {0, 200'000, 500'000'100'000, 1'000'000'100'000};
  const std::int64_t inputs[] = {100, 200, 400, 300};
  const std::int64_t outputs[] = {10, 20, 40, 30};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(requests[i].arrival.ps == arrivals_ps[i]);
    CHECK(requests[i].input_tokens == inputs[i]);
    CHECK(requests[i].output_tokens == outputs[i]);
    CHECK(requests[i].max_tokens == outputs[i]);
    CHECK_FALSE(requests[i].stops_by_eos);
    CHECK(requests[i].prompt.empty());
    CHECK(requests[i].session == -1);
  }
  const SourceNotes notes = replay_trace(options, {})->notes();
  CHECK(notes.rows_read == 4);
  CHECK(notes.warnings.at("out_of_order") == 1);
  CHECK(notes.remarks.size() == 3);  // sorted, a column that is not used, times with and without a zone
}

TEST_CASE("rows that cannot be used are counted by reason, with the line of the first") {
  const SourceNotes notes = replay_trace(trace(data_file("azure_bad_rows.csv"), "azure"), {})->notes();
  CHECK(notes.rows_read == 16);
  CHECK(notes.rows_kept == 2);
  CHECK(notes.dropped == std::map<std::string, std::int64_t>{{"bad_time", 3},
                                                             {"missing_field", 3},
                                                             {"negative", 1},
                                                             {"not_a_number", 3},
                                                             {"not_whole", 1},
                                                             {"too_large", 1},
                                                             {"zero_input", 1},
                                                             {"zero_output", 1}});
  CHECK(notes.first_drop.at("bad_time") == "azure_bad_rows.csv:3");
  CHECK(notes.first_drop.at("missing_field") == "azure_bad_rows.csv:10");
  CHECK(notes.first_drop.at("zero_output") == "azure_bad_rows.csv:13");
  std::int64_t rows = notes.rows_kept;
  for (const auto& [reason, count] : notes.dropped) rows += count;
  CHECK(rows == notes.rows_read);
}

TEST_CASE("a failed row is kept with one token when asked") {
  auto options = trace(data_file("azure_bad_rows.csv"), "azure");
  options.keep_failed = true;
  const auto requests = replayed(options);
  REQUIRE(requests.size() == 3);
  CHECK(requests[1].input_tokens == 7);
  CHECK(requests[1].output_tokens == 1);
  CHECK(replay_trace(options, {})->notes().warnings.at("zero_output_kept") == 1);
}

TEST_CASE("a file that is no trace is refused with what to do") {
  CHECK(says(refusal_of(trace({"/nowhere/at/all.csv", "all.csv"}, "azure")), "all.csv: there is no such file"));
  CHECK(says(refusal_of(trace({MEMWALL_SOURCE_DIR, "here"}, "azure")), "is a directory"));
  CHECK(says(refusal_of(trace({"/dev/null", "null"}, "azure")), "not a regular file"));
  CHECK(says(refusal_of(trace(written("empty.csv", ""), "azure")), "is empty"));
  CHECK(says(refusal_of(trace(written("blank.csv", "\n\r\n  \n"), "azure")), "blank lines"));
  CHECK(says(refusal_of(trace(written("header.csv", header), "azure")), "no rows"));
  CHECK(says(refusal_of(trace(written("zero.csv", header + "2023-01-01 00:00:00,5,0\n"), "azure")), "keep_failed"));
  CHECK(says(refusal_of(trace(written("quote.csv", header + "2023-01-01 00:00:00,\"5,1\n"), "azure")), "quote.csv:2"));

  const std::string long_line(10'000'000, '7');
  const std::string fault =
      refusal_of(trace(written("long.csv", header + "2023-01-01 00:00:00,5,1\n" + long_line), "azure"));
  CHECK(says(fault, "long.csv:3"));
  CHECK(says(fault, "1 MiB"));
}

TEST_CASE("every missing column is named, with the columns that are there") {
  try {
    (void)replay_trace(trace(written("columns.csv", "TIMESTAMP,Prompt,Output\n"), "azure"), {});
    FAIL("accepted");
  } catch (const InputError& error) {
    REQUIRE(error.faults().size() == 2);
    CHECK(error.faults()[0].pointer == "ContextTokens");
    CHECK(error.faults()[1].pointer == "GeneratedTokens");
    CHECK(error.faults()[0].file == "columns.csv");
    CHECK(error.faults()[0].line == 1);
    CHECK(says(error.faults()[0].message, "TIMESTAMP, Prompt, Output"));
  }
}

TEST_CASE("lines longer than the reading buffer, at every alignment, are read whole") {
  // A wide unused column moves the line ends over the buffer's edge.
  std::string content = "TIMESTAMP,Note,ContextTokens,GeneratedTokens\n";
  std::int64_t expected = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string note(static_cast<std::size_t>(i * 997 % 3000 + (i % 97 == 0 ? 200'000 : 0)), 'n');
    content += "2023-01-01 00:00:" + std::string(i % 60 < 10 ? "0" : "") + std::to_string(i % 60) + "," + note + "," +
               std::to_string(i + 1) + ",1\n";
    expected += i + 1;
  }
  content.pop_back();
  const auto requests = replayed(trace(written("wide.csv", content), "azure"));
  std::int64_t sum = 0;
  for (const Request& request : requests) sum += request.input_tokens;
  CHECK(requests.size() == 400);
  CHECK(sum == expected);
  CHECK(std::is_sorted(requests.begin(), requests.end(),
                       [](const Request& a, const Request& b) { return a.arrival < b.arrival; }));
}
