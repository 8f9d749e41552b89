// Requests by class and by tenant: a table that stays short, whatever a trace names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/metrics/latency.hpp"
#include "sim/metrics/results.hpp"

namespace memwall {

void add(RequestCounts& sum, const RequestCounts& more);
void add(TokenCounts& sum, const TokenCounts& more);

/// The four summaries of a tally of requests.
[[nodiscard]] LatencySummaries summaries(const LatencyTally& tally);

/// One way of grouping requests. Groups of one name are one group, in whatever workload they occur; what they are is
/// known before the first request, so that the table does not depend on who ends first.
class Groups {
 public:
  /// Names with rows of their own; all further ones share the row `others`.
  static constexpr std::size_t most = 64;
  static constexpr const char* others = "(others)";

  explicit Groups(std::size_t exact_below) : exact_below_(exact_below) {}

  /// Adds the groups of the next workload: the one of its requests without a name of their own, and theirs.
  void workload(const std::string& fallback, const std::vector<std::string>& names);

  /// Takes a request in. `own` is the position among the names of its workload, -1 = the fallback.
  void add(const RequestRecord& record, const RequestLatency& latency, std::int32_t own);

  /// The groups that had requests, or nothing where none of them has a name.
  [[nodiscard]] std::vector<GroupResults> results() const;

 private:
  struct Group {
    std::string name;
    RequestCounts requests;
    TokenCounts tokens;
    Deadlines deadlines;
    LatencyTally latency;
  };
  struct Places {
    std::size_t fallback = 0;
    std::vector<std::size_t> names;
  };
  [[nodiscard]] std::size_t place(const std::string& name);

  std::size_t exact_below_;
  bool named_ = false;  ///< whether any name is not empty; without one nothing is kept
  std::vector<Group> groups_;
  std::vector<Places> workloads_;
};

}  // namespace memwall
