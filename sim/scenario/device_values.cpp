#include "sim/scenario/device_values.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"

namespace memwall {
namespace {

using json::Kind;
using json::Node;

bool is_sourced(const Node& node) {
  const Node* value = node.find("value");
  return value != nullptr && node.find("basis") != nullptr &&
         (value->kind == Kind::text || value->kind == Kind::number);
}

/// Calls `visit` on every number with its source.
template <class Any, class Visit>
void each_sourced(Any& node, const std::string& pointer, Visit&& visit) {
  if (is_sourced(node)) visit(pointer, node);
  for (auto& member : node.members) each_sourced(member.value, json::child_pointer(pointer, member.key), visit);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    each_sourced(node.items[i], pointer + "/" + std::to_string(i), visit);
}

Node text_of(std::string text, int line) {
  Node out;
  out.kind = Kind::text;
  out.text = std::move(text);
  out.line = line;
  return out;
}

/// The new value in the kind of the old one. A text that is no number stays a text, which the device's reader refuses
/// in its own words.
Node value_like(const Node& old, const std::string& text) {
  Node out = text_of(text, old.line);
  if (old.kind != Kind::number) return out;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return out;
  out.kind = Kind::number;
  out.number = number;
  return out;
}

void replace(Node& sourced, const std::string& value) {
  Node& old = *sourced.find("value");
  const std::string was = old.text;
  old = value_like(old, value);
  Node& basis = *sourced.find("basis");
  if (basis.text == name(Basis::measured) || basis.text == name(Basis::vendor)) basis.text = name(Basis::estimate);
  if (Node* source = sourced.find("source")) source->text = "the scenario, in place of " + was;
  std::erase_if(sourced.members,
                [](const json::Member& member) { return member.key == "low" || member.key == "high"; });
}

}  // namespace

DeviceValues read_device_values(Reader& reader) {
  DeviceValues out;
  reader.map(
      "device_values", false,
      "numbers in place of those of the device's file, by JSON pointer: {\"/bandwidth\": {\"value\": \"3 TB/s\"}}",
      [&out](const std::string& pointer, Reader& entry) {
        out[pointer] =
            entry.text("value", std::nullopt, "with its unit; a number without a dimension is written as a text too");
      });
  return out;
}

std::vector<RangedValue> ranged_values(const Node& device) {
  std::vector<RangedValue> out;
  each_sourced(device, "", [&out](const std::string& pointer, const Node& node) {
    const auto text = [&node](std::string_view key) {
      const Node* found = node.find(key);
      return found == nullptr ? std::string() : found->text;
    };
    out.push_back({pointer, text("value"), text("basis"), text("low"), text("high")});
  });
  return out;
}

void apply_device_values(Document& device, const DeviceValues& values) {
  if (values.empty()) return;
  std::map<std::string, Node*> known;
  each_sourced(device.root(), "", [&known](const std::string& pointer, Node& node) { known[pointer] = &node; });
  std::vector<std::string> names;
  for (const auto& [pointer, node] : known) names.push_back(pointer);
  std::vector<Fault> faults;
  for (const auto& [pointer, value] : values) {
    const auto found = known.find(pointer);
    if (found == known.end()) {
      faults.push_back(
          {device.tree().name, 0, "",
           "device_values names \"" + pointer + "\", where there is no number; " + suggestion(pointer, names)});
    } else {
      replace(*found->second, value);
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

}  // namespace memwall
