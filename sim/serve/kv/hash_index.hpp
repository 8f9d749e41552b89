// From block hash to block: open addressing with linear probing, because a look-up stands on the path of every
// admission.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace memwall {

/// Maps 64-bit hashes to non-negative block ids. Several blocks may carry one hash: the map holds the head of a list
/// that its owner keeps.
class HashIndex {
 public:
  /// Room for so many hashes from the start; it grows when there are more.
  explicit HashIndex(std::size_t expected) {
    std::size_t size = 16;
    while (size < 2 * expected) size *= 2;
    slots_.resize(size);
  }

  /// The id stored for the hash, or -1.
  [[nodiscard]] std::int32_t find(std::uint64_t hash) const {
    for (std::size_t i = home(hash);; i = next(i)) {
      if (slots_[i].id < 0) return -1;
      if (slots_[i].hash == hash) return slots_[i].id;
    }
  }

  /// Stores or replaces.
  void put(std::uint64_t hash, std::int32_t id) {
    std::size_t i = home(hash);
    while (slots_[i].id >= 0 && slots_[i].hash != hash) i = next(i);
    if (slots_[i].id < 0) ++used_;
    slots_[i] = {hash, id};
    if (2 * used_ > slots_.size()) widen();
  }

  void erase(std::uint64_t hash) {
    std::size_t hole = home(hash);
    while (slots_[hole].id >= 0 && slots_[hole].hash != hash) hole = next(hole);
    if (slots_[hole].id < 0) return;
    // Close the gap: an entry moves back when its own probe path crosses the hole.
    for (std::size_t i = next(hole); slots_[i].id >= 0; i = next(i)) {
      const std::size_t wanted = home(slots_[i].hash);
      const bool crosses = ((i - wanted) & mask()) >= ((i - hole) & mask());
      if (crosses) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole].id = -1;
    --used_;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::int32_t id = -1;
  };
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t home(std::uint64_t hash) const { return static_cast<std::size_t>(hash) & mask(); }
  [[nodiscard]] std::size_t next(std::size_t i) const { return (i + 1) & mask(); }

  void widen() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
    for (const Slot& slot : old) {
      if (slot.id < 0) continue;
      std::size_t i = home(slot.hash);
      while (slots_[i].id >= 0) i = next(i);
      slots_[i] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace memwall
