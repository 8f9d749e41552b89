// Sources that can say what a request waited for.
#pragma once

#include <string>
#include <vector>

#include "sim/serve/source.hpp"

namespace memwall {

/// Why a request arrives when it does.
struct Cause {
  std::string name;                ///< of the request
  std::vector<std::string> after;  ///< names of those that had to end first; empty = none, it has a moment of its own
  Duration delay;                  ///< from the last of these ends to its arrival
};

class CausalSource : public RequestSource {
 public:
  /// Of the request that `pop` answered last.
  [[nodiscard]] virtual Cause cause() const = 0;
  /// Whether requests that wait for nothing by their cause have moments of their own.
  [[nodiscard]] virtual bool tells_all_causes() const = 0;
};

}  // namespace memwall
