#include "tools/check/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/base/tier.hpp"

namespace memwall::tools::check {
namespace {

std::string conditions(const Expectation& e, double value) {
  std::string out;
  const auto say = [&out](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  if (e.is && value != *e.is) say("must be " + number_text(*e.is));
  if (e.near && std::abs(value - *e.near) > e.within * std::abs(*e.near)) {
    const double off = *e.near == 0 ? 0 : (value / *e.near - 1) * 100;
    say(fmt::format("must be {} within {:g} % ({:+.3g} %)", number_text(*e.near), e.within * 100, off));
  }
  if (e.at_least && !(value >= *e.at_least)) say("must be at least " + number_text(*e.at_least));
  if (e.at_most && !(value <= *e.at_most)) say("must be at most " + number_text(*e.at_most));
  return out;
}

std::string broken_one(const Expectation& e, const SummaryView& summary) {
  const SummaryView::Value value = summary.at(e.metric);
  std::string what;
  if (const auto* missing = std::get_if<SummaryView::Missing>(&value)) {
    what = missing->why;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    if (e.text && *text != *e.text) what = e.metric + ": is \"" + *text + "\", must be \"" + *e.text + "\"";
    if (!e.text) what = e.metric + ": is the text \"" + *text + "\", and a number is expected";
  } else {
    const double number = std::get<double>(value);
    const std::string wrong = e.text ? "must be the text \"" + *e.text + "\"" : conditions(e, number);
    if (!wrong.empty()) what = e.metric + ": is " + number_text(number) + ", " + wrong;
  }
  if (!what.empty() && !e.why.empty()) what += " (" + e.why + ")";
  return what;
}

}  // namespace

std::string number_text(double number) { return fmt::format("{:.12g}", number); }

std::vector<std::string> broken(const Expectations& expectations, const SummaryView& summary) {
  std::vector<std::string> out;
  for (const Expectation& each : expectations.all) {
    if (std::string what = broken_one(each, summary); !what.empty()) out.push_back(std::move(what));
  }
  return out;
}

std::string cause(const Snapshot& before, const Snapshot& now) {
  if (before.digest == now.digest) return "";
  const bool scenario = before.scenario != now.scenario;
  const bool data = before.device_data != now.device_data;
  if (scenario && data) return "scenario and device data";
  if (scenario) return "scenario";
  if (data) return "device data";
  return before.program == now.program ? "code" : "code (" + before.program + " to " + now.program + ")";
}

std::vector<std::string> moved_tiers(const Snapshot& before, const Snapshot& now, std::size_t most) {
  struct Move {
    double by = 0;
    std::string text;
  };
  std::vector<Move> moves;
  for (const std::string_view name : tier_names) {
    const std::string tier(name);
    const auto old = before.tier_seconds.find(tier);
    const auto current = now.tier_seconds.find(tier);
    const double from = old == before.tier_seconds.end() ? 0 : old->second;
    const double to = current == now.tier_seconds.end() ? 0 : current->second;
    if (from == to) continue;
    const std::string share = from > 0 ? fmt::format("{:+.3g} %", (to / from - 1) * 100) : "new";
    moves.push_back({std::abs(to - from), fmt::format("{} {:.5g} s to {:.5g} s ({})", tier, from, to, share)});
  }
  std::stable_sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.by > b.by; });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(most, moves.size()); ++i) out.push_back(moves[i].text);
  return out;
}

Expectations brought_up(Expectations expectations, const SummaryView& summary) {
  for (Expectation& e : expectations.all) {
    const SummaryView::Value value = summary.at(e.metric);
    if (const auto* text = std::get_if<std::string>(&value); text != nullptr && e.text) e.text = *text;
    if (const auto* number = std::get_if<double>(&value)) {
      if (e.is) e.is = *number;
      if (e.near) e.near = *number;
    }
  }
  expectations.seen = summary.snapshot();
  return expectations;
}

std::vector<std::string> changed_values(const Expectations& before, const Expectations& after) {
  law(before.all.size() == after.all.size(), "bringing expectations up keeps their number");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < after.all.size(); ++i) {
    const Expectation& old = before.all[i];
    const Expectation& now = after.all[i];
    const auto tell = [&](const std::string& from, const std::string& to) {
      out.push_back(now.metric + ": " + from + " to " + to);
    };
    if (old.is != now.is) tell(number_text(*old.is), number_text(*now.is));
    if (old.near != now.near) tell(number_text(*old.near), number_text(*now.near));
    if (old.text != now.text) tell("\"" + *old.text + "\"", "\"" + *now.text + "\"");
  }
  return out;
}

Expectations first_expectations(const SummaryView& summary) {
  Expectations out;
  const auto number = [&](const std::string& pointer) {
    const SummaryView::Value value = summary.at(pointer);
    const auto* found = std::get_if<double>(&value);
    return found != nullptr ? *found : 0;
  };
  const auto exactly = [&](const std::string& pointer) {
    const SummaryView::Value value = summary.at(pointer);
    Expectation e;
    e.metric = pointer;
    if (const auto* found = std::get_if<double>(&value)) e.is = *found;
    if (e.is) out.all.push_back(e);
  };
  const auto about = [&](const std::string& pointer) {
    Expectation e;
    e.metric = pointer;
    e.near = number(pointer);
    e.within = 0.05;
    if (*e.near > 0) out.all.push_back(e);
  };
  exactly("/requests/completed");
  exactly("/requests/rejected");
  std::string_view leader = tier_names[0];
  for (const std::string_view tier : tier_names) {
    const auto share = [&](std::string_view name) { return number("/cycles/bottleneck_share/" + std::string(name)); };
    if (share(tier) > share(leader)) leader = tier;
  }
  Expectation bottleneck;
  bottleneck.metric = "/cycles/bottleneck_share/" + std::string(leader);
  // Five hundredths of room, and never so much that another tier could hold the larger part.
  bottleneck.at_least = std::floor((number(bottleneck.metric) - 0.05) * 100) / 100;
  if (*bottleneck.at_least > 0) out.all.push_back(bottleneck);
  about("/latency/ttft_s/p50");
  about("/latency/tpot_s/p50");
  about("/throughput/output_tokens_per_s");
  out.seen = summary.snapshot();
  return out;
}

}  // namespace memwall::tools::check
