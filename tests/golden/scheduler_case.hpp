// Runs one recorded scheduler case (JSON Lines: the case, then a line for each call of the scheduler) and tells every
// difference between what the engine's own scheduler decided and what ours does.
#pragma once

#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/base/hash.hpp"
#include "sim/serve/kv/block_pool.hpp"
#include "sim/serve/scheduler/vllm.hpp"

namespace memwall::test {

using Json = nlohmann::ordered_json;

struct CaseOutcome {
  std::string name;
  std::string skipped;                   ///< why it was not run; empty when it was
  std::vector<std::string> differences;  ///< empty when everything matched
  int steps_compared = 0;
};

inline std::vector<Json> read_lines(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<Json> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(Json::parse(line));
  }
  return lines;
}

inline VllmConfig vllm_config(const Json& c) {
  VllmConfig config;
  config.block_size = c.at("block_size");
  config.num_blocks = c.at("num_blocks");
  config.max_num_seqs =
      c.value("max_num_seqs", 1000);  // where the source leaves it open, any value gives the same steps
  config.max_num_batched_tokens = c.at("max_num_batched_tokens");
  config.max_model_len = c.at("max_model_len");
  config.enable_prefix_caching = c.at("enable_prefix_caching");
  config.enable_chunked_prefill = c.at("enable_chunked_prefill");
  config.watermark = c.at("watermark");
  config.scheduler_reserve_full_isl = c.at("scheduler_reserve_full_isl");
  config.long_prefill_token_threshold = c.at("long_prefill_token_threshold");
  config.policy = c.at("policy") == "priority" ? QueuePolicy::priority : QueuePolicy::fcfs;
  config.async_scheduling = c.at("async_scheduling");
  config.pipeline_parallel_size = c.at("pipeline_parallel_size");
  config.num_speculative_tokens = c.at("num_speculative_tokens");
  config.num_lookahead_tokens = c.at("num_lookahead_tokens");
  return config;
}

/// Drives a scheduler through one case. A call of the scheduler is a step; its result is read as soon as the engine's
/// queue of batches is full, which with synchronous scheduling is at once.
class CaseRunner {
 public:
  explicit CaseRunner(const std::vector<Json>& lines)
      : lines_(lines),
        config_(vllm_config(lines.front().at("config"))),
        scheduler_(config_,
                   std::make_unique<BlockPool>(config_.num_blocks, config_.block_size, config_.enable_prefix_caching)) {
    for (std::size_t i = 1; i < lines.size(); ++i) expected_[lines[i].at("step")] = &lines[i];
    scheduler_.accepted_drafts = [this](const Sequence& s) {
      const Json& request = lines_.front().at("requests").at(static_cast<std::size_t>(s.request.id.value));
      return request.at("accepted_drafts").at(std::to_string(reading_)).get<std::int32_t>();
    };
  }

  CaseOutcome run() {
    outcome_.name = lines_.front().at("case");
    const std::int64_t last_listed = lines_.back().at("step");
    for (int calls = 0; calls < 100000; ++calls) {
      arrive(step_ + 1);
      auto plan = std::make_unique<Plan>();
      scheduler_.plan(*plan);
      // A call that finds nothing to do while results are outstanding is a step only where the recording lists it.
      const bool listed = expected_.count(step_ + 1) != 0;
      const bool listed_empty = listed && expected_[step_ + 1]->at("tokens").empty();
      if (plan->empty() && !flight_.empty() && !listed_empty) {
        read_oldest();
      } else {
        ++step_;
        observe(*plan);
        flight_.push_back({step_, std::move(plan)});
        if (static_cast<std::int64_t>(flight_.size()) >= config_.batches_in_flight() || flight_.back().plan->empty()) {
          read_oldest();
        }
      }
      if (scheduler_.idle() && flight_.empty() && all_arrived() && (complete() || step_ >= last_listed)) break;
      if (step_ > last_listed + 50) break;
    }
    while (!flight_.empty()) read_oldest();
    compare();
    if (complete() && !scheduler_.idle())
      outcome_.differences.push_back("something still waits or runs after the last step");
    return outcome_;
  }

 private:
  struct InFlight {
    std::int64_t step;
    std::unique_ptr<Plan> plan;
  };

  [[nodiscard]] bool complete() const { return lines_.front().at("complete"); }
  [[nodiscard]] bool all_arrived() const { return next_ == lines_.front().at("requests").size(); }
  [[nodiscard]] std::string id(Slot slot) const { return id(scheduler_.sequence(slot).request.id); }
  [[nodiscard]] std::string id(RequestId request) const {
    return lines_.front().at("requests").at(static_cast<std::size_t>(request.value)).at("id");
  }

