#include "sim/config/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_override.hpp"
#include "sim/config/json_values.hpp"

namespace memwall {
namespace {

using json::Findings;
using json::Kind;
using json::Node;
using json::Values;

/// Reads one object. A reader is `silent` where its object stands in for one that is missing or of a wrong kind: that
/// is a fault already, and what would be missing inside of it is none.
class JsonReader final : public Reader {
 public:
  JsonReader(Findings& findings, const Node& object, std::string pointer, bool silent)
      : findings_(findings),
        values_(findings, silent),
        object_(object),
        pointer_(std::move(pointer)),
        silent_(silent) {}

  /// Ends the reading: members that nobody declared are faults. Not after a wrong tag, whose keys cannot be known.
  void finish() {
    if (tag_unknown_) return;
    for (const json::Member& member : object_.members) {
      if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
      values_.fault(member.key_line, json::child_pointer(pointer_, member.key),
                    "unknown key; " + unknown_key_advice(member.key));
    }
  }

  bool has(std::string_view key) const override { return object_.find(key) != nullptr; }

  std::int64_t integer(std::string_view key, IntegerRule rule, std::string_view) override {
    const std::int64_t otherwise = rule.fallback.value_or(rule.low);
    const Node* node = present(key, rule.fallback.has_value());
    return node == nullptr ? otherwise : values_.whole_number(pointer_to(key), *node, rule).value_or(otherwise);
  }

  double number(std::string_view key, NumberRule rule, std::string_view) override {
    const double otherwise = rule.fallback.value_or(rule.low);
    const Node* node = present(key, rule.fallback.has_value());
    if (node == nullptr) return otherwise;
    return values_.number(pointer_to(key), *node, rule).value_or(otherwise);
  }

  bool boolean(std::string_view key, bool fallback, std::string_view) override {
    const Node* node = present(key, true);
    if (node == nullptr) return fallback;
    if (node->kind == Kind::boolean) return node->boolean;
    values_.wrong_kind(pointer_to(key), *node, "true or false");
    return fallback;
  }

  std::string text(std::string_view key, std::optional<std::string> fallback, std::string_view) override {
    const Node* node = present(key, fallback.has_value());
    if (node != nullptr && node->kind == Kind::text) return node->text;
    if (node != nullptr) values_.wrong_kind(pointer_to(key), *node, "a text in double quotes");
    return fallback.value_or(std::string());
  }

  std::size_t choice(std::string_view key, const std::vector<Choice>& choices, std::optional<std::size_t> fallback,
                     std::string_view) override {
    std::vector<std::string> names;
    for (const Choice& each : choices) names.emplace_back(each.name);
    return pick(key, names, fallback).value_or(fallback.value_or(0));
  }

  std::size_t variant(std::string_view key, const std::vector<Variant>& variants, std::optional<std::size_t> fallback,
                      std::string_view) override {
    law(!variants.empty(), "a tagged union has at least one variant");
    std::vector<std::string> names;
    for (const Variant& each : variants) names.emplace_back(each.name);
    const std::optional<std::size_t> position = pick(key, names, fallback);
    if (position) {
      variants[*position].read(*this);
      return *position;
    }
    // The caller may rely on one of the variants having been read, so one is, with nothing in it to complain about.
    tag_unknown_ = true;
    const std::size_t stand_in = fallback.value_or(0);
    Node empty = empty_object(object_.line);
    JsonReader reader(findings_, empty, pointer_, true);
    variants[stand_in].read(reader);
    return stand_in;
  }

  std::optional<std::int64_t> integer_or_object(std::string_view key, IntegerRule rule, std::string_view,
                                                const std::function<void(Reader&)>& read) override {
    const std::int64_t otherwise = rule.fallback.value_or(rule.low);
    const Node* node = present(key, rule.fallback.has_value());
    if (node == nullptr) return otherwise;
    if (node->kind == Kind::object) {
      descend(*node, pointer_to(key), silent_, read);
      return std::nullopt;
    }
    if (node->kind != Kind::number) {
      values_.wrong_kind(pointer_to(key), *node, "a whole number or an object");
      return otherwise;
    }
    return values_.whole_number(pointer_to(key), *node, rule).value_or(otherwise);
  }

  void object(std::string_view key, bool required, std::string_view,
              const std::function<void(Reader&)>& read) override {
    const Node* node = present(key, !required);
    if (node != nullptr && node->kind == Kind::object) return descend(*node, pointer_to(key), silent_, read);
    if (node != nullptr) values_.wrong_kind(pointer_to(key), *node, "an object {...}");
    const bool faulty = required || node != nullptr;
    descend(empty_object(object_.line), pointer_to(key), silent_ || faulty, read);
  }

  std::size_t list(std::string_view key, bool required, std::string_view,
                   const std::function<void(Reader&)>& read) override {
    const Node* node = list_at(key, required, "a list [...] of objects");
    if (node == nullptr) return 0;
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      read_object(node->items[i], item_pointer(key, i), read);
    }
    return node->items.size();
  }

