// Rollouts: what a batch holds, when it ends, and what becomes of what it cuts off.
#include "workloads/generators/rollouts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

RolloutOptions rollouts(std::int64_t batches, std::int64_t prompts, std::int64_t samples) {
  RolloutOptions options;
  options.batches = batches;
  options.prompts = options.oversample = prompts;
  options.samples = samples;
  options.lengths.input = UniformLength{50, 90};
  options.lengths.output = UniformLength{1, 1000};
  options.cap = 800;
  options.update = {FixedDelay{Seconds{30}}, Duration::from(Seconds{60})};
  return options;
}

struct Answer {
  Request request;
  Time end;
  Status status = Status::completed;
  std::int64_t tokens = 0;
};

struct Played {
  std::vector<Answer> answers;  ///< in the order of arrival
  SourceNotes notes;
  /// By the moment at which they began.
  [[nodiscard]] std::map<Time, std::vector<Answer>> batches() const {
    std::map<Time, std::vector<Answer>> out;
    for (const Answer& answer : answers) out[answer.request.arrival].push_back(answer);
    return out;
  }
};

/// A service that gives every request a token a second, and cancels when it is told to.
Played played(const RolloutOptions& options) {
  const auto source = rollout_requests(options, SourceContext{});
  Played out;
  std::set<std::pair<Time, std::size_t>> running;
  const auto end = [&](std::size_t i, Time now, Status status) {
    Answer& answer = out.answers[i];
    answer.end = now;
    answer.status = status;
    answer.tokens = status == Status::completed ? answer.request.output_tokens
                                                : static_cast<std::int64_t>((now - answer.request.arrival).seconds());
    source->ended_as(answer.request, {now, status, answer.tokens});
    return source->take_cancelled();
  };
  while (!source->exhausted()) {
    const Time next = source->next_arrival();
    if (!running.empty() && running.begin()->first <= next) {
      const auto [now, first] = *running.begin();
      running.erase(running.begin());
      for (const std::int64_t ticket : end(first, now, Status::completed)) {
        const auto place = std::find_if(running.begin(), running.end(), [&](const auto& entry) {
          return out.answers[entry.second].request.ticket == ticket;
        });
        REQUIRE(place != running.end());
        const std::size_t i = place->second;
        running.erase(place);
        CHECK(end(i, now, Status::aborted).empty());
      }
      continue;
    }
    out.answers.push_back({source->pop(), {}, Status::completed, 0});
    const Request& request = out.answers.back().request;
    running.emplace(request.arrival + Duration::from(Seconds{static_cast<double>(request.output_tokens)}),
                    out.answers.size() - 1);
  }
  CHECK(running.empty());
  out.notes = source->notes();
  return out;
}

}  // namespace

TEST_CASE("a batch is prompts times samples at once, which share their prompt, and waits for the longest") {
  const auto batches = played(rollouts(3, 5, 8)).batches();
  REQUIRE(batches.size() == 3);
  Time begins;
  for (const auto& [begin, answers] : batches) {
    CHECK(begin == begins);
    CHECK(answers.size() == 40);
    std::map<std::int64_t, std::set<std::pair<std::uint64_t, std::int64_t>>> prompts;
    Time longest;
    for (const Answer& answer : answers) {
      const Request& request = answer.request;
      REQUIRE(request.prompt.size() == 1);
      CHECK(request.prompt[0].end == request.input_tokens);
      prompts[request.session].emplace(request.prompt[0].stream, request.input_tokens);
      CHECK(request.max_tokens == 800);
      CHECK(request.stops_by_eos == (request.output_tokens < 800));
      longest = std::max(longest, answer.end);
    }
    CHECK(prompts.size() == 5);
    for (const auto& [prompt, contents] : prompts) CHECK(contents.size() == 1);
    begins = longest + Duration::from(Seconds{30});
  }
}

TEST_CASE("responses are cut at the cap, where they pile up") {
  std::int64_t at_cap = 0, all = 0;
  for (const Answer& answer : played(rollouts(2, 100, 20)).answers) {
    ++all;
    at_cap += answer.request.output_tokens == 800 ? 1 : 0;
    CHECK(answer.request.output_tokens <= 800);
  }
  CHECK(all == 4000);
  // 800 to 1,000 of 1,000: a share of 0.201.
  CHECK(std::abs(static_cast<double>(at_cap) / 4000 - 0.201) < 5 * std::sqrt(0.201 * 0.799 / 4000));
}

