// Which replica a request goes to.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/des/indexed_heap.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// Sees which replicas may take a request and what was told to it; decides nothing else. Same history, same answer.
class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual ReplicaId pick(const Request& request) = 0;
  /// A request was given to the replica, or ended there.
  virtual void joined(ReplicaId replica) = 0;
  virtual void left(ReplicaId replica) = 0;
};

/// In turn.
class RoundRobin final : public Router {
 public:
  explicit RoundRobin(std::int32_t replicas) : replicas_(replicas) {}
  [[nodiscard]] ReplicaId pick(const Request&) override {
    const ReplicaId picked{next_};
    next_ = (next_ + 1) % replicas_;
    return picked;
  }
  void joined(ReplicaId) override {}
  void left(ReplicaId) override {}

 private:
  std::int32_t replicas_;
  std::int32_t next_ = 0;
};

/// The replica with the fewest unfinished requests, ties to the lower id. O(log replicas).
class LeastLoaded final : public Router {
 public:
  explicit LeastLoaded(std::int32_t replicas) : load_(static_cast<std::size_t>(replicas)) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(replicas); ++i) load_.set(i, 0);
  }
  [[nodiscard]] ReplicaId pick(const Request&) override { return {static_cast<std::int32_t>(load_.top())}; }
  void joined(ReplicaId replica) override { change(replica, 1); }
  void left(ReplicaId replica) override { change(replica, -1); }

 private:
  void change(ReplicaId replica, std::int64_t by) {
    const auto i = static_cast<std::size_t>(replica.value);
    load_.set(i, load_.key(i) + by);
  }
  IndexedHeap<std::int64_t> load_;
};

/// One row of the table of routing policies.
struct RouterKind {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Router> (*make)(std::int32_t replicas);
};

/// The policies, in the order in which they are documented.
[[nodiscard]] const std::vector<RouterKind>& router_kinds();

}  // namespace memwall