  void arrive(std::int64_t step) {
    const Json& requests = lines_.front().at("requests");
    while (next_ < requests.size() && requests[next_].at("before_step").get<std::int64_t>() <= step) {
      const Json& r = requests[next_];
      Request request;
      request.id = RequestId{static_cast<std::int64_t>(next_)};
      for (const Json& range : r.at("prompt")) {
        const std::uint64_t stream = Hasher(7).add(range[0].get<std::string>()).value();
        request.prompt.push_back({stream, range[1], range[2]});
        request.input_tokens += request.prompt.back().end - request.prompt.back().begin;
      }
      request.max_tokens = r.at("max_tokens");
      request.output_tokens = r.value("eos_after_tokens", request.max_tokens);
      request.stops_by_eos = r.contains("eos_after_tokens");
      request.priority = r.value("priority", 0);
      const Slot slot = scheduler_.add(std::move(request), r.value("external_tokens", 0));
      if (r.contains("loaded_during_step")) loads_.push_back({r.at("loaded_during_step").get<std::int64_t>(), slot});
      ++next_;
    }
  }

  void observe(const Plan& plan) {
    Json& out = actual_[step_];
    out["tokens"] = Json::object();
    for (const Scheduled& entry : plan.batch) {
      out["tokens"][id(entry.slot)] = entry.tokens;
      if (entry.drafts > 0) out["drafts"][id(entry.slot)] = entry.drafts;
      out["blocks"][id(entry.slot)] = scheduler_.sequence(entry.slot).blocks;
    }
    for (const Admission& a : plan.admitted) out[a.resumed ? "resumed" : "new"][id(a.slot)] = a.computed;
    for (const Slot slot : plan.preempted) out["preempted"].push_back(id(slot));
    for (const Slot slot : scheduler_.queue()) out["waiting"].push_back(id(slot));
    out["free"] = scheduler_.kv().free();
    check_conservation();
  }

  /// Free blocks and the distinct blocks that anybody holds are all there is.
  void check_conservation() {
    std::set<std::int32_t> held;
    std::vector<Slot> holders = scheduler_.running();
    for (const Slot slot : scheduler_.queue()) holders.push_back(slot);
    for (const Slot slot : holders) {
      for (const std::int32_t block : scheduler_.sequence(slot).blocks) held.insert(block);
    }
    if (scheduler_.kv().free() + static_cast<std::int64_t>(held.size()) != scheduler_.kv().capacity()) {
      outcome_.differences.push_back("step " + std::to_string(step_) + ": blocks leaked");
    }
  }

  void read_oldest() {
    const InFlight flight = std::move(flight_.front());
    flight_.pop_front();
    reading_ = flight.step;
    CycleResult result;
    scheduler_.result(*flight.plan, flight.step, Time{flight.step}, result);
    Json& out = actual_[flight.step];
    const char* key = config_.batches_in_flight() > 1 ? "finished_by_result" : "finished";
    for (const Slot slot : result.finished) out[key].push_back(id(slot));
    if (step_ > flight.step) out["result_read_after_sched"] = step_;
    for (const auto& [during, slot] : loads_) {
      if (during == flight.step) scheduler_.load_finished(slot);
    }
  }

  void compare() {
    static const std::vector<std::string> keys = {"tokens",
                                                  "new",
                                                  "resumed",
                                                  "preempted",
                                                  "drafts",
                                                  "free",
                                                  "waiting",
                                                  "blocks",
                                                  "finished",
                                                  "finished_by_result",
                                                  "result_read_after_sched"};
    const auto absent = [](const Json& v) { return v.is_null() || (v.is_structured() && v.empty()); };
    for (const auto& [step, line] : expected_) {
      ++outcome_.steps_compared;
      for (const auto& item : line->items()) {
        if (item.key() != "step" && std::find(keys.begin(), keys.end(), item.key()) == keys.end()) {
          outcome_.differences.push_back("unknown key in the recording: " + item.key());
        }
      }
      for (const std::string& key : keys) {
        const Json want = line->contains(key) ? line->at(key) : Json();
        const Json got = actual_[step].contains(key) ? actual_[step].at(key) : Json();
        if (absent(want) && absent(got)) continue;
        if (want.dump() != got.dump()) {
          outcome_.differences.push_back("step " + std::to_string(step) + " " + key + ": expected " + want.dump() +
                                         ", got " + got.dump());
        }
      }
    }
    if (complete() && step_ != lines_.back().at("step").get<std::int64_t>()) {
      outcome_.differences.push_back("expected " + lines_.back().at("step").dump() + " steps, got " +
                                     std::to_string(step_));
    }
  }

  const std::vector<Json>& lines_;
  VllmConfig config_;
  VllmScheduler scheduler_;
  std::map<std::int64_t, const Json*> expected_;
  std::map<std::int64_t, Json> actual_;
  std::deque<InFlight> flight_;
  std::vector<std::pair<std::int64_t, Slot>> loads_;
  std::size_t next_ = 0;
  std::int64_t step_ = 0;
  std::int64_t reading_ = 0;
  CaseOutcome outcome_;
};

inline CaseOutcome run_case(const std::filesystem::path& path) {
  const std::vector<Json> lines = read_lines(path);
  if (lines.front().at("engine") != "vllm") {
    CaseOutcome outcome;
    outcome.name = lines.front().at("case");
    outcome.skipped = "engine " + lines.front().at("engine").get<std::string>() + " is not built yet";
    return outcome;
  }
  return CaseRunner(lines).run();
}

}  // namespace memwall::test
