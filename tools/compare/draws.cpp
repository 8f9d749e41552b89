#include "tools/compare/draws.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/error.hpp"

namespace memwall::tools::compare {
namespace {

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    const double mean = static_cast<double>(from + to - 1) / 2;
    for (std::size_t i = from; i < to; ++i) out[order[i]] = mean;
    from = to;
  }
  return out;
}

/// The draws in which both ran, as one list for the two or for a number.
std::vector<std::size_t> both_ran(const std::vector<std::optional<double>>& first,
                                  const std::vector<std::optional<double>>& second) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] && second[i]) out.push_back(i);
  }
  return out;
}

std::vector<Influence> influences_of(const std::vector<RangedNumber>& numbers,
                                     const std::vector<std::vector<double>>& shares,
                                     const std::vector<std::size_t>& draws, const std::vector<double>& outcome) {
  std::vector<Influence> out;
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    std::vector<double> drawn;
    for (const std::size_t draw : draws) drawn.push_back(shares[n][draw]);
    out.push_back({numbers[n], rank_correlation(drawn, outcome)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Influence& a, const Influence& b) {
    return std::abs(a.correlation) > std::abs(b.correlation);
  });
  return out;
}

/// Numbers of both scenarios, those that they share once.
std::vector<RangedNumber> joined(std::vector<RangedNumber> all, const std::vector<RangedNumber>& more) {
  for (const RangedNumber& each : more) {
    if (std::find(all.begin(), all.end(), each) == all.end()) all.push_back(each);
  }
  return all;
}

/// The devices of all scenarios, each once.
std::vector<DeviceRanges> devices_of(const std::vector<OpenNumbers>& open) {
  std::vector<DeviceRanges> out;
  for (const OpenNumbers& numbers : open) {
    for (const DeviceRanges& each : numbers.devices) {
      const bool known = std::any_of(out.begin(), out.end(),
                                     [&each](const DeviceRanges& other) { return other.device == each.device; });
      if (!known) out.push_back(each);
    }
  }
  return out;
}

}  // namespace

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  law(x.size() == y.size(), "correlated values come in pairs");
  if (x.empty()) return 0;
  const std::vector<double> a = ranks(x);
  const std::vector<double> b = ranks(y);
  const double mean = static_cast<double>(x.size() - 1) / 2;
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

Duel verdict_of(const std::vector<std::optional<double>>& first, const std::vector<std::optional<double>>& second,
                bool higher_is_better, const std::vector<RangedNumber>& numbers,
                const std::vector<std::vector<double>>& shares) {
  Duel out;
  const std::vector<std::size_t> ran = both_ran(first, second);
  out.refused = first.size() - ran.size();
  std::vector<double> won;
  for (const std::size_t draw : ran) {
    const double a = *first[draw];
    const double b = *second[draw];
    const bool better = higher_is_better ? b > a : b < a;
    ++(a == b ? out.ties : better ? out.wins : out.losses);
    won.push_back(a == b ? 0 : better ? 1 : -1);
    out.ratios.push_back(a == b ? 1 : b / a);
  }
  out.decided = out.wins == out.draws() || out.losses == out.draws() || out.ties == out.draws();
  out.influences = influences_of(numbers, shares, ran, out.decided ? out.ratios : won);
  return out;
}

Draws draw_all(const Field& field, std::size_t count, const Measure& measure) {
  Draws out;
  out.measure = measure;
  const std::size_t width = field.sheets.size();
  std::vector<OpenNumbers> open(width);
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < width; ++i) {
    if (!field.contenders[i].refusal.empty()) continue;
    if (!first) {
      first = i;
      out.seed = load_scenario(field.sheets[i], field.catalogue).scenario.seed;
    }
    open[i] = open_numbers(field.sheets[i], field.catalogue);
    out.numbers = joined(std::move(out.numbers), open[i].ranged);
  }
  if (!first) throw InputError("--draws: none of the scenarios runs");
  std::vector<Draw> drawn(count);
  field.parallel(count,
                 [&](std::size_t i) { drawn[i] = consistent_draw(out.seed, i, devices_of(open), field.catalogue); });
  for (const RangedNumber& number : out.numbers) {
    std::vector<double>& shares = out.shares.emplace_back();
    for (const Draw& draw : drawn) shares.push_back(draw.share(number));
  }
  std::vector<std::vector<std::string>> refusals(width, std::vector<std::string>(count));
  out.values.assign(width, std::vector<std::optional<double>>(count));
  field.parallel(width * count, [&](std::size_t i) {
    const std::size_t scenario = i / count;
    const std::size_t draw = i % count;
    if (!field.contenders[scenario].refusal.empty()) return;
    const Sheet sheet = with_draw(field.sheets[scenario], open[scenario].ranged, drawn[draw]);
    const Contender run = run_contender(sheet, field.catalogue, field.replications);
    out.values[scenario][draw] = run.value(measure);
    if (!out.values[scenario][draw]) {
      refusals[scenario][draw] = run.refusal.empty() ? "there is no " + measure.name + " of it" : run.refusal;
    }
  });
  for (std::size_t i = 0; i < width; ++i) {
    if (i == *first) continue;
    const std::vector<RangedNumber> numbers = joined(open[*first].ranged, open[i].ranged);
    std::vector<std::vector<double>> shares;
    for (const RangedNumber& number : numbers) {
      const auto at = std::find(out.numbers.begin(), out.numbers.end(), number) - out.numbers.begin();
      if (at < static_cast<std::ptrdiff_t>(out.shares.size()))
        shares.push_back(out.shares[static_cast<std::size_t>(at)]);
    }
    Duel verdict = verdict_of(out.values[*first], out.values[i], measure.higher_is_better, numbers, shares);
    verdict.first = field.contenders[*first].name;
    verdict.second = field.contenders[i].name;
    verdict.refusal = field.contenders[i].refusal;
    verdict.boundless = open[*first].boundless;
    for (const std::size_t scenario : {*first, i}) {
      const auto at = std::find_if(refusals[scenario].begin(), refusals[scenario].end(),
                                   [](const std::string& reason) { return !reason.empty(); });
      if (at == refusals[scenario].end() || !verdict.why_refused.empty()) continue;
      verdict.why_refused = field.contenders[scenario].name + ": " + *at;
    }
    for (const std::string& name : open[i].boundless) {
      if (std::find(verdict.boundless.begin(), verdict.boundless.end(), name) == verdict.boundless.end())
        verdict.boundless.push_back(name);
    }
    out.verdicts.push_back(std::move(verdict));
  }
  return out;
}

}  // namespace memwall::tools::compare
