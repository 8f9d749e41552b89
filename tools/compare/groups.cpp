#include "tools/compare/groups.hpp"

#include <algorithm>
#include <array>

#include "tools/results/json_nodes.hpp"

namespace memwall::tools::compare {
namespace {

using json::Node;

std::span<const Node> pools_of(const Sheet& sheet) {
  const Node* pools = sheet.document.tree().root.find("pools");
  return pools == nullptr ? std::span<const Node>() : std::span<const Node>(pools->items);
}

bool same_member(const Node& a, const Node& b, std::string_view key) {
  const Node* left = a.find(key);
  const Node* right = b.find(key);
  if (left == nullptr || right == nullptr) return left == right;
  return same(*left, *right);
}

void take_member(Node& into, const Node& from, std::string_view key) {
  if (const Node* value = from.find(key)) {
    set_member(into, key, *value);
  } else {
    remove_member(into, key);
  }
}

/// An object without the keys that groups have.
Node without(const Node& object, std::vector<std::string_view> ParameterGroup::*keys) {
  Node out = object;
  for (const ParameterGroup& group : parameter_groups()) {
    for (const std::string_view key : group.*keys) remove_member(out, key);
  }
  return out;
}

}  // namespace

std::span<const ParameterGroup> parameter_groups() {
  static const std::array groups = {
      ParameterGroup{"device", {}, {"device", "package", "ffn", "what_if", "device_values", "power_cap", "cost"}},
      ParameterGroup{
          "links and parallelism", {"interconnect", "kv_transfer"}, {"parallelism", "count", "replicas", "weights"}},
      ParameterGroup{"model and precision", {"model", "models"}, {"model"}},
      ParameterGroup{"engine", {}, {"engine"}},
  };
  return groups;
}

bool same_group(const Sheet& a, const Sheet& b, const ParameterGroup& group) {
  const Node& left = a.document.tree().root;
  const Node& right = b.document.tree().root;
  const bool roots = std::all_of(group.root.begin(), group.root.end(),
                                 [&](std::string_view key) { return same_member(left, right, key); });
  const auto ours = pools_of(a);
  const auto theirs = pools_of(b);
  if (!roots || ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    for (const std::string_view key : group.pool) {
      if (!same_member(ours[i], theirs[i], key)) return false;
    }
  }
  return true;
}

bool same_rest(const Sheet& a, const Sheet& b) {
  Node left = without(a.document.tree().root, &ParameterGroup::root);
  Node right = without(b.document.tree().root, &ParameterGroup::root);
  for (Node* root : {&left, &right}) {
    remove_member(*root, "name");
    if (Node* pools = root->find("pools")) {
      for (Node& pool : pools->items) pool = without(pool, &ParameterGroup::pool);
    }
  }
  return same(left, right);
}

void take_group(Sheet& sheet, const Sheet& from, const ParameterGroup& group) {
  Node& root = sheet.document.root();
  for (const std::string_view key : group.root) take_member(root, from.document.tree().root, key);
  Node* pools = root.find("pools");
  const auto theirs = pools_of(from);
  for (std::size_t i = 0; pools != nullptr && i < pools->items.size(); ++i) {
    for (const std::string_view key : group.pool) take_member(pools->items[i], theirs[i], key);
  }
}

}  // namespace memwall::tools::compare
