#include "sim/config/object_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"

namespace memwall::json {
namespace {

Node made(Kind kind, int line = 0) {
  Node node;
  node.kind = kind;
  node.line = line;
  return node;
}

Node made(std::int64_t whole) {
  Node node = made(Kind::number);
  node.integer = whole;
  node.number = static_cast<double>(whole);
  node.text = fmt::format("{}", whole);
  return node;
}

Node made(double number) {
  Node node = made(Kind::number);
  node.number = number;
  node.text = fmt::format("{}", number);
  return node;
}

Node made(std::string text) {
  Node node = made(Kind::text);
  node.text = std::move(text);
  return node;
}

Node made(bool truth) {
  Node node = made(Kind::boolean);
  node.boolean = truth;
  return node;
}

template <class T>
std::optional<Node> made(const std::optional<T>& fallback) {
  return fallback ? std::optional(made(*fallback)) : std::nullopt;
}

/// Fallbacks and examples are ours, so one that does not parse is our defect.
double known_good(std::string_view text, Dimension dimension) {
  const units::Parsed parsed = units::parse(text, dimension);
  law(parsed.value.has_value(), "a fallback must be a value with a fitting unit");
  return *parsed.value;
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& each : all) names.emplace_back(each.name);
  return names;
}

bool contains(const std::vector<std::string>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

ObjectReader::ObjectReader(Findings& findings, const Node& object, std::string pointer, bool silent)
    : findings_(findings),
      values_(findings, silent),
      object_(object),
      pointer_(std::move(pointer)),
      silent_(silent),
      resolved_(made(Kind::object)) {}

Node ObjectReader::finish() {
  for (const Member& member : object_.members) {
    if (tag_unknown_ || contains(known_, member.key) || contains(refused_, member.key)) continue;
    values_.fault(member.key_line, child_pointer(pointer_, member.key),
                  "unknown key; " + unknown_key_advice(member.key));
  }
  return std::move(resolved_);
}

std::int64_t ObjectReader::integer(std::string_view key, IntegerRule rule, std::string_view) {
  const std::int64_t otherwise = rule.fallback.value_or(rule.low);
  const Node* node = plain(key, rule.fallback.has_value(), made(rule.fallback));
  return node == nullptr ? otherwise : values_.whole_number(pointer_to(key), *node, rule).value_or(otherwise);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view key, IntegerRule rule, std::string_view) {
  const Node* node = plain(key, true);
  if (node == nullptr) return std::nullopt;
  return values_.whole_number(pointer_to(key), *node, rule).value_or(rule.low);
}

double ObjectReader::number(std::string_view key, NumberRule rule, std::string_view) {
  const double otherwise = rule.fallback.value_or(rule.low);
  const Node* node = plain(key, rule.fallback.has_value(), made(rule.fallback));
  return node == nullptr ? otherwise : values_.number(pointer_to(key), *node, rule).value_or(otherwise);
}

bool ObjectReader::boolean(std::string_view key, bool fallback, std::string_view) {
  return truth(key, plain(key, true, made(fallback))).value_or(fallback);
}

std::optional<bool> ObjectReader::optional_boolean(std::string_view key, std::string_view) {
  return truth(key, plain(key, true));
}

std::optional<bool> ObjectReader::truth(std::string_view key, const Node* node) {
  if (node == nullptr) return std::nullopt;
  if (node->kind == Kind::boolean) return node->boolean;
  values_.wrong_kind(pointer_to(key), *node, "true or false");
  return std::nullopt;
}

std::string ObjectReader::text(std::string_view key, std::optional<std::string> fallback, std::string_view) {
  const Node* node = plain(key, fallback.has_value(), made(fallback));
  if (node != nullptr && node->kind == Kind::text) return node->text;
  if (node != nullptr) values_.wrong_kind(pointer_to(key), *node, "a text in double quotes");
  return fallback.value_or(std::string());
}

std::size_t ObjectReader::choice(std::string_view key, const std::vector<Choice>& choices,
                                 std::optional<std::size_t> fallback, std::string_view) {
  return pick(key, names_of(choices), fallback).value_or(fallback.value_or(0));
}

std::optional<std::size_t> ObjectReader::optional_choice(std::string_view key, const std::vector<Choice>& choices,
                                                         std::string_view) {
  return pick(key, names_of(choices), std::nullopt, true);
}

std::size_t ObjectReader::variant(std::string_view key, const std::vector<Variant>& variants,
                                  std::optional<std::size_t> fallback, std::string_view) {
  law(!variants.empty(), "a tagged union has at least one variant");
  const std::optional<std::size_t> position = pick(key, names_of(variants), fallback);
  if (position) {
    variants[*position].read(*this);
    return *position;
  }
  // The caller may rely on one of the variants having been read, so one is, with nothing in it to complain about.
  tag_unknown_ = true;
  const std::size_t stand_in = fallback.value_or(0);
  const Node empty = made(Kind::object, object_.line);
  ObjectReader reader(findings_, empty, pointer_, true);
  variants[stand_in].read(reader);
  return stand_in;
}

std::optional<std::int64_t> ObjectReader::integer_or_object(std::string_view key, IntegerRule rule, std::string_view,
                                                            const std::function<void(Reader&)>& read) {
  const std::int64_t otherwise = rule.fallback.value_or(rule.low);
  const Node* node = plain(key, rule.fallback.has_value(), made(rule.fallback));
  if (node == nullptr) return otherwise;
  if (node->kind == Kind::object) {
    record(key, descend(*node, pointer_to(key), silent_, read));
    return std::nullopt;
  }
  if (node->kind != Kind::number) {
    values_.wrong_kind(pointer_to(key), *node, "a whole number or an object");
    return otherwise;
  }
  return values_.whole_number(pointer_to(key), *node, rule).value_or(otherwise);
}

void ObjectReader::object(std::string_view key, bool required, std::string_view,
                          const std::function<void(Reader&)>& read) {
  const Node* node = present(key, !required);
  if (node != nullptr && node->kind == Kind::object) return record(key, descend(*node, pointer_to(key), silent_, read));
  if (node != nullptr) values_.wrong_kind(pointer_to(key), *node, "an object {...}");
  const bool faulty = required || node != nullptr;
  Node stand_in = descend(made(Kind::object, object_.line), pointer_to(key), silent_ || faulty, read);
  // An absent object without any fallback inside of it says nothing.
  if (!stand_in.members.empty()) record(key, std::move(stand_in));
}

std::size_t ObjectReader::list(std::string_view key, bool required, std::string_view,
                               const std::function<void(Reader&)>& read) {
  const Node* node = list_at(key, required, "a list [...] of objects");
  if (node == nullptr) return 0;
  Node items = made(Kind::list);
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    items.items.push_back(read_object(node->items[i], item_pointer(key, i), read));
  }
  record(key, std::move(items));
  return node->items.size();
}

void ObjectReader::map(std::string_view key, bool required, std::string_view,
                       const std::function<void(const std::string&, Reader&)>& read) {
  const Node* node = present(key, !required);
  if (node == nullptr) return;
  if (node->kind != Kind::object)
    return values_.wrong_kind(pointer_to(key), *node, "an object {...} with a member for each name");
  Node members = made(Kind::object);
  for (const Member& member : node->members) {
    Node value = read_object(member.value, child_pointer(pointer_to(key), member.key),
                             [&](Reader& reader) { read(member.key, reader); });
    members.members.push_back({member.key, member.key_line, std::move(value)});
  }
  record(key, std::move(members));
}

std::vector<double> ObjectReader::numbers(std::string_view key, bool required, std::string_view) {
  std::vector<double> out;
  const Node* node = list_at(key, required, "a list [...] of numbers");
  for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
    if (const auto value = values_.plain_number(item_pointer(key, i), node->items[i])) out.push_back(*value);
  }
  return out;
}

