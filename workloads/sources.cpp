#include "workloads/sources.hpp"

#include <array>

#include "workloads/generators/clients.hpp"
#include "workloads/generators/presets.hpp"
#include "workloads/generators/rollouts.hpp"
#include "workloads/generators/sessions.hpp"
#include "workloads/generators/synthetic.hpp"
#include "workloads/replay/trace_source.hpp"

namespace memwall {

std::span<const SourceKind> sources() {
  static const std::array<SourceKind, 6> kinds = {{
      {"synthetic", "requests made up from an arrival process and length distributions", read_synthetic_source},
      {"clients", "the sum of clients, each with an arrival process and lengths of its own", read_client_source},
      {"sessions", "conversations of many turns, with tools, subagents and compaction", read_session_source},
      {"rollouts", "batches of samples for reinforcement learning", read_rollout_source},
      {"preset", "workloads of well-known benchmarks, by name", read_preset_source},
      {"trace", "requests recorded from a real service, replayed from a file", read_trace_source},
  }};
  return kinds;
}

}  // namespace memwall
