// A generated trace says what its source would have sent: replaying the one is playing the other.
#include "workloads/generators/generate_trace.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/generators/clients.hpp"
#include "workloads/generators/rollouts.hpp"
#include "workloads/generators/sessions.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string generated(RequestSource& source, std::int64_t block_tokens = 16) {
  std::string text;
  (void)generate_trace(source, "a test", block_tokens, [&text](std::string_view bytes) { text += bytes; });
  return text;
}

std::unique_ptr<RequestSource> replay_of(const std::string& name, const std::string& text) {
  return replay_trace(trace(written(name, text), "memwall"), SourceContext{});
}

/// A service that takes a millisecond for each token of an answer, and what it saw: lengths with the leading tokens
/// that had been seen before, and when.
struct Seen {
  std::multiset<std::tuple<std::int64_t, std::int64_t, std::int64_t>> requests;
  std::vector<double> arrivals_s;  ///< from the first on
};

/// A trace begins with its first request, and keeps nanoseconds.
void check_same(const Seen& direct, const Seen& replayed) {
  CHECK(direct.requests == replayed.requests);
  REQUIRE(direct.arrivals_s.size() == replayed.arrivals_s.size());
  double furthest = 0;
  for (std::size_t i = 0; i < direct.arrivals_s.size(); ++i) {
    furthest = std::max(furthest, std::abs(direct.arrivals_s[i] - replayed.arrivals_s[i]));
  }
  CHECK(furthest < 1e-6);
}

