// Which replica a request goes to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "sim/base/ids.hpp"
#include "sim/base/reader.hpp"
#include "sim/des/indexed_heap.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// Sees the requests that it is asked about and what was told to it; decides nothing else. Same history, same answer.
/// Replicas are those of its route, numbered from 0.
class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual ReplicaId pick(const Request& request) = 0;
  /// The request was given to the replica, or ended there.
  virtual void joined(ReplicaId replica, const Request& request) = 0;
  virtual void left(ReplicaId replica, const Request& request) = 0;
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
  void joined(ReplicaId, const Request&) override {}
  void left(ReplicaId, const Request&) override {}

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
  [[nodiscard]] ReplicaId pick(const Request&) override { return least(); }
  void joined(ReplicaId replica, const Request&) override { change(replica, 1); }
  void left(ReplicaId replica, const Request&) override { change(replica, -1); }

  [[nodiscard]] ReplicaId least() const { return {static_cast<std::int32_t>(load_.top())}; }
  /// Unfinished requests.
  [[nodiscard]] std::int64_t load(std::size_t replica) const { return load_.key(replica); }

 private:
  void change(ReplicaId replica, std::int64_t by) {
    const auto i = static_cast<std::size_t>(replica.value);
    load_.set(i, load_.key(i) + by);
  }
  IndexedHeap<std::int64_t> load_;
};

/// What a router is made for.
struct RouterSetup {
  std::int32_t replicas = 1;     ///< of its route, at least 1
  std::uint64_t seed = 1;        ///< of its draws
  std::int64_t block_size = 16;  ///< tokens; it tells prompts apart by blocks of this size
};

using RouterMaker = std::function<std::unique_ptr<Router>(const RouterSetup&)>;

/// One row of the table of routing policies.
struct RouterKind {
  std::string_view name;
  std::string_view summary;
  /// Reads this policy's keys.
  RouterMaker (*read)(Reader& reader);
};

/// The policies, in the order in which they are documented; the first one is the default.
[[nodiscard]] const std::vector<RouterKind>& router_kinds();

}  // namespace memwall
