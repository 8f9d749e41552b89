#include "sim/config/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_override.hpp"

namespace memwall {
namespace {

using json::Kind;
using json::Node;

/// What all readers of one document share.
struct Findings {
  std::string file;
  std::vector<Fault> faults;
  std::vector<Provenance> provenance;
};

std::string in_bounds_problem(const std::string& shown, const std::string& low, const std::string& high,
                              bool bounded_above, bool too_low) {
  if (bounded_above) return fmt::format("{} is outside {}..{}", shown, low, high);
  return too_low ? fmt::format("{} is less than {}, the least value allowed", shown, low)
                 : fmt::format("{} is more than {}, the largest value allowed", shown, high);
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

/// Reads one object. A reader is `silent` where its object stands in for one that is missing or of a wrong kind: that
/// is a fault already, and what would be missing inside of it is none.
class JsonReader final : public Reader {
 public:
  JsonReader(Findings& findings, const Node& object, std::string pointer, bool silent)
      : findings_(findings), object_(object), pointer_(std::move(pointer)), silent_(silent) {}

  /// Ends the reading: members that nobody declared are faults. Not after a wrong tag, whose keys cannot be known.
  void finish() {
    if (tag_unknown_) return;
    for (const json::Member& member : object_.members) {
      if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
      add(member.key_line, json::child_pointer(pointer_, member.key), "unknown key; " + unknown_key_advice(member.key));
    }
  }

  bool has(std::string_view key) const override { return object_.find(key) != nullptr; }

  std::int64_t integer(std::string_view key, IntegerRule rule, std::string_view) override {
    const std::int64_t otherwise = rule.fallback.value_or(rule.low);
    const Node* node = present(key, rule.fallback.has_value());
    return node == nullptr ? otherwise : whole_number(key, *node, rule).value_or(otherwise);
  }

  double number(std::string_view key, NumberRule rule, std::string_view) override {
    const double otherwise = rule.fallback.value_or(rule.low);
    const Node* node = present(key, rule.fallback.has_value());
    if (node == nullptr) return otherwise;
    const std::optional<double> value = plain_number(pointer_to(key), *node);
    if (!value) return otherwise;
    if (*value < rule.low || *value > rule.high) {
      const bool bounded = rule.high < std::numeric_limits<double>::max();
      add(node->line, pointer_to(key),
          in_bounds_problem(node->text, fmt::format("{}", rule.low), fmt::format("{}", rule.high), bounded,
                            *value < rule.low));
      return otherwise;
    }
    return *value;
  }

  bool boolean(std::string_view key, bool fallback, std::string_view) override {
    const Node* node = present(key, true);
    if (node == nullptr) return fallback;
    if (node->kind == Kind::boolean) return node->boolean;
    wrong_kind(pointer_to(key), *node, "true or false");
    return fallback;
  }

  std::string text(std::string_view key, std::optional<std::string> fallback, std::string_view) override {
    const Node* node = present(key, fallback.has_value());
    if (node != nullptr && node->kind == Kind::text) return node->text;
    if (node != nullptr) wrong_kind(pointer_to(key), *node, "a text in double quotes");
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
      wrong_kind(pointer_to(key), *node, "a whole number or an object");
      return otherwise;
    }
    return whole_number(key, *node, rule).value_or(otherwise);
  }

  void object(std::string_view key, bool required, std::string_view,
              const std::function<void(Reader&)>& read) override {
    const Node* node = present(key, !required);
    if (node != nullptr && node->kind == Kind::object) return descend(*node, pointer_to(key), silent_, read);
    if (node != nullptr) wrong_kind(pointer_to(key), *node, "an object {...}");
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
      return wrong_kind(pointer_to(key), *node, "an object {...} with a member for each name");
    for (const json::Member& member : node->members) {
      read_object(member.value, json::child_pointer(pointer_to(key), member.key),
                  [&](Reader& reader) { read(member.key, reader); });
    }
  }

  std::vector<double> numbers(std::string_view key, bool required, std::string_view) override {
    std::vector<double> out;
    const Node* node = list_at(key, required, "a list [...] of numbers");
    for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
      if (const auto value = plain_number(item_pointer(key, i), node->items[i])) out.push_back(*value);
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
        wrong_kind(item_pointer(key, i), item, "a text in double quotes");
      }
    }
    return out;
  }