Seen played(RequestSource& source) {
  Seen seen;
  Time first;
  std::set<std::uint64_t> blocks;
  std::multimap<Time, Request> running;
  while (!source.exhausted()) {
    const Time next = source.next_arrival();
    if (!running.empty() && running.begin()->first <= next) {
      const auto [now, request] = *running.begin();
      running.erase(running.begin());
      source.ended_as(request, {now, Status::completed, request.output_tokens});
      continue;
    }
    const Request request = source.pop();
    if (seen.arrivals_s.empty()) first = request.arrival;
    std::int64_t hits = 0;
    bool hit = true;
    for (const std::uint64_t block : prompt_blocks(request, 16)) {
      hit = hit && blocks.count(block) > 0;
      hits += hit ? 16 : 0;
      blocks.insert(block);
    }
    seen.requests.emplace(request.input_tokens, request.output_tokens, hits);
    seen.arrivals_s.push_back((request.arrival - first).seconds());
    running.emplace(request.arrival + Duration{request.output_tokens * 1'000'000'000}, request);
  }
  return seen;
}

SyntheticOptions prefixed(std::int64_t requests) {
  SyntheticOptions options;
  options.begin.extent.count = requests;
  options.begin.arrivals = OpenArrivals{GammaArrivals{PerSecond{40}, 2}};
  options.shape.lengths.input = UniformLength{1, 100};
  options.shape.lengths.output = UniformLength{1, 300};
  options.shape.prefix.groups = 5;
  options.shape.prefix.tokens = UniformLength{1, 200};
  return options;
}

SessionOptions agents(std::int64_t sessions) {
  SessionOptions options;
  options.begin.extent.count = sessions;
  options.begin.arrivals = OpenArrivals{ConstantArrivals{PerSecond{2}}};
  options.system.groups = 2;
  options.system.tokens = FixedLength{333};
  options.turns = UniformLength{1, 4};
  options.user = UniformLength{5, 50};
  options.answer = UniformLength{10, 90};
  options.think = {FixedDelay{Seconds{0.5}}, Duration::from(Seconds{60})};
  options.tools =
      ToolLoop{0.7, UniformLength{1, 4}, UniformLength{1, 90}, {FixedDelay{Seconds{0.25}}, Duration::from(Seconds{9})}};
  options.subagents = Subagents{0.3, UniformLength{1, 3}, 128, UniformLength{1, 40}, UniformLength{1, 3}};
  options.compaction = Compaction{900, UniformLength{20, 60}};
  return options;
}

}  // namespace

TEST_CASE("replaying a generated trace is playing its source, prefixes included") {
  const std::string text = generated(*synthetic_requests(prefixed(500), SourceContext{}));
  const Seen direct = played(*synthetic_requests(prefixed(500), SourceContext{}));
  const Seen replayed = played(*replay_of("generated_prefixes.jsonl", text));
  CHECK(direct.requests.size() == 500);
  check_same(direct, replayed);
  CHECK(std::count_if(direct.requests.begin(), direct.requests.end(),
                      [](const auto& one) { return std::get<2>(one) > 0; }) > 200);
}

TEST_CASE("sessions are written with what each request waits for, so that a replay of another pace is exact") {
  const std::string text = generated(*session_requests(agents(60), SourceContext{}));
  const Seen direct = played(*session_requests(agents(60), SourceContext{}));
  const Seen replayed = played(*replay_of("generated_sessions.jsonl", text));
  CHECK(direct.requests.size() > 400);
  check_same(direct, replayed);
}

TEST_CASE("the bytes of a trace depend on the seed alone, and one more client adds lines without changing others") {
  const auto clients = [](std::vector<std::string> names) {
    std::vector<Client> out;
    for (const std::string& name : names) out.push_back({name, prefixed(50)});
    return generated(*client_requests(out, SourceContext{}));
  };
  const auto lines = [](const std::string& text) {
    // Without the number of the row, which counts all clients.
    std::multiset<std::string> out;
    for (std::size_t at = text.find('\n') + 1; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      out.insert(line.substr(line.find(',')));
    }
    return out;
  };
  CHECK(clients({"a", "b"}) == clients({"a", "b"}));
  const auto two = lines(clients({"a", "b"}));
  const auto three = lines(clients({"a", "between", "b"}));
  CHECK(two.size() == 100);
  CHECK(std::includes(three.begin(), three.end(), two.begin(), two.end()));
  SourceContext other;
  other.seed = 2;
  CHECK(generated(*synthetic_requests(prefixed(5), other)) !=
        generated(*synthetic_requests(prefixed(5), SourceContext{})));
}

TEST_CASE("blocks have one id if and only if their tokens and all before them are the same") {
  const auto blocks = [](std::vector<TokenRange> prompt, std::int64_t tokens) {
    Request request;
    request.prompt = std::move(prompt);
    request.input_tokens = tokens;
    return prompt_blocks(request, 16);
  };
  const auto base = blocks({{1, 0, 64}}, 64);
  CHECK(base.size() == 4);
  CHECK(blocks({{1, 0, 20}, {1, 20, 64}}, 64) == base);  // however it is written
  CHECK(blocks({{1, 0, 64}}, 63).size() == 3);           // whole blocks of the prompt alone
  CHECK(blocks({{1, 0, 200}}, 64) == base);              // what follows is the answer
  const auto branch = blocks({{1, 0, 40}, {2, 0, 24}}, 64);
  CHECK(branch[1] == base[1]);
  CHECK(branch[2] != base[2]);
  CHECK(branch[3] != base[3]);
  CHECK(blocks({{1, 16, 64}}, 48)[0] != base[1]);  // the same tokens behind others
  CHECK(blocks({}, 64).empty());
}

TEST_CASE("what a trace cannot hold is refused or told") {
  try {
    (void)generated(*rollout_requests(RolloutOptions{}, SourceContext{}));
    FAIL("a source that cancels was written");
  } catch (const InputError& error) {
    CHECK(
        error.faults()[0].message ==
        "the workload cancels requests when enough of the others have ended, which no trace can hold; run the scenario "
        "itself");
  }
  SyntheticOptions loop = prefixed(10);
  loop.begin.arrivals = ClosedLoop{3, Duration{}};
  const auto source = synthetic_requests(loop, SourceContext{});
  const GeneratedTrace done = generate_trace(*source, "a test", 16, [](std::string_view) {});
  CHECK(done.rows == 10);
  CHECK(done.waits_unwritten);
  const auto waits_unwritten = [](const SessionOptions& options) {
    const auto sessions = session_requests(options, SourceContext{});
    return generate_trace(*sessions, "a test", 16, [](std::string_view) {}).waits_unwritten;
  };
  SessionOptions following = agents(9);
  CHECK_FALSE(waits_unwritten(following));
  following.begin.arrivals = ClosedLoop{3, Duration{}};
  CHECK(waits_unwritten(following));
}
