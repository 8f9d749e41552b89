#include "sim/config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"

namespace memwall {
namespace {

using Kind = Declaration::Kind;

template <class T>
std::string as_json(const T& value) {
  std::string out;
  JsonWriter writer(out);
  writer.value(value).finish();
  out.pop_back();
  return out;
}

class SchemaReader final : public Reader {
 public:
  explicit SchemaReader(DeclaredObject& object) : object_(object) {}

  bool has(std::string_view) const override { return true; }

  std::int64_t integer(std::string_view key, IntegerRule rule, std::string_view doc) override {
    declare(whole(key, Kind::integer, rule, doc));
    return rule.fallback.value_or(rule.low);
  }

  std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRule rule, std::string_view doc) override {
    Declaration made = whole(key, Kind::integer, rule, doc);
    made.required = false;
    declare(std::move(made));
    return rule.low;
  }

  double number(std::string_view key, NumberRule rule, std::string_view doc) override {
    Declaration made = declaration(key, Kind::number, !rule.fallback, doc);
    if (rule.fallback) made.fallback = as_json(*rule.fallback);
    if (rule.low > std::numeric_limits<double>::lowest()) made.low = as_json(rule.low);
    if (rule.high < std::numeric_limits<double>::max()) made.high = as_json(rule.high);
    declare(std::move(made));
    return rule.fallback.value_or(rule.low);
  }

  bool boolean(std::string_view key, bool fallback, std::string_view doc) override {
    Declaration made = declaration(key, Kind::boolean, false, doc);
    made.fallback = as_json(fallback);
    declare(std::move(made));
    return fallback;
  }

  std::optional<bool> optional_boolean(std::string_view key, std::string_view doc) override {
    declare(declaration(key, Kind::boolean, false, doc));
    return std::nullopt;
  }

  std::string text(std::string_view key, std::optional<std::string> fallback, std::string_view doc) override {
    Declaration made = declaration(key, Kind::text, !fallback, doc);
    if (fallback) made.fallback = as_json(*fallback);
    declare(std::move(made));
    return fallback.value_or(std::string());
  }

  std::size_t choice(std::string_view key, const std::vector<Choice>& choices, std::optional<std::size_t> fallback,
                     std::string_view doc) override {
    Declaration made = named(key, choices, doc);
    made.required = !fallback;
    if (fallback) made.fallback = as_json(made.names.at(*fallback));
    declare(std::move(made));
    return fallback.value_or(0);
  }

  std::optional<std::size_t> optional_choice(std::string_view key, const std::vector<Choice>& choices,
                                             std::string_view doc) override {
    declare(named(key, choices, doc));
    return 0;
  }

  std::size_t variant(std::string_view key, const std::vector<Variant>& variants, std::optional<std::size_t> fallback,
                      std::string_view doc) override {
    std::vector<Choice> choices;
    DeclaredUnion made{std::string(key), fallback, {}, {}};
    for (const Variant& each : variants) {
      choices.push_back({each.name, each.doc});
      made.names.emplace_back(each.name);
      SchemaReader reader(made.contents.emplace_back());
      each.read(reader);
    }
    const bool first_time = !object_.declares(key);
    const std::size_t position = choice(key, choices, fallback, doc);
    if (first_time) object_.unions.push_back(std::move(made));
    return position;
  }

  std::optional<std::int64_t> integer_or_object(std::string_view key, IntegerRule rule, std::string_view doc,
                                                const std::function<void(Reader&)>& read) override {
    Declaration made = whole(key, Kind::integer_or_object, rule, doc);
    read_content(made, read);
    declare(std::move(made));
    return std::nullopt;
  }

  void object(std::string_view key, bool required, std::string_view doc,
              const std::function<void(Reader&)>& read) override {
    Declaration made = declaration(key, Kind::object, required, doc);
    read_content(made, read);
    declare(std::move(made));
  }

  std::size_t list(std::string_view key, bool required, std::string_view doc,
                   const std::function<void(Reader&)>& read) override {
    Declaration made = declaration(key, Kind::list, required, doc);
    read_content(made, read);
    declare(std::move(made));
    return 1;
  }

  void map(std::string_view key, bool required, std::string_view doc,
           const std::function<void(const std::string&, Reader&)>& read) override {
    Declaration made = declaration(key, Kind::map, required, doc);
    read_content(made, [&read](Reader& reader) { read("name", reader); });
    declare(std::move(made));
  }

