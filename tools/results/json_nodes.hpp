// Small changes to a document in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/config/json.hpp"

namespace memwall::tools {

/// Values that stand in no file.
[[nodiscard]] json::Node text_node(std::string text);
[[nodiscard]] json::Node whole_node(std::int64_t number);
[[nodiscard]] json::Node object_node();

/// Sets a member of an object in its place, or as the last one.
void set_member(json::Node& object, std::string_view key, json::Node value);

/// The object at a member, made where there is none.
[[nodiscard]] json::Node& member_object(json::Node& object, std::string_view key);

/// Removes a member; answers whether it was there.
bool remove_member(json::Node& object, std::string_view key);

/// Whether two values are the same, wherever they stand. The order of an object's members does not matter.
[[nodiscard]] bool same(const json::Node& a, const json::Node& b);

}  // namespace memwall::tools
