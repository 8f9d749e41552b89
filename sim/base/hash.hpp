// A stable 64-bit hash: the same on every machine and in every version, for digests, block identities and keyed draws.
#pragma once

#include <cstdint>
#include <string_view>

namespace memwall {

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014):
/// a bijection on 64-bit words in which every input bit moves about half of the output bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Folds one more word into a running hash; the order of words matters.
constexpr std::uint64_t combine(std::uint64_t hash, std::uint64_t word) { return mix(hash ^ mix(word)); }

/// Multiplies to 128 bits and folds the halves together: every input bit reaches the whole word in a few instructions
/// (the step of Wang Yi's wyhash).
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ typedef unsigned __int128 Wide;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A running hash over words and text.
class Hasher {
 public:
  constexpr explicit Hasher(std::uint64_t seed = 0) : state_(mix(seed)) {}

  constexpr Hasher& add(std::uint64_t word) {
    state_ = fold(state_ ^ word, 0xa0761d6478bd642fU) + 0xe7037ed1a0b428dbU;
    return *this;
  }
  constexpr Hasher& add(std::string_view text) {
    add(text.size());
    for (const char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
    return *this;
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return mix(state_); }

 private:
  std::uint64_t state_;
};

}  // namespace memwall
