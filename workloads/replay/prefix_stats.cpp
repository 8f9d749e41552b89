#include "workloads/replay/prefix_stats.hpp"

#include <algorithm>
#include <list>
#include <unordered_map>
#include <vector>

#include "sim/base/math.hpp"
#include "workloads/replay/length_stats.hpp"

namespace memwall {
namespace {

/// A cache of so many blocks that lets go of the block that was not used for longest.
class BoundedCache {
 public:
  explicit BoundedCache(std::int64_t capacity) : capacity_(static_cast<std::size_t>(capacity)) {}

  std::int64_t use(const std::vector<std::uint64_t>& ids) {
    std::int64_t hits = 0;
    while (hits < static_cast<std::int64_t>(ids.size()) && where_.contains(ids[static_cast<std::size_t>(hits)])) ++hits;
    // From the tail on, so that of one chain the tail is the oldest.
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) touch(*id);
    return hits;
  }

 private:
  void touch(std::uint64_t id) {
    const auto at = where_.find(id);
    if (at != where_.end()) {
      order_.splice(order_.begin(), order_, at->second);
      return;
    }
    order_.push_front(id);
    where_.emplace(id, order_.begin());
    if (order_.size() <= capacity_) return;
    where_.erase(order_.back());
    order_.pop_back();
  }

  std::size_t capacity_;
  std::list<std::uint64_t> order_;  ///< the newest in front
  // Looked up only: order never reaches a result.
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> where_;
};

double fall_of_logarithms(const std::vector<std::int64_t>& uses, std::size_t most) {
  const std::size_t n = std::min(uses.size(), most);
  if (n < 2) return 0;
  double x_sum = 0, y_sum = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = math::log(static_cast<double>(i + 1));
    const double y = math::log(static_cast<double>(uses[i]));
    x_sum += x, y_sum += y, xx += x * x, xy += x * y;
  }
  const auto count = static_cast<double>(n);
  return -(xy - x_sum * y_sum / count) / (xx - x_sum * x_sum / count);
}

}  // namespace

struct PrefixCounter::State {
  struct Block {
    std::int64_t uses = 0;
    std::int64_t last_ns = 0;
  };
  PrefixStats stats;
  // Looked up, and its uses are sorted before they are looked at: order never reaches a result.
  std::unordered_map<std::uint64_t, Block> blocks;
  std::vector<BoundedCache> caches;
  std::vector<double> gaps_s;

  void add(const TraceRow& row, bool timed) {
    if (row.blocks.empty()) {
      // A session's recorded prefix is what its provider served from its cache.
      if (row.prefix_tokens < 0) return;
      ++stats.requests;
      stats.tokens += row.input_tokens;
      stats.hit_tokens += std::min(row.prefix_tokens, row.input_tokens);
      stats.requests_with_hit += row.prefix_tokens > 0 ? 1 : 0;
      return;
    }
    std::int64_t hits = 0;
    for (const std::uint64_t id : row.blocks) {
      if (!blocks.contains(id)) break;
      ++hits;
    }
    for (const std::uint64_t id : row.blocks) {
      Block& block = blocks[id];
      if (block.uses > 0 && timed) gaps_s.push_back(static_cast<double>(row.time_ns - block.last_ns) * 1e-9);
      ++block.uses;
      block.last_ns = row.time_ns;
    }
    for (std::size_t i = 0; i < caches.size(); ++i) stats.hit_blocks_bounded[i] += caches[i].use(row.blocks);
    ++stats.requests;
    stats.blocks += static_cast<std::int64_t>(row.blocks.size());
    stats.hit_blocks += hits;
    stats.tokens += row.input_tokens;
    stats.hit_tokens += std::min(hits * row.block_tokens, row.input_tokens);
    stats.requests_with_hit += hits > 0 ? 1 : 0;
  }
};

PrefixCounter::PrefixCounter() : state_(std::make_unique<State>()) {
  for (const std::int64_t capacity : PrefixStats::capacities) state_->caches.emplace_back(capacity);
}
PrefixCounter::~PrefixCounter() = default;

void PrefixCounter::add(const TraceRow& row) { state_->add(row, true); }
void PrefixCounter::add_without_time(const TraceRow& row) { state_->add(row, false); }

PrefixStats PrefixCounter::stats() const {
  PrefixStats out = state_->stats;
  std::vector<std::int64_t> uses;
  for (const auto& [id, block] : state_->blocks) uses.push_back(block.uses);
  std::sort(uses.rbegin(), uses.rend());
  out.distinct = static_cast<std::int64_t>(uses.size());
  if (uses.empty()) return out;
  const auto once = std::count(uses.begin(), uses.end(), 1);
  out.once_share = PrefixStats::share(once, out.distinct);
  const std::size_t top = std::max<std::size_t>(1, uses.size() / 100);
  std::int64_t top_uses = 0;
  for (std::size_t i = 0; i < top; ++i) top_uses += uses[i];
  out.top_share = PrefixStats::share(top_uses, out.blocks);
  out.slope = fall_of_logarithms(uses, 2000);
  std::vector<double> gaps = state_->gaps_s;
  std::sort(gaps.begin(), gaps.end());
  for (std::size_t i = 0; i < 3; ++i) out.reuse_gap_s[i] = sorted_quantile(gaps, i == 0 ? 0.1 : i == 1 ? 0.5 : 0.9);
  return out;
}

}  // namespace memwall