std::vector<std::string> ObjectReader::texts(std::string_view key, bool required, std::string_view) {
  std::vector<std::string> out;
  const Node* node = list_at(key, required, "a list [...] of texts");
  for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
    const Node& item = node->items[i];
    if (item.kind == Kind::text) {
      out.push_back(item.text);
    } else {
      values_.wrong_kind(item_pointer(key, i), item, "a text in double quotes");
    }
  }
  return out;
}

void ObjectReader::fault(std::string_view key, std::string message) {
  if (key.empty()) return values_.fault(object_.line, pointer_, std::move(message));
  const Node* node = object_.find(key);
  values_.fault(node == nullptr ? object_.line : node->line, pointer_to(key), std::move(message));
}

void ObjectReader::reserve(std::string_view key, std::optional<std::string_view> value, std::string_view why) {
  const Node* node = object_.find(key);
  if (node == nullptr || (value && (node->kind != Kind::text || node->text != *value))) return;
  fault(key, std::string(why));
  refused_.emplace_back(key);
}

double ObjectReader::dimensioned(std::string_view key, Dimension dimension, std::optional<std::string_view> fallback,
                                 std::string_view) {
  const double otherwise = known_good(fallback.value_or(units::example(dimension)), dimension);
  std::optional<Node> unwritten;
  if (fallback) unwritten = made(std::string(*fallback));
  const Node* node = plain(key, fallback.has_value(), unwritten);
  return node == nullptr ? otherwise : values_.quantity(pointer_to(key), *node, dimension).value_or(otherwise);
}