TEST_CASE("with more prompts than needed, the batch ends with the first that are complete and cancels the others") {
  RolloutOptions options = rollouts(4, 6, 3);
  options.oversample = 10;
  const Played result = played(options);
  std::int64_t cancelled = 0;
  for (const auto& [begin, answers] : result.batches()) {
    CHECK(answers.size() == 30);
    std::map<std::int64_t, std::int64_t> complete;
    Time end;
    for (const Answer& answer : answers) {
      if (answer.status == Status::completed) ++complete[answer.request.session];
      end = std::max(end, answer.end);
    }
    std::int64_t whole = 0;
    Time sixth;
    for (const auto& [prompt, samples] : complete) {
      if (samples < 3) continue;
      ++whole;
      for (const Answer& answer : answers) {
        if (answer.request.session == prompt) sixth = std::max(sixth, answer.end);
      }
    }
    CHECK(whole == 6);
    CHECK(end == sixth);  // nothing runs on behind the sixth
    for (const Answer& answer : answers) {
      if (answer.status != Status::aborted) continue;
      ++cancelled;
      CHECK(answer.end == end);
    }
  }
  CHECK(cancelled > 0);
  CHECK(result.notes.warnings.at("samples_cancelled") == cancelled);
}

TEST_CASE(
    "partial rollouts go on in the next batch, from where they were, and none is longer than it would have been") {
  RolloutOptions options = rollouts(40, 6, 3);
  options.oversample = 10;
  options.partial_tokens = 250;
  const Played partial = played(options);
  std::map<std::int64_t, std::vector<Answer>> samples;
  for (const Answer& answer : partial.answers) samples[answer.request.ticket].push_back(answer);
  std::int64_t continued = 0;
  for (const auto& [ticket, parts] : samples) {
    std::int64_t done = 0;
    std::set<std::uint64_t> prompts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Request& request = parts[i].request;
      CHECK(request.input_tokens == parts[0].request.input_tokens + done);
      CHECK(request.max_tokens == std::min<std::int64_t>(250, 800 - done));
      CHECK(prompts.insert(request.prompt[0].stream).second);  // new weights: nothing of an old batch is hit
      if (done > 0) CHECK(request.prompt[1].end == done);
      continued += i > 0 ? 1 : 0;
      done += parts[i].tokens;
    }
    CHECK(done <= 800);
  }
  CHECK(continued > 100);
  // What is drawn does not depend on how it is cut.
  options.partial_tokens.reset();
  options.oversample = options.prompts;
  std::map<std::int64_t, std::int64_t> whole;
  for (const Answer& answer : played(options).answers) whole[answer.request.ticket] = answer.request.output_tokens;
  std::int64_t compared = 0;
  for (const auto& [ticket, parts] : samples) {
    std::int64_t done = 0;
    for (const Answer& part : parts) done += part.tokens;
    const bool finished =
        parts.back().status == Status::completed && (parts.back().request.stops_by_eos || done == 800);
    if (!finished || whole.count(ticket) == 0) continue;
    ++compared;
    CHECK(done == whole.at(ticket));
  }
  CHECK(compared > 300);
}

TEST_CASE("where prompts are filtered away, more are sent until enough are accepted") {
  RolloutOptions options = rollouts(30, 8, 2);
  options.accepted = 0.5;
  const Played result = played(options);
  std::map<std::int64_t, std::int64_t> complete;
  for (const Answer& answer : result.answers) {
    // One that is cancelled with its last token is complete all the same.
    if (answer.tokens == answer.request.output_tokens) ++complete[answer.request.session];
  }
  const auto whole =
      std::count_if(complete.begin(), complete.end(), [](const auto& entry) { return entry.second == 2; });
  const std::int64_t refused = result.notes.warnings.at("prompts_not_accepted");
  CHECK(whole - refused >= 30 * 8);
  CHECK(std::abs(static_cast<double>(refused) / static_cast<double>(whole) - 0.5) <
        5 * 0.5 / std::sqrt(static_cast<double>(whole)));
}

TEST_CASE("what the engine refuses does not hold a batch up") {
  const auto source = rollout_requests(rollouts(2, 2, 2), SourceContext{});
  int requests = 0;
  while (!source->exhausted()) {
    const Request request = source->pop();
    ++requests;
    source->ended_as(request, {request.arrival, Status::rejected, 0});
    CHECK(source->take_cancelled().empty());
  }
  CHECK(requests == 8);
  CHECK(source->notes().warnings.at("samples_failed") == 8);
}
