// Collectives as algorithms with a cost each, and the choice among those that a library has.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

enum class Collective : std::uint8_t { all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point };
inline constexpr std::array<std::string_view, 5> collective_names = {"all_reduce", "all_gather", "reduce_scatter",
                                                                     "all_to_all", "point_to_point"};
constexpr std::string_view name(Collective collective) {
  return collective_names[static_cast<std::size_t>(collective)];
}

enum class Algorithm : std::uint8_t { ring, tree, one_shot, two_shot, in_switch, direct };
inline constexpr std::array<std::string_view, 6> algorithm_names = {"ring",     "tree",      "one_shot",
                                                                    "two_shot", "in_switch", "direct"};
constexpr std::string_view name(Algorithm algorithm) { return algorithm_names[static_cast<std::size_t>(algorithm)]; }

/// What an algorithm does with a buffer, which is the one on each rank, and for an all-gather the gathered whole.
struct AlgorithmShape {
  double steps = 0;   ///< messages that wait for one another
  double moved = 0;   ///< of the buffer, what a rank sends over its links
  double copied = 0;  ///< of the buffer, what a rank moves inside its own memory
};

/// Nothing where the algorithm does not do this collective.
///   all-reduce      ring 2 (n-1) steps of 1/n (Patarasuk and Yuan, 2009); tree 2 ceil(log2 n) steps, 2 buffers
///                   (double binary trees: Sanders, Speck and Traeff, 2009); one_shot: every rank reads all others;
///                   two_shot: a direct reduce-scatter, then a direct all-gather; in_switch: one read, and one write
///                   that the switch replicates, (n+1)/n buffers
///   all-gather, reduce-scatter     ring (n-1) steps of 1/n; direct the same bytes in one step; in_switch one buffer
///   all-to-all      direct (n-1)/n
///   point-to-point  direct, the buffer
[[nodiscard]] std::optional<AlgorithmShape> shape_of(Collective collective, Algorithm algorithm, int ranks);

/// One way of a library to run one collective: time = start + steps x step + moved / bandwidth + copied / copy.
struct Method {
  Collective collective = Collective::all_reduce;
  Algorithm algorithm = Algorithm::ring;
  std::string library = "nccl";
  std::string name;  ///< as reports call it
  Seconds start;
  Seconds step;
  BytesPerSecond bandwidth;                              ///< of one rank in one direction
  std::optional<BytesPerSecond> copy;                    ///< inside a rank's memory; absent: hidden behind the links
  Bytes up_to{std::numeric_limits<double>::infinity()};  ///< the library does not use it above this buffer
  int least_ranks = 2;
  int most_ranks = std::numeric_limits<int>::max();

  [[nodiscard]] bool serves(Collective wanted, int ranks, Bytes buffer) const {
    return wanted == collective && ranks >= least_ranks && ranks <= most_ranks && buffer <= up_to;
  }
  [[nodiscard]] Seconds time(int ranks, Bytes buffer) const;
};

/// Reads one entry of a list of methods, with basis and source.
[[nodiscard]] Method read_method(Reader& reader);

struct MethodChoice {
  const Method* method = nullptr;  ///< null where none serves
  Seconds time;
};

/// The quickest of the methods that serve; the first of equals.
[[nodiscard]] MethodChoice quickest(const std::vector<Method>& methods, Collective collective, int ranks, Bytes buffer);

/// What can be said of links of which only bandwidth and latency are known.
struct LinkFacts {
  BytesPerSecond bandwidth;  ///< that one device reaches in one direction
  Seconds step;              ///< of one message to a neighbour
  bool multicast = false;    ///< switches replicate and reduce
  bool direct = true;        ///< every device reaches every other one in a step
};
[[nodiscard]] std::vector<Method> plain_methods(const LinkFacts& facts);

}  // namespace memwall
