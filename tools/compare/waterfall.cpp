#include "tools/compare/waterfall.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "sim/base/error.hpp"
#include "sim/base/tier.hpp"
#include "tools/compare/groups.hpp"
#include "tools/compare/vega.hpp"
#include "tools/compare/why.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::compare {
namespace {

std::size_t pools_of(const Sheet& sheet) {
  const json::Node* pools = sheet.document.tree().root.find("pools");
  return pools == nullptr ? 0 : pools->items.size();
}

/// What is wrong with a run between the two, as a step needs it; empty where nothing is.
std::string unusable(const Contender& run, const Measure& measure) {
  if (!run.refusal.empty()) return run.refusal;
  return run.value(measure) ? "" : "there is no " + measure.name + " of it";
}

/// The tier whose time for a token moved most, and by how much.
std::string most_moved(const Contender& before, const Contender& after) {
  for (const TierMove& move : tier_moves(before, after)) {
    if (move.tier == name(Tier::idle)) continue;
    return fmt::format("{} {}{} a token", move.tier, move.seconds < 0 ? "-" : "+", time_text(std::abs(move.seconds)));
  }
  return "";
}

/// Walks from A to B. Groups that wait are those whose swap alone gave nothing that runs.
class Walk {
 public:
  Walk(const Field& field, std::size_t a, std::size_t b, const Measure& measure)
      : field_(field),
        measure_(measure),
        catalogue_(field.catalogue),
        sheet_(field.sheets[a]),
        goal_(field.sheets[b]),
        last_(field.contenders[a]),
        end_(field.contenders[b]) {
    // Files that B names relative to itself are found there while its parameters stand in the file of A.
    catalogue_.search.push_back(std::filesystem::path(goal_.path).parent_path().string());
  }

  Waterfall go() {
    out_.from = last_.name;
    out_.to = end_.name;
    for (const Contender* each : std::initializer_list<const Contender*>{&last_, &end_}) {
      const std::string problem = unusable(*each, measure_);
      if (problem.empty()) continue;
      out_.refusal = each->name + ": " + problem;
      return std::move(out_);
    }
    values_.push_back(*last_.value(measure_));
    if (pools_of(sheet_) != pools_of(goal_)) {
      swap_whole();
    } else {
      swap_groups();
    }
    if (!waiting_.groups.empty()) finish(end_);
    const std::vector<double> changes = exact_changes(values_);
    for (std::size_t i = 0; i < out_.steps.size(); ++i) {
      out_.steps[i].from = values_[i];
      out_.steps[i].to = values_[i + 1];
      out_.steps[i].change = changes[i];
      out_.whole += changes[i];
    }
    return std::move(out_);
  }

 private:
  std::vector<const ParameterGroup*> differing() const {
    std::vector<const ParameterGroup*> out;
    for (const ParameterGroup& group : parameter_groups()) {
      if (!same_group(sheet_, goal_, group)) out.push_back(&group);
    }
    return out;
  }

  /// All that differs; with the last of it, what is left to run is B itself.
  void swap_groups() {
    const std::vector<const ParameterGroup*> groups = differing();
    const bool rest = !same_rest(sheet_, goal_);
    for (const ParameterGroup* group : groups) {
      if (group != groups.back() || rest) {
        swap(*group);
      } else {
        waiting_.groups.emplace_back(group->name);
      }
    }
    if (rest) waiting_.groups.emplace_back("the rest");
  }

  void swap(const ParameterGroup& group) {
    take_group(sheet_, goal_, group);
    waiting_.groups.emplace_back(group.name);
    const Contender run = run_contender(sheet_, catalogue_, field_.replications);
    const std::string problem = unusable(run, measure_);
    if (problem.empty()) {
      finish(run);
    } else {
      waiting_.merged.push_back(fmt::format("{} alone: {}", group.name, problem));
    }
  }

  /// Pools that are not equally many have no parameters to swap one by one.
  void swap_whole() {
    for (const ParameterGroup* group : differing()) waiting_.groups.emplace_back(group->name);
    waiting_.groups.emplace_back("the rest");
    waiting_.merged.push_back(fmt::format("{} has {} pools and {} has {}, so nothing can be swapped apart", last_.name,
                                          pools_of(sheet_), end_.name, pools_of(goal_)));
  }

  void finish(const Contender& run) {
    values_.push_back(*run.value(measure_));
    Contender after = run;
    after.name = "after";
    last_.name = "before";
    waiting_.why = why(last_, after);
    waiting_.tier = most_moved(last_, after);
    out_.steps.push_back(std::move(waiting_));
    waiting_ = {};
    last_ = std::move(after);
  }

  const Field& field_;
  const Measure& measure_;
  Catalogue catalogue_;
  Sheet sheet_;
  const Sheet& goal_;
  Contender last_;
  const Contender& end_;
  Waterfall out_;
  Step waiting_;
  std::vector<double> values_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " + ") + word;
  return out;
}

