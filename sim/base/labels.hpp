// What a request is called by beside its lengths: whose it is, which service it asks for, what it carries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/time.hpp"

namespace memwall {

/// Numbers in place of texts, so that a request stays small; its source answers the texts (`LabelNames`).
struct RequestLabels {
  std::int32_t tenant = -1;         ///< position in the source's `tenants`; -1 = the tenant of its workload
  std::int32_t service_class = -1;  ///< position in the source's `classes`; -1 = the class of its workload
  std::int32_t adapter = -1;        ///< position in the source's `adapters`; -1 = the bare model
  std::int32_t images = 0;          ///< in its prompt; their tokens are part of the input tokens
  Time deadline = Time::never();    ///< the moment by which it should have ended; missing it cancels nothing

  friend bool operator==(const RequestLabels&, const RequestLabels&) = default;
};

/// Texts of one source, in order of first appearance; the labels of its requests are positions in them.
struct LabelNames {
  std::vector<std::string> tenants;
  std::vector<std::string> classes;
  std::vector<std::string> adapters;
};

}  // namespace memwall
