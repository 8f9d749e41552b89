#include "tools/results/json_nodes.hpp"

#include <algorithm>
#include <utility>

namespace memwall::tools {

json::Node text_node(std::string text) {
  json::Node node;
  node.kind = json::Kind::text;
  node.text = std::move(text);
  return node;
}

json::Node whole_node(std::int64_t number) {
  json::Node node;
  node.kind = json::Kind::number;
  node.number = static_cast<double>(number);
  node.integer = number;
  node.text = std::to_string(number);
  return node;
}

json::Node object_node() {
  json::Node node;
  node.kind = json::Kind::object;
  return node;
}

void set_member(json::Node& object, std::string_view key, json::Node value) {
  if (json::Node* found = object.find(key)) {
    *found = std::move(value);
  } else {
    object.members.push_back({std::string(key), 0, std::move(value)});
  }
}

json::Node& member_object(json::Node& object, std::string_view key) {
  if (object.find(key) == nullptr) set_member(object, key, object_node());
  return *object.find(key);
}

bool remove_member(json::Node& object, std::string_view key) {
  const auto at = std::find_if(object.members.begin(), object.members.end(),
                               [key](const json::Member& member) { return member.key == key; });
  if (at == object.members.end()) return false;
  object.members.erase(at);
  return true;
}

bool same(const json::Node& a, const json::Node& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case json::Kind::null: return true;
    case json::Kind::boolean: return a.boolean == b.boolean;
    case json::Kind::number: return a.number == b.number && a.integer == b.integer;
    case json::Kind::text: return a.text == b.text;
    case json::Kind::list: return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
    case json::Kind::object: break;
  }
  return a.members.size() == b.members.size() &&
         std::all_of(a.members.begin(), a.members.end(), [&b](const json::Member& member) {
           const json::Node* other = b.find(member.key);
           return other != nullptr && same(member.value, *other);
         });
}

}  // namespace memwall::tools