  void map(std::string_view key, bool required, std::string_view,
           const std::function<void(const std::string&, Reader&)>& read) override {
    const Node* node = present(key, !required);
    if (node == nullptr) return;
    if (node->kind != Kind::object)
      return values_.wrong_kind(pointer_to(key), *node, "an object {...} with a member for each name");
    for (const json::Member& member : node->members) {
      read_object(member.value, json::child_pointer(pointer_to(key), member.key),
                  [&](Reader& reader) { read(member.key, reader); });
    }
  }

  std::vector<double> numbers(std::string_view key, bool required, std::string_view) override {
    std::vector<double> out;
    const Node* node = list_at(key, required, "a list [...] of numbers");
    for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
      if (const auto value = values_.plain_number(item_pointer(key, i), node->items[i])) out.push_back(*value);
    }
    return out;
  }

  std::vector<std::string> texts(std::string_view key, bool required, std::string_view) override {
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

  void fault(std::string_view key, std::string message) override {
    if (key.empty()) return values_.fault(object_.line, pointer_, std::move(message));
    const Node* node = object_.find(key);
    values_.fault(node == nullptr ? object_.line : node->line, pointer_to(key), std::move(message));
  }

  Sourced<std::string> sourced_block(std::string what) override {
    Sourced<std::string> out;
    out.basis = basis();
    out.source = source();
    out.value = what;
    note({pointer_, std::move(what), out.basis, out.source, std::nullopt});
    return out;
  }

  const std::vector<Provenance>& provenance() const override { return findings_.provenance; }

 protected:
  double dimensioned(std::string_view key, Dimension dimension, std::optional<std::string_view> fallback,
                     std::string_view) override {
    const double otherwise = known_good(fallback.value_or(units::example(dimension)), dimension);
    const Node* node = present(key, fallback.has_value());
    return node == nullptr ? otherwise : values_.quantity(pointer_to(key), *node, dimension).value_or(otherwise);
  }

  std::optional<double> optional_dimensioned(std::string_view key, Dimension dimension, std::string_view) override {
    const Node* node = present(key, true);
    return node == nullptr ? std::nullopt : values_.quantity(pointer_to(key), *node, dimension);
  }

  std::vector<double> dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                       std::string_view) override {
    std::vector<double> out;
    const Node* node = list_at(key, required, "a list [...] of texts with units");
    for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
      if (const auto value = values_.quantity(item_pointer(key, i), node->items[i], dimension)) out.push_back(*value);
    }
    return out;
  }

  Sourced<double> sourced_value(std::string_view key, Dimension dimension, std::string_view) override {
    Sourced<double> out;
    out.value = known_good(units::example(dimension), dimension);
    const Node* node = present(key, false);
    if (node == nullptr) return out;
    if (node->kind != Kind::object) {
      const std::string example = dimension == Dimension{} ? "0.9" : fmt::format("\"{}\"", units::example(dimension));
      values_.wrong_kind(pointer_to(key), *node,
                         fmt::format(R"(an object like {{"value": {}, "basis": "vendor", "source": "..."}})", example));
      return out;
    }
    JsonReader reader(findings_, *node, pointer_to(key), silent_);
    reader.read_sourced(dimension, out);
    reader.finish();
    return out;
  }

 private:
  static Node empty_object(int line) {
    Node node;
    node.kind = Kind::object;
    node.line = line;
    return node;
  }

  /// Fallbacks and examples are ours, so one that does not parse is our defect.
  static double known_good(std::string_view text, Dimension dimension) {
    const units::Parsed parsed = units::parse(text, dimension);
    law(parsed.value.has_value(), "a fallback must be a value with a fitting unit");
    return *parsed.value;
  }

  std::string pointer_to(std::string_view key) const { return json::child_pointer(pointer_, key); }
  std::string item_pointer(std::string_view key, std::size_t i) const {
    return fmt::format("{}/{}", pointer_to(key), i);
  }

  void note(Provenance provenance) {
    if (!silent_) findings_.provenance.push_back(std::move(provenance));
  }

  /// Declares a key and answers its value; one that is required and missing is a fault.
  const Node* present(std::string_view key, bool optional) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    const Node* node = object_.find(key);
    if (node == nullptr && !optional) values_.fault(object_.line, pointer_to(key), "missing");
    return node;
  }

  std::string unknown_key_advice(const std::string& key) const {
    std::vector<std::string> absent;
    for (const std::string& known : known_) {
      if (!has(known)) absent.push_back(known);
    }
    if (const auto near = nearest(key, absent)) return fmt::format("did you mean \"{}\"?", *near);
    if (const auto near = nearest(key, known_)) return fmt::format("did you mean \"{}\"?", *near);
    if (known_.empty()) return "no key is known here";
    return "known keys: " + fmt::format("{}", fmt::join(known_, ", "));
  }

  /// The position of the value at `key` among `names`, or the fallback's; nothing after a fault.
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string>& names,
                                  std::optional<std::size_t> fallback) {
    const Node* node = present(key, fallback.has_value());
    if (node == nullptr) return fallback;
    return values_.position_among(names, pointer_to(key), *node);
  }

  const Node* list_at(std::string_view key, bool required, std::string_view wanted) {
    const Node* node = present(key, !required);
    if (node == nullptr || node->kind == Kind::list) return node;
    values_.wrong_kind(pointer_to(key), *node, wanted);
    return nullptr;
  }

  void descend(const Node& node, std::string pointer, bool silent, const std::function<void(Reader&)>& read) {
    JsonReader reader(findings_, node, std::move(pointer), silent);
    read(reader);
    reader.finish();
  }

  void read_object(const Node& node, std::string pointer, const std::function<void(Reader&)>& read) {
    if (node.kind == Kind::object) return descend(node, std::move(pointer), silent_, read);
    values_.wrong_kind(pointer, node, "an object {...}");
    descend(empty_object(node.line), std::move(pointer), true, read);
  }

  Basis basis() {
    std::vector<std::string> names(basis_names.begin(), basis_names.end());
    const std::optional<std::size_t> position = pick("basis", names, std::nullopt);
    return position ? static_cast<Basis>(*position) : Basis::placeholder;
  }

  std::string source() {
    std::string out = text("source", std::nullopt, "");
    if (has("source") && out.find_first_not_of(' ') == std::string::npos &&
        object_.find("source")->kind == Kind::text) {
      fault("source", "the source is empty; say where the number comes from");
    }
    return out;
  }

  void read_sourced(Dimension dimension, Sourced<double>& out) {
    const Node* value = present("value", false);
    out.basis = basis();
    out.source = source();
    out.range = range(dimension);
    if (value == nullptr) return;
    const std::optional<double> read = values_.quantity(pointer_to("value"), *value, dimension);
    if (!read) return;
    out.value = *read;
    if (out.range && (*read < out.range->low || *read > out.range->high)) {
      fault("value", fmt::format("{} is outside its own range {}..{}", value->text, object_.find("low")->text,
                                 object_.find("high")->text));
    }
    note({pointer_, value->text, out.basis, out.source, out.range});
  }

  std::optional<Range> range(Dimension dimension) {
    const Node* low = present("low", true);
    const Node* high = present("high", true);
    if (low == nullptr && high == nullptr) return std::nullopt;
    if (low == nullptr || high == nullptr) {
      fault(low == nullptr ? "high" : "low", "\"low\" and \"high\" make a range together; write both or none");
      return std::nullopt;
    }
    const std::optional<double> from = values_.quantity(pointer_to("low"), *low, dimension);
    const std::optional<double> to = values_.quantity(pointer_to("high"), *high, dimension);
    if (!from || !to) return std::nullopt;
    return Range{*from, *to};
  }

  Findings& findings_;
  Values values_;
  const Node& object_;
  std::string pointer_;
  bool silent_;
  bool tag_unknown_ = false;
  std::vector<std::string> known_;  ///< in the order of declaration, as messages list them
};

}  // namespace

