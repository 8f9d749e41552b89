#include "sim/serve/router/router.hpp"

namespace memwall {
namespace {

template <class Policy>
std::unique_ptr<Router> make(std::int32_t replicas) {
  return std::make_unique<Policy>(replicas);
}

}  // namespace

const std::vector<RouterKind>& router_kinds() {
  static const std::vector<RouterKind> kinds = {
      {"least_loaded", "the replica with the fewest unfinished requests, ties to the lower id", make<LeastLoaded>},
      {"round_robin", "the replicas in turn", make<RoundRobin>},
  };
  return kinds;
}

}  // namespace memwall
