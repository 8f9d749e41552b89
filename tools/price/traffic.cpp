#include "tools/price/traffic.hpp"

#include <algorithm>
#include <deque>

namespace memwall::tools::price {

std::vector<Lengths> lengths_of(std::vector<WorkloadSetup>& workloads, std::size_t most) {
  std::vector<Lengths> out;
  const std::size_t each = std::max<std::size_t>(1, most / std::max<std::size_t>(1, workloads.size()));
  for (WorkloadSetup& workload : workloads) {
    RequestSource& source = *workload.source;
    std::deque<Request> running;
    Time now;
    for (std::size_t taken = 0; taken < each;) {
      const Time next = source.next_arrival();
      if (next == Time::never()) {
        if (running.empty()) break;
        source.ended_as(running.front(), {now, Status::completed, running.front().output_tokens});
        running.pop_front();
        continue;
      }
      now = std::max(now, next);
      running.push_back(source.pop());
      out.push_back(
          {static_cast<double>(running.back().input_tokens), static_cast<double>(running.back().output_tokens)});
      ++taken;
    }
  }
  return out;
}

}  // namespace memwall::tools::price
