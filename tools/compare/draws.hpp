// Which of two scenarios wins when the numbers that are known within a range are drawn from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/compare/question.hpp"
#include "tools/compare/ranges.hpp"

namespace memwall::tools::compare {

/// Spearman's rank correlation, ties at their mean rank: -1 to 1; 0 where one of the two does not vary. Throws
/// LogicError where they are not equally many.
[[nodiscard]] double rank_correlation(const std::vector<double>& x, const std::vector<double>& y);

/// How much a number has to do with who wins.
struct Influence {
  RangedNumber number;
  double correlation = 0;  ///< of its draws with winning, of the second against the first; see Duel::decided
};

/// The second of two scenarios against the first, over all draws in which both ran.
struct Duel {
  std::string first;
  std::string second;
  std::size_t wins = 0;  ///< of the second
  std::size_t losses = 0;
  std::size_t ties = 0;
  std::size_t refused = 0;             ///< draws in which one of the two did not run
  std::string why_refused;             ///< the reason of the first of them
  std::vector<double> ratios;          ///< measure of the second over the first, in the order of the draws
  bool decided = false;                ///< all draws agree: correlations are then with the ratio, not with winning
  std::vector<Influence> influences;   ///< strongest first
  std::vector<std::string> boundless;  ///< placeholders without a range: not empty means that nobody wins
  std::string refusal;                 ///< not empty: nothing was drawn, and why

  [[nodiscard]] std::size_t draws() const { return wins + losses + ties; }
};

/// Everything that was drawn and what it came to.
struct Draws {
  Measure measure;
  std::uint64_t seed = 1;
  std::vector<RangedNumber> numbers;                       ///< of all scenarios, each once
  std::vector<std::vector<double>> shares;                 ///< by number and draw, of its high end
  std::vector<std::vector<std::optional<double>>> values;  ///< by scenario and draw
  std::vector<Duel> verdicts;                              ///< of each other scenario against the first that ran
};

/// The same draws for every scenario, keyed by the seed of the first, the number and the draw; everything else, the
/// requests included, stays as it is.
[[nodiscard]] Draws draw_all(const Field& field, std::size_t count, const Measure& measure);

/// The verdict from paired values; `shares` are the draws of `numbers`, one after another.
[[nodiscard]] Duel verdict_of(const std::vector<std::optional<double>>& first,
                              const std::vector<std::optional<double>>& second, bool higher_is_better,
                              const std::vector<RangedNumber>& numbers, const std::vector<std::vector<double>>& shares);

/// "b wins against a in 83 % of 200 draws, decided by ...".
[[nodiscard]] std::string sentence_of(const Duel& verdict);

[[nodiscard]] Answer draws_answer(const Field& field, const Draws& draws);

}  // namespace memwall::tools::compare
