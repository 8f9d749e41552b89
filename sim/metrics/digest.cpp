#include "sim/metrics/digest.hpp"

#include <array>
#include <cstddef>

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

std::uint64_t word(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// One word of a 128-bit number. The odd factor keeps the upper half from cancelling against the lower.
std::uint64_t folded(Int128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return low + high * 0x9e3779b97f4a7c15U;
}

/// What tells the slots apart: one for the critical and one for the busy time of each tier.
constexpr std::array<std::uint64_t, 2 * tier_count> slot_keys = [] {
  std::array<std::uint64_t, 2 * tier_count> keys{};
  for (std::size_t slot = 0; slot < keys.size(); ++slot) keys[slot] = mix(slot);
  return keys;
}();

/// A ramp in its slot. The four words of a tier are hashed side by side and added, which a processor does several times
/// faster than in a chain; zero ramps add nothing, so that the set of used tiers may be wider than it need be.
std::uint64_t ramp_hash(const Ramp& ramp, std::size_t slot) {
  if ((ramp.first | ramp.step) == 0) return 0;
  const std::uint64_t key = slot_keys[slot];
  return mix(folded(ramp.first) ^ key) + mix(folded(ramp.step) + (key << 1 | 1U));
}

}  // namespace

void Digest::segment(ReplicaId replica, std::int64_t first_cycle, std::int64_t cycles, const TierRamps& ramps,
                     std::uint64_t plan_change) {
  std::uint64_t price = 0;
  for_each_tier(ramps.used, [&](Tier tier) {
    price += ramp_hash(ramps.critical[tier], 2 * index(tier));
    price += ramp_hash(ramps.busy[tier], 2 * index(tier) + 1);
  });
  Hasher hasher(1);
  hasher.add(word(replica.value)).add(word(first_cycle)).add(word(cycles)).add(price).add(plan_change);
  segments_ += hasher.value();
  ++segment_count_;
}

void Digest::request(const RequestRecord& record) {
  Hasher hasher(2);
  hasher.add(word(record.id.value)).add(word(record.pool.value)).add(word(record.replica.value));
  hasher.add(word(record.arrival.ps)).add(word(record.first_scheduled.ps));
  hasher.add(word(record.first_token.ps)).add(word(record.finish.ps));
  hasher.add(word(record.input_tokens)).add(word(record.cached_tokens)).add(word(record.output_tokens));
  hasher.add(word(record.preemptions)).add(word(record.workload)).add(word(record.session));
  hasher.add(static_cast<std::uint64_t>(record.status));
  // Requests without labels are hashed as they were before there were any.
  if (const RequestLabels& labels = record.labels; labels != RequestLabels{}) {
    hasher.add(word(labels.tenant)).add(word(labels.service_class)).add(word(labels.adapter));
    hasher.add(word(labels.images)).add(word(labels.deadline.ps));
  }
  if (record.prefill_replica.value >= 0) {
    hasher.add(word(record.prefill_replica.value)).add(word(record.decode_replica.value));
    hasher.add(word(record.kv_transfer.ps));
  }
  requests_ += hasher.value();
  ++request_count_;
}

void Digest::merge(const Digest& other) {
  segments_ += other.segments_;
  requests_ += other.requests_;
  segment_count_ += other.segment_count_;
  request_count_ += other.request_count_;
}

std::uint64_t Digest::value() const {
  return Hasher(3).add(segments_).add(segment_count_).add(requests_).add(request_count_).value();
}

std::string Digest::text() const { return hex16(value()); }

std::string hex16(std::uint64_t word) {
  std::string out(16, '0');
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = "0123456789abcdef"[(word >> (60 - 4 * i)) & 15U];
  return out;
}

}  // namespace memwall
