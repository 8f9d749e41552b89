// Sessions: what their prompts hold, when they go on, and that nothing depends on anybody else's draws.
#include "workloads/generators/sessions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr Duration answer_time{2'000'000'000};

SessionOptions chat(std::int64_t sessions, const Length& turns) {
  SessionOptions options;
  options.begin.extent.count = sessions;
  options.begin.arrivals = OpenArrivals{ConstantArrivals{PerSecond{1}}};
  options.system.groups = 1;
  options.system.tokens = FixedLength{100};
  options.turns = turns;
  options.user = UniformLength{5, 50};
  options.answer = UniformLength{10, 90};
  options.think.distribution = FixedDelay{Seconds{3}};
  options.think.most = Duration::from(Seconds{60});
  return options;
}

/// Plays the source against a service that takes the same time for every request.
std::vector<Request> played(const SessionOptions& options, std::uint64_t seed = 1) {
  SourceContext context;
  context.seed = seed;
  const auto source = session_requests(options, context);
  std::vector<Request> out;
  std::multimap<Time, Request> running;
  while (!source->exhausted()) {
    const Time next = source->next_arrival();
    if (!running.empty() && running.begin()->first <= next) {
      const Request request = running.begin()->second;
      const Time now = running.begin()->first;
      running.erase(running.begin());
      source->ended_as(request, {now, Status::completed, request.output_tokens});
      continue;
    }
    out.push_back(source->pop());
    CHECK(out.back().arrival == next);
    running.emplace(next + answer_time, out.back());
  }
  return out;
}

/// The requests of each conversation, by ticket.
std::map<std::int64_t, std::vector<Request>> conversations(const std::vector<Request>& requests) {
  std::map<std::int64_t, std::vector<Request>> out;
  for (const Request& request : requests) out[request.ticket].push_back(request);
  return out;
}

std::int64_t tokens_of(const std::vector<TokenRange>& ranges) {
  std::int64_t sum = 0;
  for (const TokenRange& range : ranges) sum += range.end - range.begin;
  return sum;
}

}  // namespace

TEST_CASE("a prompt is the whole conversation so far, the answer included, and the new message") {
  for (const auto& [ticket, turns] : conversations(played(chat(50, FixedLength{6})))) {
    REQUIRE(turns.size() == 6);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const Request& turn = turns[i];
      CHECK(turn.session == turns[0].session);
      REQUIRE(turn.prompt.size() == 2);
      CHECK(turn.prompt[0].end == 100);
      CHECK(tokens_of(turn.prompt) == turn.input_tokens + turn.output_tokens);
      if (i == 0) continue;
      const Request& before = turns[i - 1];
      CHECK(turn.prompt[1].stream == before.prompt[1].stream);
      const std::int64_t message = turn.input_tokens - before.input_tokens - before.output_tokens;
      CHECK((message >= 5 && message <= 50));
      CHECK(turn.arrival == before.arrival + answer_time + Duration::from(Seconds{3}));
    }
  }
}

TEST_CASE("sessions share their system prompt and nothing else") {
  const auto all = played(chat(20, FixedLength{2}));
  std::set<std::uint64_t> systems, said;
  for (const Request& request : all) {
    systems.insert(request.prompt[0].stream);
    said.insert(request.prompt[1].stream);
  }
  CHECK(systems.size() == 1);
  CHECK(said.size() == 20);
}

TEST_CASE("the number of turns and the moment at which sessions begin are drawn as they should be") {
  SessionOptions options = chat(3000, UniformLength{1, 9});
  options.begin.arrivals = OpenArrivals{GammaArrivals{PerSecond{10}, 1}};
  std::vector<double> turns, begins;
  double last = 0;
  for (const auto& [ticket, requests] : conversations(played(options))) {
    turns.push_back(static_cast<double>(requests.size()));
    begins.push_back(requests[0].arrival.seconds() - last);
    last = requests[0].arrival.seconds();
  }
  check_mean("turns", turns, 5);
  check_mean("gaps of sessions", begins, 0.1);
}

TEST_CASE("an agent calls tools before it answers, and each result extends the context") {
  SessionOptions options = chat(200, FixedLength{3});
  options.tools = ToolLoop{1, FixedLength{4}, FixedLength{700}, {FixedDelay{Seconds{10}}, Duration::from(Seconds{60})}};
  for (const auto& [ticket, steps] : conversations(played(options))) {
    REQUIRE(steps.size() == 3 * 5);
    for (std::size_t i = 1; i < steps.size(); ++i) {
      const std::int64_t added = steps[i].input_tokens - steps[i - 1].input_tokens - steps[i - 1].output_tokens;
      const Duration gap = steps[i].arrival - (steps[i - 1].arrival + answer_time);
      CHECK((i % 5 == 0 ? added <= 50 : added == 700));
      CHECK(gap == Duration::from(Seconds{i % 5 == 0 ? 3.0 : 10.0}));
    }
  }
  options.tools->share = 0.25;
  options.begin.extent.count = 2000;
  std::vector<double> with_tools;
  for (const auto& [ticket, steps] : conversations(played(options))) {
    with_tools.push_back((static_cast<double>(steps.size()) - 3) / 4 / 3);
  }
  check_mean("turns with tools", with_tools, 0.25);
}

