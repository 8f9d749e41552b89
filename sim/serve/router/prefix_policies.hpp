// Policies that look at what a prompt holds.
#pragma once

#include "sim/serve/router/prefix_index.hpp"
#include "sim/serve/router/router.hpp"

namespace memwall {

/// What all of them are told: unfinished requests and their blocks, and the contents that went to each replica.
class PrefixRouter : public Router {
 public:
  PrefixRouter(const RouterSetup& setup, std::int64_t index_blocks);
  void joined(ReplicaId replica, const Request& request) override;
  void left(ReplicaId replica, const Request& request) override;

 protected:
  [[nodiscard]] std::int64_t blocks_of(const Request& request) const;  ///< of the prompt, the last one filled or not
  [[nodiscard]] std::int32_t replicas() const { return setup_.replicas; }
  [[nodiscard]] std::int64_t match(std::int32_t replica, const Request& request) const {
    return index_.match(replica, request);
  }
  [[nodiscard]] const LeastLoaded& loads() const { return loads_; }
  [[nodiscard]] std::int64_t active_blocks(std::int32_t replica) const {
    return blocks_[static_cast<std::size_t>(replica)];
  }
  [[nodiscard]] std::int64_t largest_load() const;

 private:
  RouterSetup setup_;
  PrefixIndex index_;
  LeastLoaded loads_;
  std::vector<std::int64_t> blocks_;  ///< of the prompts of unfinished requests, by replica
};

/// The replica with the longest matching prefix where that is long enough and the loads are balanced, else the least
/// loaded (SGLang gateway, policy `cache_aware`, whose defaults these are). Ties to the smaller load, then the lower
/// id.
struct PrefixAwareKeys {
  double threshold = 0.3;  ///< share of the prompt's blocks that must match
  std::int64_t balance_abs = 64;
  double balance_rel = 1.5;
  std::int64_t index_blocks = 31250;  ///< remembered for each replica (llm-d's default)
};
class PrefixAware final : public PrefixRouter {
 public:
  PrefixAware(const RouterSetup& setup, const PrefixAwareKeys& keys)
      : PrefixRouter(setup, keys.index_blocks), keys_(keys) {}
  [[nodiscard]] ReplicaId pick(const Request& request) override;

 private:
  PrefixAwareKeys keys_;
};

/// The smallest of prefill_weight x blocks to compute + decode_weight x blocks of unfinished requests, this one
/// included, + request_weight x unfinished requests; ties to the lower id (Dynamo's KV router, whose defaults these
/// are; it also hears of first tokens, and this one only of ends).
struct PrefixCostKeys {
  double prefill_weight = 1;
  double decode_weight = 1;
  double request_weight = 0;
  std::int64_t index_blocks = 31250;
};
class PrefixCost final : public PrefixRouter {
 public:
  PrefixCost(const RouterSetup& setup, const PrefixCostKeys& keys)
      : PrefixRouter(setup, keys.index_blocks), keys_(keys) {}
  [[nodiscard]] ReplicaId pick(const Request& request) override;

 private:
  PrefixCostKeys keys_;
};

/// The largest of prefix_weight x share of the prompt's blocks that match + queue_weight x (largest load - load) /
/// (largest - smallest), which is 1 where all are equal; ties to the lower id (llm-d's endpoint picker with its sample
/// weights).
struct WeightedScoreKeys {
  double prefix_weight = 2;
  double queue_weight = 1;
  std::int64_t index_blocks = 31250;
};
class WeightedScore final : public PrefixRouter {
 public:
  WeightedScore(const RouterSetup& setup, const WeightedScoreKeys& keys)
      : PrefixRouter(setup, keys.index_blocks), keys_(keys) {}
  [[nodiscard]] ReplicaId pick(const Request& request) override;

 private:
  WeightedScoreKeys keys_;
};

}  // namespace memwall
