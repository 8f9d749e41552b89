#include "tools/compare/break_even.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/base/error.hpp"
#include "tools/compare/metric.hpp"

namespace memwall::tools::compare {
namespace {

constexpr double precision = 1e-5;

double between(double low, double high) { return std::sqrt(low * high); }

/// The last value that runs on the way from `runs` to `end`, to a thousandth; `end` itself where that runs.
Sample last_that_runs(const std::function<Sample(double)>& sample, const Sample& runs, double end,
                      std::string& refusal) {
  Sample there = sample(end);
  if (there.value) return there;
  refusal = there.refusal;
  Sample good = runs;
  while (std::max(end, good.at) / std::min(end, good.at) > 1.001) {
    const Sample middle = sample(between(end, good.at));
    if (middle.value) {
      good = middle;
    } else {
      end = middle.at;
      refusal = middle.refusal;
    }
  }
  return good;
}

bool on_both_sides(const Sample& a, const Sample& b, double target) {
  return (*a.value <= target) != (*b.value <= target) || *a.value == target || *b.value == target;
}

struct Equal {
  std::string name;
  std::optional<Knob> knob;
  Crossing crossing;
  std::string refusal;  ///< not empty: it was not looked for, and why
};

class Question {
 public:
  Question(const Field& field, std::string knob, const Measure& measure)
      : field_(field), knob_(std::move(knob)), measure_(measure) {}

  [[nodiscard]] Equal ask(std::size_t place, double target) const {
    Equal out;
    const Contender& contender = field_.contenders[place];
    out.name = contender.name;
    out.refusal = contender.refusal;
    if (!out.refusal.empty()) return out;
    try {
      out.knob = knob_called(knob_, field_.sheets[place], field_.catalogue);
    } catch (const InputError& error) {
      out.refusal = error.what();
      return out;
    }
    const auto sample = [&](double value) { return run(field_.sheets[place], *out.knob, value); };
    const double start = out.knob->now.value_or(between(out.knob->low, out.knob->high));
    if (const Sample first = sample(start); !first.value) {
      out.refusal = first.refusal;
      return out;
    }
    out.crossing = crossing_of(sample, target, out.knob->low, out.knob->high, start);
    return out;
  }

 private:
  [[nodiscard]] Sample run(const Sheet& sheet, const Knob& knob, double value) const {
    const Contender ran = run_contender(knob.turn(sheet, value), field_.catalogue, field_.replications);
    Sample out{value, std::nullopt, ran.refusal};
    if (out.refusal.empty()) out.value = ran.value(measure_);
    if (out.refusal.empty() && !out.value) out.refusal = "there is no " + measure_.name + " of it";
    return out;
  }