TEST_CASE("a parent waits for all its subagents and goes on with their answers") {
  SessionOptions options = chat(30, FixedLength{1});
  options.tools = ToolLoop{1, FixedLength{1}, FixedLength{40}, {}};
  options.subagents = Subagents{1, FixedLength{3}, 500, UniformLength{20, 60}, UniformLength{1, 5}};
  const auto all = conversations(played(options));
  CHECK(all.size() == 30 * 4);
  std::set<std::uint64_t> systems;
  for (auto parent = all.begin(); parent != all.end(); std::advance(parent, 4)) {
    REQUIRE(parent->second.size() == 2);
    const Request& called = parent->second[0];
    const Request& resumed = parent->second[1];
    Time last_end;
    std::int64_t reports = 0;
    auto child = parent;
    for (int i = 0; i < 3; ++i) {
      const std::vector<Request>& steps = (++child)->second;
      CHECK(steps[0].session == called.session);
      CHECK(steps[0].arrival == called.arrival + answer_time);
      CHECK(steps[0].prompt[0].end == 500);
      CHECK(steps[0].input_tokens >= 520);
      CHECK((steps.size() >= 2 && steps.size() <= 6));
      systems.insert(steps[0].prompt[0].stream);
      last_end = std::max(last_end, steps.back().arrival + answer_time);
      reports += steps.back().output_tokens;
    }
    CHECK(resumed.arrival == last_end);
    CHECK(resumed.input_tokens == called.input_tokens + called.output_tokens + reports);
  }
  CHECK(systems.size() == 1);
}

TEST_CASE("a context above the limit is summarised, and goes on from the summary") {
  SessionOptions options = chat(20, FixedLength{60});
  options.compaction = Compaction{1000, FixedLength{150}};
  int summaries = 0;
  for (const auto& [ticket, steps] : conversations(played(options))) {
    CHECK(steps.size() > 60);
    for (std::size_t i = 1; i < steps.size(); ++i) {
      const bool is_summary = steps[i].output_tokens == 150;  // longer than any answer
      if (!is_summary) CHECK(steps[i].input_tokens <= 1000);
      if (!is_summary) continue;
      ++summaries;
      const Request& next = steps.at(i + 1);
      // The context as it was before the message that was one too many, then the summary and that message.
      CHECK(steps[i].input_tokens == steps[i - 1].input_tokens + steps[i - 1].output_tokens);
      CHECK(next.arrival == steps[i].arrival + answer_time);
      CHECK((next.input_tokens >= 100 + 150 + 5 && next.input_tokens <= 100 + 150 + 50));
      CHECK(next.prompt[0].stream == steps[i].prompt[0].stream);
      CHECK(next.prompt[1].stream != steps[i].prompt[1].stream);
    }
  }
  CHECK(summaries > 20);
}

TEST_CASE("a message that is longer than the limit by itself is not summarised for ever") {
  SessionOptions options = chat(1, FixedLength{5});
  options.user = FixedLength{5000};
  options.compaction = Compaction{1000, FixedLength{150}};
  CHECK(played(options).size() == 5 + 4);
}

TEST_CASE("sessions that begin in a closed loop follow each other, and never more than asked are under way") {
  SessionOptions options = chat(40, UniformLength{1, 4});
  options.begin.arrivals = ClosedLoop{5, Duration{7}};
  std::map<std::int64_t, std::pair<Time, Time>> spans;
  for (const auto& [ticket, steps] : conversations(played(options))) {
    spans[ticket] = {steps.front().arrival, steps.back().arrival + answer_time};
  }
  CHECK(spans.size() == 40);
  for (const auto& [ticket, span] : spans) {
    int together = 0;
    for (const auto& [other, theirs] : spans) {
      together += theirs.first <= span.first && span.first < theirs.second ? 1 : 0;
    }
    CHECK(together <= 5);
  }
}

TEST_CASE("a session ends with a request that is not answered") {
  const auto source = session_requests(chat(1, FixedLength{10}), SourceContext{});
  const Request first = source->pop();
  source->ended_as(first, {first.arrival + answer_time, Status::timed_out, 3});
  CHECK(source->exhausted());
  CHECK(source->notes().warnings.at("conversations_cut_short") == 1);
}

TEST_CASE("what one session does depends on nobody else") {
  const SessionOptions few = chat(10, UniformLength{1, 9});
  const SessionOptions many = chat(40, UniformLength{1, 9});
  const auto a = conversations(played(few));
  const auto b = conversations(played(many));
  for (const auto& [ticket, steps] : a) {
    REQUIRE(b.at(ticket).size() == steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      CHECK(b.at(ticket)[i].arrival == steps[i].arrival);
      CHECK(b.at(ticket)[i].input_tokens == steps[i].input_tokens);
      CHECK(b.at(ticket)[i].output_tokens == steps[i].output_tokens);
    }
  }
  CHECK(played(few, 2)[0].input_tokens != played(few, 1)[0].input_tokens);
}
