#include "sim/serve/router/prefix_policies.hpp"

#include <algorithm>

namespace memwall {

PrefixRouter::PrefixRouter(const RouterSetup& setup, std::int64_t index_blocks)
    : setup_(setup),
      index_(setup.replicas, setup.block_size, index_blocks),
      loads_(setup.replicas),
      blocks_(static_cast<std::size_t>(setup.replicas), 0) {}

std::int64_t PrefixRouter::blocks_of(const Request& request) const {
  return (request.input_tokens + setup_.block_size - 1) / setup_.block_size;
}

void PrefixRouter::joined(ReplicaId replica, const Request& request) {
  loads_.joined(replica, request);
  blocks_[static_cast<std::size_t>(replica.value)] += blocks_of(request);
  index_.note(replica.value, request, request.input_tokens);
}

// The answer's blocks can be hit as soon as it is there.
void PrefixRouter::left(ReplicaId replica, const Request& request) {
  loads_.left(replica, request);
  blocks_[static_cast<std::size_t>(replica.value)] -= blocks_of(request);
  index_.note(replica.value, request, request.input_tokens + request.output_tokens);
}

std::int64_t PrefixRouter::largest_load() const {
  std::int64_t largest = 0;
  for (std::int32_t i = 0; i < replicas(); ++i) largest = std::max(largest, loads_.load(static_cast<std::size_t>(i)));
  return largest;
}

ReplicaId PrefixAware::pick(const Request& request) {
  const ReplicaId least = loads().least();
  const std::int64_t smallest = loads().load(static_cast<std::size_t>(least.value));
  const std::int64_t largest = largest_load();
  if (largest - smallest > keys_.balance_abs &&
      static_cast<double>(largest) > keys_.balance_rel * static_cast<double>(smallest)) {
    return least;
  }
  ReplicaId best = least;
  std::int64_t longest = -1;
  std::int64_t load = 0;
  for (std::int32_t i = 0; i < replicas(); ++i) {
    const std::int64_t blocks = match(i, request);
    const std::int64_t own = loads().load(static_cast<std::size_t>(i));
    if (blocks < longest || (blocks == longest && own >= load)) continue;
    best = {i};
    longest = blocks;
    load = own;
  }
  const double share = static_cast<double>(longest) / static_cast<double>(blocks_of(request));
  return share > keys_.threshold ? best : least;
}

ReplicaId PrefixCost::pick(const Request& request) {
  ReplicaId best{0};
  double lowest = 0;
  for (std::int32_t i = 0; i < replicas(); ++i) {
    const auto blocks = static_cast<double>(blocks_of(request));
    const double cost = keys_.prefill_weight * (blocks - static_cast<double>(match(i, request))) +
                        keys_.decode_weight * (blocks + static_cast<double>(active_blocks(i))) +
                        keys_.request_weight * static_cast<double>(loads().load(static_cast<std::size_t>(i)));
    if (i > 0 && cost >= lowest) continue;
    best = {i};
    lowest = cost;
  }
  return best;
}

ReplicaId WeightedScore::pick(const Request& request) {
  const std::int64_t smallest = loads().load(static_cast<std::size_t>(loads().least().value));
  const std::int64_t largest = largest_load();
  ReplicaId best{0};
  double highest = 0;
  for (std::int32_t i = 0; i < replicas(); ++i) {
    const std::int64_t load = loads().load(static_cast<std::size_t>(i));
    const double queue =
        largest == smallest ? 1 : static_cast<double>(largest - load) / static_cast<double>(largest - smallest);
    const double prefix = static_cast<double>(match(i, request)) / static_cast<double>(blocks_of(request));
    const double score = keys_.prefix_weight * prefix + keys_.queue_weight * queue;
    if (i > 0 && score <= highest) continue;
    best = {i};
    highest = score;
  }
  return best;
}

}  // namespace memwall
