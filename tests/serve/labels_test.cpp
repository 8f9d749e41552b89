// What a request is called by reaches its record, and adapters keep their blocks apart.
#include "tests/catch.hpp"
#include "tests/serve/toy.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

class NamedSource final : public RequestSource {
 public:
  explicit NamedSource(std::vector<Request> requests) : list_(std::move(requests)) {}
  Time next_arrival() const override { return list_.next_arrival(); }
  Request pop() override { return list_.pop(); }
  void ended(const Request&, Time) override {}
  bool exhausted() const override { return list_.exhausted(); }
  bool shares_tokens() const override { return true; }
  LabelNames names() const override { return {{"acme"}, {"gold"}, {"lora-a", "lora-b"}}; }
  SourceNotes notes() const override { return {}; }

 private:
  ListSource list_;
};

std::vector<RequestRecord> run_adapters(const std::vector<std::int32_t>& adapters, bool reference) {
  std::vector<Request> requests;
  for (std::size_t i = 0; i < adapters.size(); ++i) {
    Request request;
    request.arrival = Time{static_cast<std::int64_t>(i) * 10'000'000'000'000};
    request.input_tokens = 320;
    request.output_tokens = request.max_tokens = 4;
    request.prompt = {{7, 0, 320}};
    request.labels.adapter = adapters[i];
    request.labels.tenant = 0;
    requests.push_back(request);
  }
  std::vector<PoolSetup> pools(1);
  pools[0].engine.scheduler.num_blocks = 500;
  pools[0].engine.scheduler.block_size = 16;
  pools[0].engine.scheduler.max_model_len = 4096;
  pools[0].engine.padding = GraphPadding::vllm(pools[0].engine.scheduler.max_num_seqs, 0);
  pools[0].engine.keep_block_identity = true;
  pools[0].engine.one_cycle_an_event = reference;
  pools[0].program = toy_program(true);
  std::vector<WorkloadSetup> workloads(1);
  workloads[0].source = std::make_unique<NamedSource>(requests);
  Recorder recorder;
  Cluster cluster(std::move(pools), std::move(workloads), std::make_unique<LeastLoaded>(1), recorder);
  cluster.run();
  return recorder.requests;
}

}  // namespace

TEST_CASE("a prompt finds its blocks in the cache only where it was computed with the same adapter") {
  for (const bool reference : {false, true}) {
    const auto records = run_adapters({-1, 0, 1, -1, 0, 1}, reference);
    REQUIRE(records.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) {
      INFO("request " << i);
      CHECK(records[i].cached_tokens == (i < 3 ? 0 : 304));  // whole blocks, without the last token
      CHECK(records[i].labels.adapter == static_cast<std::int32_t>(i % 3) - 1);
      CHECK(records[i].labels.tenant == 0);
    }
  }
}

TEST_CASE("an adapter that the source does not name is a defect and is told") {
  CHECK_THROWS_AS(run_adapters({2}, false), LogicError);
}
