// Extents against single blocks: whatever sequences do to a cache, both find the same prefixes and evict the same
// contents.
#include "sim/serve/kv/extent_pool.hpp"

#include <string>
#include <vector>

#include "sim/serve/kv/block_pool.hpp"
#include "tests/catch.hpp"
#include "tests/laws/random_cycle.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t block_size = 4;

/// The same cache twice, and every sequence in both.
class Twins {
 public:
  Twins(std::int64_t blocks) : blocks_(blocks, block_size, true), extents_(blocks, block_size, true) {}

  struct Member {
    Sequence in_blocks;
    Sequence in_extents;
    std::int64_t tokens = 0;  ///< of its prompt and output
    bool running = false;
  };

  std::string step(Dice& dice) {
    const std::int64_t action = dice.integer(0, 9);
    if (members_.empty() || action == 0) return begin(dice);
    Member& m = members_[static_cast<std::size_t>(dice.integer(0, static_cast<std::int64_t>(members_.size()) - 1))];
    if (!m.running) return admit(m, dice);
    if (action <= 6) return work(m, dice);
    return release(m, action == 7);
  }

  std::int64_t hits = 0;
  std::int64_t copies = 0;

 private:
  std::string begin(Dice& dice) {
    Member m;
    Request r;
    r.id = RequestId{next_id_++};
    r.input_tokens = dice.integer(1, 48);
    for (std::int64_t at = 0; at < r.input_tokens;) {
      const std::int64_t length = std::min(r.input_tokens - at, dice.integer(0, 2) > 0 ? 64 : dice.integer(1, 20));
      r.prompt.push_back({static_cast<std::uint64_t>(dice.integer(1, 2)), 0, length});
      at += length;
    }
    m.tokens = r.input_tokens + dice.integer(0, 16);
    m.in_blocks.request = m.in_extents.request = r;
    m.in_blocks.finish_at = m.in_extents.finish_at = m.tokens;
    members_.push_back(m);
    return {};
  }

  /// Takes a hit of random length, so that others come to fill the same content beside what is cached.
  std::string admit(Member& m, Dice& dice) {
    const std::int64_t tokens = dice.integer(0, 2) > 0 ? m.tokens - 1 : dice.integer(0, m.tokens - 1);
    const PrefixHit a = blocks_.find_prefix(m.in_blocks, tokens);
    const PrefixHit b = extents_.find_prefix(m.in_extents, tokens);
    if (a.blocks != b.blocks) return "blocks found";
    if (a.unheld != b.unheld) return "unheld blocks found";
    if (a.unheld + 1 > blocks_.free()) return {};
    if (a.blocks < tokens / block_size) ++copies;
    hits += a.blocks;
    blocks_.take_prefix(m.in_blocks);
    extents_.take_prefix(m.in_extents);
    m.running = true;
    return same();
  }

  std::string work(Member& m, Dice& dice) {
    const std::int64_t held = m.in_blocks.held;
    const std::int64_t more = std::min(dice.integer(0, 5), (m.tokens + block_size - 1) / block_size - held);
    if (more > blocks_.free()) return {};
    if (more > 0) {
      blocks_.grow(m.in_blocks, more);
      extents_.grow(m.in_extents, more);
    }
    const std::int64_t filled = std::min(m.tokens, (held + std::max<std::int64_t>(more, 0)) * block_size);
    blocks_.register_full(m.in_blocks, filled);
    extents_.register_full(m.in_extents, filled);
    return same();
  }

  std::string release(Member& m, bool for_good) {
    m.in_blocks.known = m.in_extents.known = for_good ? m.tokens : m.tokens - 1;
    blocks_.release(m.in_blocks);
    extents_.release(m.in_extents);
    m.running = false;
    ++m.in_blocks.preemptions;
    ++m.in_extents.preemptions;
    if (for_good) {
      m = members_.back();
      members_.pop_back();
    }
    return same();
  }

  std::string same() const { return blocks_.free() == extents_.free() ? "" : "free blocks"; }

  BlockPool blocks_;
  ExtentPool extents_;
  std::vector<Member> members_;
  std::int64_t next_id_ = 0;
};

}  // namespace

TEST_CASE("extents answer as single blocks do, whatever sequences do to the cache") {
  std::int64_t hits = 0;
  std::int64_t copies = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    Twins twins(dice.integer(8, 60));
    for (int step = 0; step < 200; ++step) {
      const std::string wrong = twins.step(dice);
      INFO("step " << step);
      REQUIRE(wrong == "");
    }
    hits += twins.hits;
    copies += twins.copies;
  }
  CHECK(hits > 100'000);
  CHECK(copies > 10'000);
}