  void fault(std::string_view key, std::string message) override {
    if (key.empty()) return add(object_.line, pointer_, std::move(message));
    const Node* node = object_.find(key);
    add(node == nullptr ? object_.line : node->line, pointer_to(key), std::move(message));
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
    return node == nullptr ? otherwise : quantity_of(pointer_to(key), *node, dimension).value_or(otherwise);
  }

  std::optional<double> optional_dimensioned(std::string_view key, Dimension dimension, std::string_view) override {
    const Node* node = present(key, true);
    return node == nullptr ? std::nullopt : quantity_of(pointer_to(key), *node, dimension);
  }

  std::vector<double> dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                       std::string_view) override {
    std::vector<double> out;
    const Node* node = list_at(key, required, "a list [...] of texts with units");
    for (std::size_t i = 0; node != nullptr && i < node->items.size(); ++i) {
      if (const auto value = quantity_of(item_pointer(key, i), node->items[i], dimension)) out.push_back(*value);
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
      wrong_kind(pointer_to(key), *node,
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

  /// Line 0 is a value that an override set, so its fault belongs to no line of the file.
  void add(int line, std::string pointer, std::string message) {
    if (silent_) return;
    std::string file = line == 0 ? std::string(json::override_file) : findings_.file;
    findings_.faults.push_back({std::move(file), line, std::move(pointer), std::move(message)});
  }

  void note(Provenance provenance) {
    if (!silent_) findings_.provenance.push_back(std::move(provenance));
  }

  void wrong_kind(const std::string& pointer, const Node& node, std::string_view wanted) {
    std::string message = fmt::format("{} stands where {} is meant", json::describe(node), wanted);
    if (node.kind == Kind::null) message += "; leave the key out to take its default";
    add(node.line, pointer, std::move(message));
  }

  /// Declares a key and answers its value; one that is required and missing is a fault.
  const Node* present(std::string_view key, bool optional) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    const Node* node = object_.find(key);
    if (node == nullptr && !optional) add(object_.line, pointer_to(key), "missing");
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
    return "known keys: " + joined(known_);
  }

  std::optional<std::int64_t> whole_number(std::string_view key, const Node& node, const IntegerRule& rule) {
    if (node.kind != Kind::number) {
      wrong_kind(pointer_to(key), node, "a whole number");
      return std::nullopt;
    }
    if (!node.integer) {
      const bool whole = std::trunc(node.number) == node.number;
      add(node.line, pointer_to(key),
          node.text + (whole ? " is too large for a whole number of 64 bits" : " is not a whole number"));
      return std::nullopt;
    }
    if (*node.integer < rule.low || *node.integer > rule.high) {
      const bool bounded = rule.high < std::numeric_limits<std::int64_t>::max();
      add(node.line, pointer_to(key),
          in_bounds_problem(node.text, fmt::format("{}", rule.low), fmt::format("{}", rule.high), bounded,
                            *node.integer < rule.low));
      return std::nullopt;
    }
    return node.integer;
  }

  std::optional<double> plain_number(const std::string& pointer, const Node& node) {
    if (node.kind != Kind::number) {
      wrong_kind(pointer, node, "a plain number");
      return std::nullopt;
    }
    if (!std::isfinite(node.number)) {
      add(node.line, pointer, node.text + " is not finite; write a finite number");
      return std::nullopt;
    }
    return node.number;
  }

  std::optional<double> quantity_of(const std::string& pointer, const Node& node, Dimension dimension) {
    if (dimension == Dimension{}) return plain_number(pointer, node);
    if (node.kind == Kind::number) {
      add(node.line, pointer,
          fmt::format("{} has no unit; write for example \"{}\"", node.text, units::example(dimension)));
      return std::nullopt;
    }
    if (node.kind != Kind::text) {
      wrong_kind(pointer, node, fmt::format("a text with a unit like \"{}\"", units::example(dimension)));
      return std::nullopt;
    }
    units::Parsed parsed = units::parse(node.text, dimension);
    if (!parsed.value) add(node.line, pointer, std::move(parsed.problem));
    return parsed.value;
  }

  /// The position of the value at `key` among `names`, or the fallback's; nothing after a fault.
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string>& names,
                                  std::optional<std::size_t> fallback) {
    const Node* node = present(key, fallback.has_value());
    if (node == nullptr) return fallback;
    if (node->kind != Kind::text) {
      wrong_kind(pointer_to(key), *node, "one of the texts " + joined(names));
      return std::nullopt;
    }
    const auto found = std::find(names.begin(), names.end(), node->text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    add(node->line, pointer_to(key), fmt::format("\"{}\" is unknown; {}", node->text, suggestion(node->text, names)));
    return std::nullopt;
  }

  const Node* list_at(std::string_view key, bool required, std::string_view wanted) {
    const Node* node = present(key, !required);
    if (node == nullptr || node->kind == Kind::list) return node;
    wrong_kind(pointer_to(key), *node, wanted);
    return nullptr;
  }

  void descend(const Node& node, std::string pointer, bool silent, const std::function<void(Reader&)>& read) {
    JsonReader reader(findings_, node, std::move(pointer), silent);
    read(reader);
    reader.finish();
  }

  void read_object(const Node& node, std::string pointer, const std::function<void(Reader&)>& read) {
    if (node.kind == Kind::object) return descend(node, std::move(pointer), silent_, read);
    wrong_kind(pointer, node, "an object {...}");
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
    const std::optional<double> read = quantity_of(pointer_to("value"), *value, dimension);
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
    const std::optional<double> from = quantity_of(pointer_to("low"), *low, dimension);
    const std::optional<double> to = quantity_of(pointer_to("high"), *high, dimension);
    if (!from || !to) return std::nullopt;
    return Range{*from, *to};
  }

  Findings& findings_;
  const Node& object_;
  std::string pointer_;
  bool silent_;
  bool tag_unknown_ = false;
  std::vector<std::string> known_;  ///< in the order of declaration, as messages list them
};

/// First the faults of the document by line, then those of other files that were read on the way, then those of values
/// set from outside. A key that is read twice has its fault twice; the reader of the message needs it once.
std::vector<Fault> in_order(std::vector<Fault> faults, const std::string& document) {
  std::vector<Fault> out;
  std::set<std::tuple<std::string, int, std::string, std::string>> seen;
  for (Fault& fault : faults) {
    if (seen.emplace(fault.file, fault.line, fault.pointer, fault.message).second) out.push_back(std::move(fault));
  }
  const auto place = [&document](const Fault& fault) {
    if (fault.file == json::override_file) return std::pair(2, 0);
    return fault.file == document ? std::pair(0, fault.line) : std::pair(1, 0);
  };
  std::stable_sort(out.begin(), out.end(), [&](const Fault& a, const Fault& b) { return place(a) < place(b); });
  return out;
}

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
  Findings findings;
  findings.file = tree_.name;
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
  if (!findings.faults.empty()) throw InputError(in_order(std::move(findings.faults), tree_.name));
  return std::move(findings.provenance);
}

std::vector<Provenance> read_document(const std::filesystem::path& path, const std::function<void(Reader&)>& read) {
  return Document::load(path).read(read);
}

std::vector<Provenance> read_text(std::string_view text, std::string name, const std::function<void(Reader&)>& read) {
  return Document::parse(text, std::move(name)).read(read);
}

}  // namespace memwall
