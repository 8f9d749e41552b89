// "Did you mean": the known word nearest to one that nobody knows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace memwall {

/// The candidate with the fewest edits (insertion, deletion, substitution, swap of neighbours) from `word`, where these
/// are at most a third of the longer word and letters of another case count as equal; the first of equals. Nothing
/// where no candidate is that near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// The tail of a message about an unknown word: `did you mean "x"?` where one is near, then `known: a, b, c`.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace memwall
