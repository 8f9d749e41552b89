#include "workloads/sources.hpp"

#include <array>

#include "workloads/synthetic.hpp"
#include "workloads/trace_source.hpp"

namespace memwall {

std::span<const SourceKind> sources() {
  static const std::array<SourceKind, 2> kinds = {{
      {"synthetic", "requests made up from an arrival process and length distributions", read_synthetic_source},
      {"trace", "requests recorded from a real service, replayed from a file", read_trace_source},
  }};
  return kinds;
}

}  // namespace memwall
