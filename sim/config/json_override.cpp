#include "sim/config/json_override.hpp"

#include <fmt/format.h>

#include <charconv>

namespace memwall::json {
namespace {

/// The parts of a pointer with their escapes undone; nothing where it is not a pointer.
std::optional<std::vector<std::string>> split(std::string_view pointer) {
  if (pointer.empty() || pointer.front() != '/') return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      parts.emplace_back();
    } else if (pointer[i] != '~') {
      parts.back() += pointer[i];
    } else {
      ++i;
      if (i == pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
      parts.back() += pointer[i] == '0' ? '~' : '/';
    }
  }
  return parts;
}

std::optional<std::size_t> index_in(const Node& list, std::string_view part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  const bool plain =
      error == std::errc{} && end == part.data() + part.size() && (part.size() == 1 || part.front() != '0');
  if (!plain || index >= list.items.size()) return std::nullopt;
  return index;
}

void forget_lines(Node& node) {
  node.line = 0;
  for (Node& item : node.items) forget_lines(item);
  for (Member& member : node.members) {
    member.key_line = 0;
    forget_lines(member.value);
  }
}

/// The value of an edit. Text that begins like a JSON list, object or text and is none is a mistake and not a text.
Node value_of(std::string_view written) {
  Node node;
  try {
    node = parse(written, std::string(override_file)).root;
  } catch (const InputError&) {
    if (!written.empty() && (written.front() == '{' || written.front() == '[' || written.front() == '"')) throw;
    node.kind = Kind::text;
    node.text = written;
  }
  forget_lines(node);
  return node;
}

/// The member of an object, made where it is missing.
Node& member_of(Node& object, const std::string& key) {
  if (Node* value = object.find(key)) return *value;
  object.members.push_back({key, 0, {}});
  Node& made = object.members.back().value;
  made.kind = Kind::object;
  return made;
}

}  // namespace

std::optional<Fault> set_value(Node& root, std::string_view pointer, std::string_view value) {
  const auto fault = [&](std::string message) {
    return Fault{std::string(override_file), 0, std::string(pointer), std::move(message)};
  };
  const auto parts = split(pointer);
  if (!parts)
    return fault("not a JSON pointer; write for example /pools/0/replicas=2 (~1 for a stroke in a key, ~0 for ~)");
  Node made;
  try {
    made = value_of(value);
  } catch (const InputError& error) {
    return fault("the value is not JSON: " + error.faults().front().message);
  }

  // A path that is wrong is found out before anything is made along it.
  const Node* known = &root;
  std::string walked;
  for (const std::string& part : *parts) {
    if (known->kind == Kind::object) {
      known = known->find(part);
      if (known == nullptr) break;
    } else if (known->kind == Kind::list) {
      const auto index = index_in(*known, part);
      if (!index) {
        const std::string range =
            known->items.empty() ? "is empty" : fmt::format("has the items 0..{}", known->items.size() - 1);
        return fault(fmt::format("\"{}\" is no item of the list {}, which {}; --set changes existing items only", part,
                                 walked, range));
      }
      known = &known->items[*index];
    } else {
      return fault(fmt::format("{} is {}, so nothing can be set inside of it", walked.empty() ? "the document" : walked,
                               describe(*known)));
    }
    walked = child_pointer(walked, part);
  }

  Node* node = &root;
  for (const std::string& part : *parts) {
    node = node->kind == Kind::list ? &node->items[*index_in(*node, part)] : &member_of(*node, part);
  }
  *node = std::move(made);
  return std::nullopt;
}

void apply_overrides(Node& root, const std::vector<std::string>& edits) {
  std::vector<Fault> faults;
  for (const std::string& edit : edits) {
    const std::size_t equals = edit.find('=');
    if (equals == std::string::npos) {
      faults.push_back({std::string(override_file), 0, edit, "no \"=\"; write --set /json/pointer=value"});
      continue;
    }
    const std::string_view whole = edit;
    if (auto fault = set_value(root, whole.substr(0, equals), whole.substr(equals + 1)))
      faults.push_back(std::move(*fault));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

}  // namespace memwall::json
