// Mooncake traces: forms of rows, which tokens prompts share, and turns that follow one another.
#include "workloads/formats/mooncake.hpp"

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

TraceOptions small_blocks() {
  auto options = trace(data_file("mooncake_forms.jsonl"), "mooncake");
  options.open = mooncake_rows({.block_tokens = 16});
  return options;
}

/// Leading tokens that two prompts share.
std::int64_t shared_tokens(const Request& a, const Request& b) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < std::min(a.prompt.size(), b.prompt.size()); ++i) {
    const TokenRange &x = a.prompt[i], &y = b.prompt[i];
    if (x.stream != y.stream || x.begin != y.begin) break;
    sum += std::min(x.end, y.end) - x.begin;
    if (x.end != y.end) break;
  }
  return sum;
}

}  // namespace

TEST_CASE("numbers, texts and aliases are read, and other rows are dropped by reason") {
  const auto requests = replayed(small_blocks());
  REQUIRE(requests.size() == 6);
  const std::int64_t arrivals_us[] = {0, 250, 3'999'750, 4'999'750, 5'999'750, 6'999'750};
  const std::int64_t inputs[] = {32, 33, 40, 16, 16, 16};
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(requests[i].arrival.ps == arrivals_us[i] * 1'000'000);
    CHECK(requests[i].input_tokens == inputs[i]);
  }
  const SourceNotes notes = replay_trace(small_blocks(), {})->notes();
  CHECK(notes.rows_read == 14);
  CHECK(notes.rows_kept == 6);
  CHECK(notes.dropped == std::map<std::string, std::int64_t>{{"bad_hash_ids", 1},
                                                             {"bad_time", 1},
                                                             {"double_field", 1},
                                                             {"missing_field", 1},
                                                             {"missing_time", 1},
                                                             {"parse_error", 2},
                                                             {"too_large", 1}});
  CHECK(notes.first_drop.at("bad_hash_ids") == "mooncake_forms.jsonl:7");
  CHECK(notes.first_drop.at("parse_error") == "mooncake_forms.jsonl:13");
  CHECK(notes.warnings == std::map<std::string, std::int64_t>{
                              {"hash_ids_long", 1}, {"hash_ids_short", 1}, {"no_hash_ids", 1}, {"out_of_order", 1}});
}

TEST_CASE("prompts share exactly the tokens of their equal leading ids") {
  const auto requests = replayed(small_blocks());
  REQUIRE(requests.size() == 6);
  for (const Request& request : requests) {
    std::int64_t tokens = 0;
    for (const TokenRange& range : request.prompt) {
      CHECK(range.begin == 0);
      tokens += range.end;
    }
    CHECK((request.prompt.empty() || tokens == request.input_tokens));
  }
  CHECK(shared_tokens(requests[0], requests[1]) == 32);  // the second's 33rd token has no id: nobody shares it
  CHECK(shared_tokens(requests[0], requests[2]) == 16);
  CHECK(shared_tokens(requests[1], requests[2]) == 16);
  CHECK(shared_tokens(requests[2], requests[3]) == 16);
  CHECK(requests[2].prompt.back().end == 8);  // the last id covers the rest of the prompt
  CHECK(requests[3].prompt.size() == 1);      // a surplus id is not a token
  CHECK(requests[4].prompt.empty());
  CHECK(replay_trace(small_blocks(), {})->shares_tokens());
  CHECK_FALSE(replay_trace(trace(data_file("azure_forms.csv"), "azure"), {})->shares_tokens());
  CHECK(shared_tokens(requests[0], requests[5]) == 0);

  // The same trace as another workload of the scenario: other users, other tokens.
  const auto others = replayed(small_blocks(), {.seed = 1, .workload = 1, .base_directory = {}, .search = {}});
  CHECK(shared_tokens(requests[0], others[0]) == 0);
  CHECK(shared_tokens(others[0], others[1]) == 32);
}

TEST_CASE("a turn arrives when the turn before it has ended and its delay has passed") {
  const auto options = trace(data_file("mooncake_turns.jsonl"), "mooncake");
  const auto source = replay_trace(options, {});
  CHECK(source->notes().rows_read == 7);
  CHECK(source->notes().rows_kept == 5);
  CHECK(source->notes().dropped ==
        std::map<std::string, std::int64_t>{{"session_without_start", 1}, {"zero_output", 1}});

  CHECK(source->next_arrival() == Time{0});
  const Request numbered = source->pop();  // session 7
  const Request first = source->pop();     // session a, a second later
  CHECK(first.arrival.seconds() == 1);
  CHECK(numbered.session != first.session);
  CHECK(source->next_arrival() == Time::never());
  CHECK_FALSE(source->exhausted());

  source->ended(first, Time{3'000'000'000'000});
  CHECK(source->next_arrival() == Time{3'250'000'000'000});
  const Request second = source->pop();
  CHECK(second.session == first.session);
  CHECK(second.input_tokens == 1024);
  CHECK(shared_tokens(first, second) == 512);

  source->ended(numbered, Time{4'000'000'000'000});  // its failed turn is gone; the one after follows at once
  CHECK(source->next_arrival() == Time{4'000'000'000'000});
  CHECK(source->pop().input_tokens == 600);
  source->ended(numbered, Time{4'500'000'000'000});  // nothing waits for it any more
  CHECK(source->next_arrival() == Time::never());
  source->ended(second, Time{5'000'000'000'000});
  CHECK(source->next_arrival() == Time{5'000'000'000'000});
  CHECK(source->pop().input_tokens == 1536);
  CHECK(source->exhausted());
}

TEST_CASE("sessions end early where the window or the number of requests ends them") {
  auto options = trace(data_file("mooncake_turns.jsonl"), "mooncake");
  options.max_requests = 3;
  CHECK(replayed(options).size() == 3);
  CHECK(replay_trace(options, {})->notes().dropped.at("beyond_max_requests") == 2);

  options.max_requests.reset();
  options.window_from_ns = 500'000'000;  // session 7 begins before it
  const auto requests = replayed(options);
  CHECK(requests.size() == 3);
  for (const Request& request : requests) CHECK(request.session == requests.front().session);
  const auto dropped = replay_trace(options, {})->notes().dropped;
  CHECK(dropped.at("outside_window") ==
        2);  // its first turn, and the one that would follow; the failed one is counted so
  CHECK(dropped.at("zero_output") == 1);
}

TEST_CASE("the unit of timestamps is a key, and delays stay in milliseconds") {
  auto options = trace(written("ns.jsonl",
                               "{\"timestamp\": \"1753694362340138614\", \"input_length\": 1, \"output_length\": 1}\n"
                               "{\"timestamp\": 1753694362340138617, \"input_length\": 1, \"output_length\": 1}\n"),
                       "mooncake");
  options.open = mooncake_rows({.ns_per_unit = 1});
  CHECK(replayed(options)[1].arrival.ps == 3000);
}
