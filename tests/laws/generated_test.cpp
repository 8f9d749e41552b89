// Prefix hits of generated traffic, against counts that know nothing of the engine.
#include <fmt/format.h>

#include <map>
#include <set>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t block = 16;

std::int64_t whole_blocks(std::int64_t tokens) { return tokens / block * block; }

/// One engine with room for everything that these workloads ever say.
LoadedScenario scenario(const std::string& workload, const RunOptions& options = {}) {
  return scenario_of(R"({"schema": 1, "model": {"config": "meta-llama/Llama-3.2-1B"},
                         "pools": [{"device": "h100_sxm"}], "workload": {)" +
                         workload + "}, \"seed\": 3}",
                     options);
}

/// Runs it and answers its requests as their source made them, by their number, and what became of them.
struct Played {
  std::vector<Request> requests;
  std::vector<RequestRecord> records;
};

Played play(const LoadedScenario& loaded) {
  struct Listening final : RequestSource {
    Listening(std::unique_ptr<RequestSource> source, std::vector<Request>& heard)
        : inner(std::move(source)), out(heard) {}
    Time next_arrival() const override { return inner->next_arrival(); }
    Request pop() override {
      out.push_back(inner->pop());
      return out.back();
    }
    void ended(const Request& request, Time now) override { inner->ended(request, now); }
    void ended_as(const Request& request, const Ending& ending) override { inner->ended_as(request, ending); }
    bool exhausted() const override { return inner->exhausted(); }
    bool shares_tokens() const override { return inner->shares_tokens(); }
    SourceNotes notes() const override { return inner->notes(); }
    std::unique_ptr<RequestSource> inner;
    std::vector<Request>& out;
  };
  Played played;
  Built built = build(loaded.scenario, tools::program_catalogue(), loaded.build);
  Records records;
  auto& source = built.workloads[0].source;
  source = std::make_unique<Listening>(std::move(source), played.requests);
  Cluster cluster(pool_setups(built), std::move(built.workloads), std::make_unique<LeastLoaded>(1), records);
  cluster.run();
  played.records = by_id(records.requests);
  return played;
}

}  // namespace

TEST_CASE("requests of a group hit exactly its prefix, once one of them has been computed") {
  const Played played = play(scenario(R"("source": "synthetic", "requests": 400,
      "arrivals": {"process": "constant", "rate": "5 /s"},
      "lengths": {"input": {"distribution": "uniform", "low": 1, "high": 90}, "output": 4},
      "prefix": {"count": 30, "tokens": {"distribution": "uniform", "low": 1, "high": 3000}, "share": 0.8,
                 "popularity": "zipf", "exponent": 0.7})"));
  std::set<std::uint64_t> seen;
  std::int64_t hits = 0;
  REQUIRE(played.records.size() == 400);
  for (std::size_t i = 0; i < 400; ++i) {
    const Request& request = played.requests[i];
    std::int64_t expected = 0;
    if (!request.prompt.empty() && !seen.insert(request.prompt[0].stream).second) {
      // Whole blocks of the prefix, and never the prompt's last token, which must be computed.
      expected = std::min(whole_blocks(request.prompt[0].end), whole_blocks(request.input_tokens - 1));
    }
    INFO("request " << i);
    CHECK(played.records[i].cached_tokens == expected);
    hits += expected > 0 ? 1 : 0;
  }
  CHECK(hits > 150);
}

TEST_CASE("a turn hits all of the conversation before it, the answer but for its last token included") {
  const Played played = play(scenario(R"("source": "sessions", "sessions": 40,
      "arrivals": {"process": "constant", "rate": "1 /s"}, "system": {"count": 1, "tokens": 333},
      "turns": {"distribution": "uniform", "low": 1, "high": 8},
      "user": {"distribution": "uniform", "low": 1, "high": 200},
      "answer": {"distribution": "uniform", "low": 1, "high": 300},
      "think": {"distribution": "exponential", "mean": "700 ms"},
      "tools": {"share": 0.5, "calls": 2, "result": 45})"));
  std::map<std::int64_t, const Request*> before;
  for (std::size_t i = 0; i < played.records.size(); ++i) {
    const Request& request = played.requests[i];
    const Request*& last = before[request.ticket];
    // The last token of an answer is never fed back, so the cache ends one token before it.
    std::int64_t cached = i == 0 ? 0 : 333;
    if (last != nullptr) cached = last->input_tokens + last->output_tokens - 1;
    INFO("request " << i);
    CHECK(played.records[i].cached_tokens == whole_blocks(std::min(cached, request.input_tokens - 1)));
    last = &request;
  }
  CHECK(played.records.size() > 200);
}
