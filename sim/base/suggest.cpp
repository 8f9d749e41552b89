#include "sim/base/suggest.hpp"

#include <algorithm>
#include <vector>

namespace memwall {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Optimal string alignment distance (restricted Damerau-Levenshtein), by the usual table of prefixes; three rows are
/// kept because a swap looks two rows back.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  // Longer words are not typing errors of a name, and the table of prefixes would grow with their square.
  constexpr std::size_t longest = 200;
  std::optional<std::string> best;
  std::size_t fewest = 0;
  if (word.size() > longest) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest) continue;
    const std::size_t count = edits(word, candidate);
    if (count * 3 > std::max(word.size(), candidate.size())) continue;
    if (!best || count < fewest) {
      best = candidate;
      fewest = count;
    }
  }
  if (best || word.size() < 3) return best;
  // Half a name is no typing error: whoever writes it means the one that begins so.
  for (const std::string& candidate : candidates) {
    const bool begins =
        candidate.size() > word.size() && edits(word, std::string_view(candidate).substr(0, word.size())) == 0;
    if (begins && (!best || candidate.size() < best->size())) best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  std::string out;
  if (const auto near = nearest(word, candidates)) out = "did you mean \"" + *near + "\"? ";
  out += "known: ";
  for (std::size_t i = 0; i < candidates.size(); ++i) out += (i == 0 ? "" : ", ") + candidates[i];
  if (candidates.empty()) out += "none";
  return out;
}

}  // namespace memwall