std::string text_of(const std::vector<Waterfall>& all, const Measure& measure) {
  std::string out = fmt::format(
      "\nwaterfall of {}: device, links and parallelism, model and precision, engine, the rest, swapped in this "
      "order\n",
      measure.name);
  for (const Waterfall& each : all) {
    out += fmt::format("  {} to {}", each.from, each.to);
    if (!each.refusal.empty()) {
      out += ": none, because of " + each.refusal + "\n";
      continue;
    }
    if (each.steps.empty()) {
      out += ": they say the same\n";
      continue;
    }
    std::size_t width = std::max({each.from.size(), each.to.size(), std::size_t{20}}) + 2;
    for (const Step& step : each.steps) width = std::max(width, joined(step.groups).size() + 2);
    out += fmt::format("\n    {:<{}}{:>12}{:>12.4g}\n", each.from, width, "", each.steps.front().from);
    for (const Step& step : each.steps) {
      out += fmt::format("    {:<{}}{:>+12.4g}{:>12.4g}   {}\n", joined(step.groups), width, step.change, step.to,
                         step.tier);
    }
    out += fmt::format("    {:<{}}{:>+12.4g}{:>12.4g}\n", each.to, width, each.whole, each.steps.back().to);
    for (const Step& step : each.steps) {
      for (const std::string& reason : step.merged) out += fmt::format("    merged: {}\n", reason);
    }
  }
  return out;
}

void write_json(JsonWriter& json, const std::vector<Waterfall>& all, const Measure& measure) {
  json.begin_object().member("metric", measure.pointer).member("name", measure.name).key("waterfalls").begin_list();
  for (const Waterfall& each : all) {
    json.begin_object().member("from", each.from).member("to", each.to);
    if (!each.refusal.empty()) {
      json.member("refused", each.refusal).end_object();
      continue;
    }
    json.member("difference", each.whole).key("steps").begin_list();
    for (const Step& step : each.steps) {
      json.begin_object().key("groups").begin_list();
      for (const std::string& group : step.groups) json.value(group);
      json.end_list().member("from", step.from).member("to", step.to).member("change", step.change);
      if (!step.why.empty()) json.member("why", step.why);
      if (!step.merged.empty()) {
        json.key("merged").begin_list();
        for (const std::string& reason : step.merged) json.value(reason);
        json.end_list();
      }
      json.end_object();
    }
    json.end_list().end_object();
  }
  json.end_list().end_object();
}

std::string vega_of(const std::vector<Waterfall>& all, const Measure& measure) {
  const auto values = [&all](JsonWriter& json) {
    const auto bar = [&json](const Waterfall& of, std::string_view step, double from, double to,
                             std::string_view kind) {
      json.begin_object().member("pair", of.from + " to " + of.to).member("step", step);
      json.member("from", from).member("to", to).member("kind", kind).end_object();
    };
    for (const Waterfall& each : all) {
      if (each.steps.empty()) continue;
      bar(each, each.from, 0, each.steps.front().from, "whole");
      for (const Step& step : each.steps) {
        bar(each, joined(step.groups), step.from, step.to, step.change < 0 ? "less" : "more");
      }
      bar(each, each.to, 0, each.steps.back().to, "whole");
    }
  };
  return vega_text(values, fmt::format(R"({{"mark": "bar", "encoding": {{
    "x": {{"field": "step", "type": "nominal", "sort": null, "title": null}},
    "y": {{"field": "from", "type": "quantitative", "title": "{}"}},
    "y2": {{"field": "to"}},
    "color": {{"field": "kind", "type": "nominal", "scale": {{"domain": ["whole", "less", "more"],
              "range": ["#777777", "#4c78a8", "#e45756"]}}}},
    "column": {{"field": "pair", "type": "nominal", "title": null}}}},
    "resolve": {{"scale": {{"x": "independent"}}}}}})",
                                       measure.name));
}

}  // namespace

std::vector<double> exact_changes(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  int exponent = 0;
  (void)std::frexp(largest, &exponent);
  const auto steps = [exponent](double value) { return std::round(std::ldexp(value, 40 - exponent)); };
  std::vector<double> out;
  for (std::size_t i = 1; i < values.size(); ++i) {
    out.push_back(std::ldexp(steps(values[i]) - steps(values[i - 1]), exponent - 40));
  }
  return out;
}

Waterfall waterfall(const Field& field, std::size_t a, std::size_t b, const Measure& measure) {
  return Walk(field, a, b, measure).go();
}

Answer waterfall_answer(const Field& field, const Measure& measure) {
  const auto first = std::find_if(field.contenders.begin(), field.contenders.end(),
                                  [](const Contender& each) { return each.refusal.empty(); });
  if (first == field.contenders.end()) throw InputError("--waterfall: none of the scenarios runs");
  const auto a = static_cast<std::size_t>(first - field.contenders.begin());
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < field.contenders.size(); ++i) {
    if (i != a) others.push_back(i);
  }
  auto all = std::make_shared<std::vector<Waterfall>>(others.size());
  field.parallel(others.size(), [&](std::size_t i) { (*all)[i] = waterfall(field, a, others[i], measure); });
  Answer out;
  out.text = text_of(*all, measure);
  out.key = "waterfall";
  out.json = [all, measure](JsonWriter& json) { write_json(json, *all, measure); };
  out.vega = vega_of(*all, measure);
  return out;
}

}  // namespace memwall::tools::compare