  std::vector<double> numbers(std::string_view key, bool required, std::string_view doc) override {
    declare(declaration(key, Kind::numbers, required, doc));
    return {1};
  }

  std::vector<std::string> texts(std::string_view key, bool required, std::string_view doc) override {
    declare(declaration(key, Kind::texts, required, doc));
    return {""};
  }

  void fault(std::string_view, std::string) override {}
  void reserve(std::string_view, std::optional<std::string_view>, std::string_view) override {}

  Sourced<std::string> sourced_block(std::string what) override {
    std::vector<Choice> choices;
    for (const std::string_view each : basis_names) choices.push_back({each, ""});
    choice("basis", choices, std::nullopt, "where these numbers come from");
    return {std::move(what), Basis::placeholder, text("source", std::nullopt, "the source of these numbers"),
            std::nullopt};
  }

  const std::vector<Provenance>& provenance() const override { return provenance_; }

 protected:
  double dimensioned(std::string_view key, Dimension dimension, std::optional<std::string_view> fallback,
                     std::string_view doc) override {
    Declaration made = declaration(key, Kind::quantity, !fallback, doc);
    made.dimension = dimension;
    if (fallback) made.fallback = as_json(*fallback);
    declare(std::move(made));
    return parsed(fallback.value_or(units::example(dimension)), dimension);
  }

  std::optional<double> optional_dimensioned(std::string_view key, Dimension dimension, std::string_view doc) override {
    Declaration made = declaration(key, Kind::quantity, false, doc);
    made.dimension = dimension;
    declare(std::move(made));
    return parsed(units::example(dimension), dimension);
  }

  std::vector<double> dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                       std::string_view doc) override {
    Declaration made = declaration(key, Kind::quantities, required, doc);
    made.dimension = dimension;
    declare(std::move(made));
    return {parsed(units::example(dimension), dimension)};
  }

  Sourced<double> sourced_value(std::string_view key, Dimension dimension, std::string_view doc) override {
    Declaration made = declaration(key, Kind::sourced, true, doc);
    made.dimension = dimension;
    declare(std::move(made));
    return {parsed(units::example(dimension), dimension), Basis::placeholder, "", std::nullopt};
  }

 private:
  static double parsed(std::string_view text, Dimension dimension) {
    const units::Parsed value = units::parse(text, dimension);
    law(value.value.has_value(), "a fallback must be a value with a fitting unit");
    return *value.value;
  }

  static Declaration declaration(std::string_view key, Kind kind, bool required, std::string_view doc) {
    Declaration made;
    made.key = key;
    made.kind = kind;
    made.required = required;
    made.doc = doc;
    return made;
  }

  static Declaration whole(std::string_view key, Kind kind, const IntegerRule& rule, std::string_view doc) {
    Declaration made = declaration(key, kind, !rule.fallback, doc);
    if (rule.fallback) made.fallback = as_json(*rule.fallback);
    if (rule.low > std::numeric_limits<std::int64_t>::min()) made.low = as_json(rule.low);
    if (rule.high < std::numeric_limits<std::int64_t>::max()) made.high = as_json(rule.high);
    return made;
  }

  static Declaration named(std::string_view key, const std::vector<Choice>& choices, std::string_view doc) {
    Declaration made = declaration(key, Kind::choice, false, doc);
    for (const Choice& each : choices) {
      made.names.emplace_back(each.name);
      made.name_docs.emplace_back(each.doc);
    }
    return made;
  }

  static void read_content(Declaration& made, const std::function<void(Reader&)>& read) {
    SchemaReader reader(made.content);
    read(reader);
  }

  /// A key that is read a second time (by two parts that share it) is declared by its first reading.
  void declare(Declaration made) {
    if (!object_.declares(made.key)) object_.keys.push_back(std::move(made));
  }

  DeclaredObject& object_;
  std::vector<Provenance> provenance_;
};

}  // namespace

bool DeclaredObject::declares(std::string_view key) const {
  return std::any_of(keys.begin(), keys.end(), [key](const Declaration& each) { return each.key == key; });
}

Schema describe(const std::function<void(Reader&)>& read) {
  DeclaredObject root;
  SchemaReader reader(root);
  read(reader);
  return Schema(std::move(root));
}

}  // namespace memwall
