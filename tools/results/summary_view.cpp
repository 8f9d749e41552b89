#include "tools/results/summary_view.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/tier.hpp"

namespace memwall::tools {
namespace {

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      out += token[i + 1] == '1' ? '/' : '~';
      ++i;
    } else {
      out += token[i];
    }
  }
  return out;
}

const json::Node* child(const json::Node& node, const std::string& token) {
  if (node.kind == json::Kind::object) return node.find(token);
  if (node.kind != json::Kind::list) return nullptr;
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), place);
  const bool good = error == std::errc() && end == token.data() + token.size() && place < node.items.size();
  return good ? &node.items[place] : nullptr;
}

template <class Names>
bool one_of(const Names& names, const std::string& word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

/// Groups that leave out members without a share.
bool leaves_out(const std::string& group, const std::string& member) {
  const bool tiers = group.ends_with("_share") || group == "utilisation";
  return (tiers && one_of(tier_names, member)) || (group == "limit_share" && one_of(limit_names, member));
}

std::string advice(const json::Node& node, const std::string& token) {
  if (node.kind == json::Kind::list) return "a list of " + std::to_string(node.items.size()) + " is counted from 0";
  std::vector<std::string> known;
  for (const json::Member& member : node.members) known.push_back(member.key);
  return known.empty() ? "nothing is in there" : suggestion(token, known);
}

void collect(const json::Node& node, const std::string& pointer, std::map<std::string, double>& out) {
  if (node.kind == json::Kind::number) out[pointer] = node.number;
  if (node.kind == json::Kind::boolean) out[pointer] = node.boolean ? 1 : 0;
  for (const json::Member& member : node.members) collect(member.value, json::child_pointer(pointer, member.key), out);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    collect(node.items[i], json::child_pointer(pointer, std::to_string(i)), out);
  }
}

}  // namespace

bool absent_is_zero(std::string_view pointer) {
  const std::size_t member = pointer.rfind('/');
  if (member == std::string_view::npos || member == 0) return false;
  const std::size_t group = pointer.rfind('/', member - 1);
  if (group == std::string_view::npos) return false;
  return leaves_out(std::string(pointer.substr(group + 1, member - group - 1)),
                    std::string(pointer.substr(member + 1)));
}

SummaryView::SummaryView(std::string_view text, std::string name) : tree_(json::parse(text, std::move(name))) {
  if (tree_.root.find("digest") == nullptr || tree_.root.find("cycles") == nullptr) {
    throw InputError(tree_.name + ": is not a summary.json of a run");
  }
}

SummaryView::Value SummaryView::at(std::string_view pointer) const {
  const json::Node* node = &tree_.root;
  std::string group;
  std::string_view rest = pointer;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t slash = rest.find('/');
    const std::string token = unescaped(rest.substr(0, slash));
    const json::Node* next = child(*node, token);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (next == nullptr) {
      if (rest.empty() && leaves_out(group, token)) return 0.0;
      return Missing{"the summary has nothing at " + std::string(pointer) + ": " + advice(*node, token)};
    }
    node = next;
    group = token;
  }
  if (node->kind == json::Kind::number) return node->number;
  if (node->kind == json::Kind::boolean) return node->boolean ? 1.0 : 0.0;
  if (node->kind == json::Kind::text) return node->text;
  return Missing{"the summary has " + json::describe(*node) + " at " + std::string(pointer) +
                 ", which is no number and no text"};
}

std::map<std::string, double> SummaryView::numbers() const {
  std::map<std::string, double> out;
  static constexpr std::array<std::string_view, 5> inputs = {"schema", "versions", "scenario", "assumptions", "inputs"};
  for (const json::Member& member : tree_.root.members) {
    if (one_of(inputs, member.key)) continue;
    collect(member.value, json::child_pointer("", member.key), out);
  }
  return out;
}

std::string SummaryView::text_at(std::string_view pointer) const {
  const Value value = at(pointer);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

double SummaryView::number_at(std::string_view pointer) const {
  const Value value = at(pointer);
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? *number : 0;
}

Snapshot SummaryView::snapshot() const {
  Snapshot out;
  out.program = text_at("/versions/program");
  out.scenario = text_at("/versions/scenario");
  out.device_data = text_at("/versions/device_data");
  out.digest = text_at("/digest");
  const double all_s = number_at("/cycles/busy_s") + number_at("/cycles/idle_s");
  for (const std::string_view tier : tier_names) {
    const double seconds = number_at("/cycles/time_share/" + std::string(tier)) * all_s;
    if (seconds > 0) out.tier_seconds[std::string(tier)] = seconds;
  }
  return out;
}

}  // namespace memwall::tools
