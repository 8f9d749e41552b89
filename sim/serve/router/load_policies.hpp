// Policies that look at loads or at sessions, not at what a prompt holds.
#pragma once

#include "sim/base/hash.hpp"
#include "sim/base/random.hpp"
#include "sim/serve/router/router.hpp"

namespace memwall {

/// Two different replicas are drawn, the one with fewer unfinished requests is taken, ties to the lower id
/// (Mitzenmacher, The power of two choices in randomized load balancing, 2001). Draws are keyed by the request.
class PowerOfTwo final : public Router {
 public:
  explicit PowerOfTwo(const RouterSetup& setup) : setup_(setup), loads_(setup.replicas) {}
  [[nodiscard]] ReplicaId pick(const Request& request) override {
    if (setup_.replicas == 1) return {0};
    DrawKey key{setup_.seed, 0, static_cast<std::uint64_t>(request.id.value), Purpose::routing};
    const std::int64_t one = random_integer(key, 0, setup_.replicas - 1);
    key.stream = 1;
    std::int64_t other = random_integer(key, 0, setup_.replicas - 2);
    if (other >= one) ++other;
    const std::int64_t low = one < other ? one : other;
    const std::int64_t high = one < other ? other : one;
    const bool second = loads_.load(static_cast<std::size_t>(high)) < loads_.load(static_cast<std::size_t>(low));
    return {static_cast<std::int32_t>(second ? high : low)};
  }
  void joined(ReplicaId replica, const Request& request) override { loads_.joined(replica, request); }
  void left(ReplicaId replica, const Request& request) override { loads_.left(replica, request); }

 private:
  RouterSetup setup_;
  LeastLoaded loads_;
};

/// All requests of a session go where its hash says, by the highest weight of all replicas, so that another number of
/// replicas moves as few sessions as possible (Thaler and Ravishankar, Using name-based mappings to increase hit rates,
/// 1998). A request without a session goes to the least loaded. O(replicas).
class SessionHash final : public Router {
 public:
  explicit SessionHash(const RouterSetup& setup) : replicas_(setup.replicas), loads_(setup.replicas) {}
  [[nodiscard]] ReplicaId pick(const Request& request) override {
    if (request.session < 0) return loads_.least();
    const std::uint64_t session =
        combine(static_cast<std::uint64_t>(request.workload), static_cast<std::uint64_t>(request.session));
    ReplicaId best{0};
    std::uint64_t weight = 0;
    for (std::int32_t i = 0; i < replicas_; ++i) {
      const std::uint64_t own = combine(session, static_cast<std::uint64_t>(i));
      if (i > 0 && own <= weight) continue;
      best = {i};
      weight = own;
    }
    return best;
  }
  void joined(ReplicaId replica, const Request& request) override { loads_.joined(replica, request); }
  void left(ReplicaId replica, const Request& request) override { loads_.left(replica, request); }

 private:
  std::int32_t replicas_;
  LeastLoaded loads_;
};

}  // namespace memwall