  const Field& field_;
  std::string knob_;
  const Measure& measure_;
};

std::string side_text(const Equal& each, const Measure& measure, double target) {
  const double value = *each.crossing.below.value;
  const bool better = measure.higher_is_better ? value > target : value < target;
  return better ? "better" : "worse";
}

std::string sentence(const Equal& each, const std::string& first, const Measure& measure, double target) {
  if (!each.refusal.empty()) return fmt::format("  {}: refused: {}\n", each.name, each.refusal);
  const Knob& knob = *each.knob;
  const Crossing& crossing = each.crossing;
  std::string out;
  if (crossing.found) {
    out = fmt::format("  {} equals {} at {} {}", each.name, first, knob.name, knob.text(crossing.at()));
    if (knob.now) out += fmt::format("; now {}", knob.text(*knob.now));
    const double low = *crossing.below.value;
    const double high = *crossing.above.value;
    if (std::abs(high - low) > 0.01 * target) out += fmt::format("; there it jumps from {:.4g} to {:.4g}", low, high);
  } else {
    out =
        fmt::format("  {} equals {} at no {} from {} to {}: it stays {}, {:.4g} at the one end and {:.4g} at the other",
                    each.name, first, knob.name, knob.text(crossing.below.at), knob.text(crossing.above.at),
                    side_text(each, measure, target), *crossing.below.value, *crossing.above.value);
  }
  for (const std::string* reason : {&crossing.refusal_low, &crossing.refusal_high}) {
    if (reason->empty() || crossing.found) continue;
    out += fmt::format("; {} that it is refused: {}", reason == &crossing.refusal_low ? "below" : "above", *reason);
  }
  return out + "\n";
}

void write_json(JsonWriter& json, const std::vector<Equal>& all, const Measure& measure, double target) {
  json.begin_object().member("metric", measure.pointer).member("name", measure.name).member("target", target);
  json.key("scenarios").begin_list();
  for (const Equal& each : all) {
    json.begin_object().member("name", each.name);
    if (!each.refusal.empty()) {
      json.member("refused", each.refusal).end_object();
      continue;
    }
    json.member("parameter", each.knob->name);
    if (each.knob->now) json.member("now", *each.knob->now);
    if (each.crossing.found) json.member("at", each.crossing.at()).member("text", each.knob->text(each.crossing.at()));
    for (const auto& [key, sample] :
         {std::pair("below", &each.crossing.below), std::pair("above", &each.crossing.above)}) {
      json.key(key).begin_object().member("at", sample->at).member("value", *sample->value).end_object();
    }
    json.end_object();
  }
  json.end_list().end_object();
}

}  // namespace

double Crossing::at() const { return below.at == above.at ? below.at : between(below.at, above.at); }

Crossing crossing_of(const std::function<Sample(double)>& sample, double target, double low, double high,
                     double start) {
  Crossing out;
  const Sample middle = sample(start);
  law(middle.value.has_value(), "a bisection starts at a value that runs");
  if (*middle.value == target) return {true, middle, middle, "", ""};
  out.below = last_that_runs(sample, middle, low, out.refusal_low);
  out.above = last_that_runs(sample, middle, high, out.refusal_high);
  if (on_both_sides(out.below, middle, target)) {
    out.above = middle;
  } else if (on_both_sides(middle, out.above, target)) {
    out.below = middle;
  } else {
    return out;
  }
  out.found = true;
  while (out.above.at / out.below.at > 1 + precision) {
    const Sample half = sample(between(out.below.at, out.above.at));
    // A hole in the middle of what runs is no side; what is known so far is the answer.
    if (!half.value) break;
    (on_both_sides(out.below, half, target) ? out.above : out.below) = half;
  }
  return out;
}

Answer break_even_answer(const Field& field, const std::string& knob, const std::optional<std::string>& metric) {
  const auto first = std::find_if(field.contenders.begin(), field.contenders.end(),
                                  [](const Contender& each) { return each.refusal.empty(); });
  if (first == field.contenders.end()) throw InputError("--break-even: none of the scenarios runs");
  // Of a price nothing else depends.
  const bool dollars = knob == "price" && !metric;
  const Measure measure = measure_for(dollars ? "/cost/usd_per_mtok_output" : metric, field.contenders);
  const std::optional<double> target = first->value(measure);
  if (!target) throw InputError("--break-even: there is no " + measure.name + " of " + first->name);
  const auto base = static_cast<std::size_t>(first - field.contenders.begin());
  auto all = std::make_shared<std::vector<Equal>>(field.contenders.size() - 1);
  const Question question(field, knob, measure);
  field.parallel(all->size(), [&](std::size_t i) { (*all)[i] = question.ask(i < base ? i : i + 1, *target); });
  Answer out;
  out.text = fmt::format("\nbreak-even of {}: {} of {} is {:.4g}\n", knob, measure.name, first->name, *target);
  for (const Equal& each : *all) out.text += sentence(each, first->name, measure, *target);
  out.key = "break_even";
  out.json = [all, measure, goal = *target](JsonWriter& json) { write_json(json, *all, measure, goal); };
  return out;
}

}  // namespace memwall::tools::compare
