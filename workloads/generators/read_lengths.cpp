// The keys of lengths.
#include <algorithm>

#include "workloads/generators/lengths.hpp"

namespace memwall {
namespace {

constexpr IntegerRule wanted_tokens{.fallback = std::nullopt, .low = 1, .high = most_tokens};

template <class Bounded>
void read_bounds(Reader& reader, Bounded& length) {
  length.low = reader.integer("low", {.fallback = 1, .low = 1, .high = most_tokens}, "fewer tokens are drawn again");
  length.high =
      reader.integer("high", {.fallback = most_tokens, .low = 1, .high = most_tokens}, "more tokens are drawn again");
  if (length.high < length.low) reader.fault("high", "must not be below `low`");
}

double read_mean(Reader& reader) {
  return reader.number("mean", {.fallback = std::nullopt, .low = 1, .high = 1e9}, "mean tokens, before truncation");
}

void read_uniform(Reader& reader, Length& out) {
  UniformLength length;
  length.low = reader.integer("low", wanted_tokens, "fewest tokens");
  length.high = reader.integer("high", wanted_tokens, "most tokens");
  if (length.high < length.low) {
    reader.fault("high", "must not be below `low`");
    length.high = length.low;
  }
  out = length;
}

void read_normal(Reader& reader, Length& out) {
  NormalLength length;
  length.mean = read_mean(reader);
  length.deviation = reader.number("deviation", {.fallback = std::nullopt, .low = 0, .high = 1e9},
                                   "standard deviation in tokens, before truncation");
  read_bounds(reader, length);
  out = length;
}

void read_lognormal(Reader& reader, Length& out) {
  LognormalLength length;
  length.mean = read_mean(reader);
  length.cv = reader.number("cv", {.fallback = std::nullopt, .low = 1e-3, .high = 100},
                            "standard deviation over mean, before truncation");
  read_bounds(reader, length);
  out = length;
}

void read_zipf(Reader& reader, Length& out) {
  ZipfLength length;
  length.exponent = reader.number("exponent", {.fallback = std::nullopt, .low = 0, .high = 100},
                                  "how fast longer lengths grow rare; vidur's theta");
  length.low = reader.integer("low", wanted_tokens, "fewest tokens, which are the most frequent");
  length.high = reader.integer("high", wanted_tokens, "most tokens");
  if (length.high < length.low) {
    reader.fault("high", "must not be below `low`");
    length.high = length.low;
  }
  out = length;
}

void read_empirical(Reader& reader, Length& out) {
  EmpiricalLength length;
  length.probabilities = reader.numbers("probabilities", true, "rising from 0 to 1");
  length.values = reader.numbers("values", true, "tokens at each of the probabilities, not falling");
  const auto& p = length.probabilities;
  const auto& v = length.values;
  if (p.size() < 2 || p.size() != v.size()) {
    reader.fault("values", "needs as many entries as `probabilities`, at least 2");
  } else if (p.front() != 0 || p.back() != 1 ||
             std::adjacent_find(p.begin(), p.end(), std::greater_equal<>()) != p.end()) {
    reader.fault("probabilities", "must rise strictly from 0 to 1");
  } else if (v.front() < 1 || v.back() > static_cast<double>(most_tokens) || !std::is_sorted(v.begin(), v.end())) {
    reader.fault("values", "must be 1 or more and must not fall");
  }
  out = std::move(length);
}

void read_distribution(Reader& keys, Length& out) {
  keys.variant(
      "distribution",
      {{"fixed", "always the same",
        [&out](Reader& own) { out = FixedLength{own.integer("tokens", wanted_tokens, "tokens of every request")}; }},
       {"uniform", "every whole number between two bounds", [&out](Reader& own) { read_uniform(own, out); }},
       {"normal", "around a mean", [&out](Reader& own) { read_normal(own, out); }},
       {"lognormal", "a long tail, by mean and coefficient of variation",
        [&out](Reader& own) { read_lognormal(own, out); }},
       {"zipf", "the shortest is the most frequent, by a power of the rank",
        [&out](Reader& own) { read_zipf(own, out); }},
       {"empirical", "a grid of quantiles, linear between them", [&out](Reader& own) { read_empirical(own, out); }}},
      std::nullopt, "how the length is drawn");
}

void read_both(Reader& reader, Lengths& out) {
  out.input = read_length(reader, "input", "tokens of the prompt");
  out.output = read_length(reader, "output", "tokens of the answer");
}

void read_correlated(Reader& reader, Lengths& out) {
  read_both(reader, out);
  out.correlation = normal_correlation(reader.number(
      "rank_correlation", {.fallback = std::nullopt, .low = -1, .high = 1}, "Spearman's, before truncation: -1 to 1"));
  for (const auto& [key, length] : {std::pair{"input", &out.input}, std::pair{"output", &out.output}}) {
    if (std::holds_alternative<ZipfLength>(*length)) {
      reader.fault(key, "a zipf length cannot be correlated; give it as `empirical`, or as `pairs`");
      out.correlation = 0;
    }
  }
}

bool whole_tokens(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) {
    return value >= 1 && value <= static_cast<double>(most_tokens) &&
           value == static_cast<double>(static_cast<std::int64_t>(value));
  });
}

void read_pairs(Reader& reader, Lengths& out) {
  const std::vector<double> input = reader.numbers("inputs", true, "tokens of the prompts");
  const std::vector<double> output = reader.numbers("outputs", true, "tokens of the answers, each of its prompt");
  std::vector<double> weights = reader.numbers("weights", false, "how often each pair occurs; absent: all alike");
  if (input.empty() || input.size() != output.size()) {
    return reader.fault("outputs", "needs as many entries as `inputs`, at least 1");
  }
  if (!whole_tokens(input)) return reader.fault("inputs", "must be whole numbers of 1 or more");
  if (!whole_tokens(output)) return reader.fault("outputs", "must be whole numbers of 1 or more");
  if (weights.empty()) weights.assign(input.size(), 1);
  double sum = 0;
  for (const double weight : weights) sum += weight;
  if (weights.size() != input.size() || *std::min_element(weights.begin(), weights.end()) < 0 || !(sum > 0)) {
    return reader.fault("weights", "needs as many entries as `inputs`, none below 0 and not all 0");
  }
  double reached = 0;
  for (std::size_t i = 0; i < input.size(); ++i) {
    out.pairs.input.push_back(static_cast<std::int64_t>(input[i]));
    out.pairs.output.push_back(static_cast<std::int64_t>(output[i]));
    reached += weights[i];
    out.pairs.shares.push_back(reached / sum);
  }
}

}  // namespace

Length read_length(Reader& reader, std::string_view key, std::string_view doc) {
  Length out = FixedLength{};
  const auto plain =
      reader.integer_or_object(key, wanted_tokens, doc, [&out](Reader& keys) { read_distribution(keys, out); });
  return plain ? Length{FixedLength{*plain}} : out;
}

Lengths read_lengths(Reader& reader) {
  Lengths out;
  reader.variant(
      "drawn",
      {{"apart", "prompt and answer know nothing of each other", [&out](Reader& keys) { read_both(keys, out); }},
       {"correlated", "long prompts with long answers, or with short ones",
        [&out](Reader& keys) { read_correlated(keys, out); }},
       {"pairs", "pairs that occurred together", [&out](Reader& keys) { read_pairs(keys, out); }}},
      0, "how prompt and answer go together");
  return out;
}

}  // namespace memwall
