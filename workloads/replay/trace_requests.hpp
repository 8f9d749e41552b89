// From a row of a trace to a request: labels, lengths, and which tokens its prompt has in common with others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/serve/request.hpp"
#include "workloads/replay/trace_survey.hpp"

namespace memwall {

class TraceRequests {
 public:
  /// `stop` and `survey` outlive it.
  TraceRequests(const StopRule& stop, const TraceSurvey& survey, std::int32_t workload);

  /// The request of a row that arrives then. Rows of one session come in order of arrival, because a prompt may begin
  /// with what the session's prompt before it held.
  [[nodiscard]] Request make(const TraceRow& row, Time arrival);

  /// Answers that the engine's cap ended before their recorded end.
  [[nodiscard]] std::int64_t capped() const { return capped_; }

 private:
  void set_labels(const TraceRow& row, Request& request) const;
  void describe_blocks(const TraceRow& row, std::vector<TokenRange>& prompt) const;
  void continue_session(const TraceRow& row, Request& request);

  using Positions = std::map<std::string, std::int32_t, std::less<>>;

  const StopRule& stop_;
  const TraceSurvey& survey_;
  std::int32_t workload_;
  std::uint64_t block_streams_;
  std::uint64_t tail_streams_;
  Positions tenants_, classes_, adapters_;
  std::map<std::int64_t, std::vector<TokenRange>> histories_;  ///< session -> its newest prompt, with its answer
  std::int64_t capped_ = 0;
};

}  // namespace memwall
