// Whether two runs did the same: what leaping and the reference must.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/serve/toy.hpp"

namespace memwall::test {

inline std::vector<std::int64_t> sorted(std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// The first record, segment or gap that differs, in words; empty when none does.
inline std::string difference(const Recorder& leap, const Recorder& reference) {
  if (leap.requests.size() != reference.requests.size()) return "number of request records";
  for (std::size_t i = 0; i < leap.requests.size(); ++i) {
    const RequestRecord& a = leap.requests[i];
    const RequestRecord& b = reference.requests[i];
    if (a.id != b.id) return "order of ends at record " + std::to_string(i);
    const char* field = a.first_scheduled != b.first_scheduled   ? "first_scheduled"
                        : a.first_token != b.first_token         ? "first_token"
                        : a.finish != b.finish                   ? "finish"
                        : a.preemptions != b.preemptions         ? "preemptions"
                        : a.cached_tokens != b.cached_tokens     ? "cached_tokens"
                        : a.output_tokens != b.output_tokens     ? "output_tokens"
                        : a.status != b.status                   ? "status"
                        : a.session != b.session                 ? "session"
                        : a.arrival != b.arrival                 ? "arrival"
                        : a.kv_transfer != b.kv_transfer         ? "kv_transfer"
                        : a.prefill_replica != b.prefill_replica ? "prefill_replica"
                        : a.decode_replica != b.decode_replica   ? "decode_replica"
                                                                 : nullptr;
    if (field != nullptr) return std::string(field) + " of request " + std::to_string(a.id.value);
  }
  if (leap.segments.size() != reference.segments.size()) return "number of segments";
  for (std::size_t i = 0; i < leap.segments.size(); ++i) {
    const auto& a = leap.segments[i];
    const auto& b = reference.segments[i];
    if (a.replica != b.replica || a.first_cycle != b.first_cycle || a.cycles != b.cycles || a.change != b.change ||
        !(a.ramps.critical == b.ramps.critical) || !(a.ramps.busy == b.ramps.busy)) {
      return "segment " + std::to_string(i);
    }
  }
  if (leap.tokens != reference.tokens) return "tokens";
  if (leap.steady_tokens != reference.steady_tokens) return "tokens at steady gaps";
  if (sorted(leap.gaps) != sorted(reference.gaps)) return "long token gaps";
  return {};
}

}  // namespace memwall::test
