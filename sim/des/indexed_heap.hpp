// A priority queue with one slot for each owner, re-keyed in place: nothing stale is ever in it, and equal keys are
// ordered by owner, never by insertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall {

/// A binary heap over the owners 0 .. size-1, smallest (key, owner) first. Key needs `<`. All changes are O(log n).
template <class Key>
class IndexedHeap {
 public:
  explicit IndexedHeap(std::size_t owners = 0) { resize(owners); }

  /// Makes room for more owners; those already present keep their keys.
  void resize(std::size_t owners) {
    position_.resize(owners, absent);
    keys_.resize(owners);
  }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  /// Owner with the smallest key; the heap must not be empty.
  [[nodiscard]] std::size_t top() const { return heap_.front(); }
  [[nodiscard]] const Key& top_key() const { return keys_[heap_.front()]; }
  [[nodiscard]] bool contains(std::size_t owner) const { return position_[owner] != absent; }
  [[nodiscard]] const Key& key(std::size_t owner) const { return keys_[owner]; }

  /// Puts the owner in, or moves it to where its new key belongs.
  void set(std::size_t owner, const Key& key) {
    if (position_[owner] == absent) {
      position_[owner] = heap_.size();
      heap_.push_back(static_cast<std::uint32_t>(owner));
      keys_[owner] = key;
      rise(position_[owner]);
      return;
    }
    const bool earlier = key < keys_[owner];
    keys_[owner] = key;
    if (earlier) {
      rise(position_[owner]);
    } else {
      sink(position_[owner]);
    }
  }

  void remove(std::size_t owner) {
    const std::size_t hole = position_[owner];
    if (hole == absent) return;
    position_[owner] = absent;
    const std::uint32_t last = heap_.back();
    heap_.pop_back();
    if (last == owner) return;
    place(hole, last);
    rise(hole);
    sink(position_[last]);
  }

 private:
  static constexpr std::size_t absent = static_cast<std::size_t>(-1);

  [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
    if (keys_[a] < keys_[b]) return true;
    if (keys_[b] < keys_[a]) return false;
    return a < b;
  }
  void place(std::size_t at, std::uint32_t owner) {
    heap_[at] = owner;
    position_[owner] = at;
  }
  void rise(std::size_t at) {
    const std::uint32_t owner = heap_[at];
    while (at > 0) {
      const std::size_t parent = (at - 1) / 2;
      if (!before(owner, heap_[parent])) break;
      place(at, heap_[parent]);
      at = parent;
    }
    place(at, owner);
  }
  void sink(std::size_t at) {
    const std::uint32_t owner = heap_[at];
    for (;;) {
      std::size_t child = 2 * at + 1;
      if (child >= heap_.size()) break;
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], owner)) break;
      place(at, heap_[child]);
      at = child;
    }
    place(at, owner);
  }

  std::vector<std::uint32_t> heap_;
  std::vector<std::size_t> position_;  ///< of each owner in `heap_`
  std::vector<Key> keys_;
};

}  // namespace memwall