Document Document::load(const std::filesystem::path& path, const json::Options& options) {
  return Document(json::load(path, options));
}

Document Document::parse(std::string_view text, std::string name, const json::Options& options) {
  return Document(json::parse(text, std::move(name), options));
}

void Document::set(const std::vector<std::string>& edits) { json::apply_overrides(tree_.root, edits); }

std::vector<Provenance> Document::read(const std::function<void(Reader&)>& read) const {
  const Node& root = tree_.root;
  if (root.kind != Kind::object) {
    throw InputError(
        {Fault{tree_.name, root.line, "", json::describe(root) + " stands where an object {...} is meant"}});
  }
  Findings findings{tree_.name, {}, {}};
  JsonReader reader(findings, root, "", false);
  try {
    read(reader);
    reader.finish();
  } catch (const InputError& error) {
    for (Fault fault : error.faults()) {
      if (fault.file.empty()) fault.file = tree_.name;
      findings.faults.push_back(std::move(fault));
    }
  } catch (const LogicError&) {
    // A law that breaks on the neutral values that stand in for faulty ones is the faults' doing.
    if (findings.faults.empty()) throw;
  }
  if (!findings.faults.empty()) throw InputError(std::move(findings).in_order());
  return std::move(findings.provenance);
}

std::vector<Provenance> read_document(const std::filesystem::path& path, const std::function<void(Reader&)>& read) {
  return Document::load(path).read(read);
}

std::vector<Provenance> read_text(std::string_view text, std::string name, const std::function<void(Reader&)>& read) {
  return Document::parse(text, std::move(name)).read(read);
}

}  // namespace memwall