std::optional<double> ObjectReader::optional_dimensioned(std::string_view key, Dimension dimension, std::string_view) {
  const Node* node = plain(key, true);
  return node == nullptr ? std::nullopt : values_.quantity(pointer_to(key), *node, dimension);
}

std::vector<double> ObjectReader::dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                                   std::string_view) {
  std::vector<double> out;
  const Node* node = list_at(key, required, "a list [...] of texts with units");
  for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
    if (const auto value = values_.quantity(item_pointer(key, i), node->items[i], dimension)) out.push_back(*value);
  }
  return out;
}

std::string ObjectReader::item_pointer(std::string_view key, std::size_t i) const {
  return fmt::format("{}/{}", pointer_to(key), i);
}

const Node* ObjectReader::present(std::string_view key, bool optional) {
  if (!contains(known_, key)) known_.emplace_back(key);
  const Node* node = object_.find(key);
  if (node == nullptr && !optional) values_.fault(object_.line, pointer_to(key), "missing");
  return node;
}

const Node* ObjectReader::plain(std::string_view key, bool optional, const std::optional<Node>& fallback) {
  const Node* node = present(key, optional);
  if (node != nullptr) {
    record(key, *node);
  } else if (fallback) {
    record(key, *fallback);
  }
  return node;
}

const Node* ObjectReader::list_at(std::string_view key, bool required, std::string_view wanted) {
  const Node* node = plain(key, !required);
  if (node == nullptr || node->kind == Kind::list) return node;
  values_.wrong_kind(pointer_to(key), *node, wanted);
  return nullptr;
}

std::optional<std::size_t> ObjectReader::pick(std::string_view key, const std::vector<std::string>& names,
                                              std::optional<std::size_t> fallback, bool optional) {
  std::optional<Node> unwritten;
  if (fallback) unwritten = made(names.at(*fallback));
  const Node* node = plain(key, optional || fallback.has_value(), unwritten);
  if (node == nullptr) return fallback;
  if (contains(refused_, key)) return std::nullopt;
  return values_.position_among(names, pointer_to(key), *node);
}

Node ObjectReader::descend(const Node& node, std::string pointer, bool silent,
                           const std::function<void(Reader&)>& read) {
  ObjectReader reader(findings_, node, std::move(pointer), silent);
  read(reader);
  return reader.finish();
}

Node ObjectReader::read_object(const Node& node, std::string pointer, const std::function<void(Reader&)>& read) {
  if (node.kind == Kind::object) return descend(node, std::move(pointer), silent_, read);
  values_.wrong_kind(pointer, node, "an object {...}");
  return descend(made(Kind::object, node.line), std::move(pointer), true, read);
}

void ObjectReader::record(std::string_view key, Node value) {
  if (Node* known = resolved_.find(key)) {
    *known = std::move(value);
  } else {
    resolved_.members.push_back({std::string(key), 0, std::move(value)});
  }
}

std::string ObjectReader::unknown_key_advice(const std::string& key) const {
  std::vector<std::string> absent;
  for (const std::string& known : known_) {
    if (!has(known)) absent.push_back(known);
  }
  if (const auto near = nearest(key, absent)) return fmt::format("did you mean \"{}\"?", *near);
  if (const auto near = nearest(key, known_)) return fmt::format("did you mean \"{}\"?", *near);
  if (known_.empty()) return "no key is known here";
  return "known keys: " + fmt::format("{}", fmt::join(known_, ", "));
}

}  // namespace memwall::json
