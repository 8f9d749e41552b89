#include "workloads/formats/json_value.hpp"

#include <simdjson.h>

#include <bit>

#include "workloads/formats/numbers.hpp"

namespace memwall {

namespace dom = simdjson::dom;

/// A handle holds the bits of simdjson's own, which is a pointer and an index too.
struct JsonAccess {
  static dom::element element(const JsonValue& value) {
    static_assert(sizeof(dom::element) == sizeof(JsonValue));
    return std::bit_cast<dom::element>(value);
  }
  static JsonValue value(dom::element element) { return std::bit_cast<JsonValue>(element); }
};

namespace {

template <class T>
std::optional<T> got(const JsonValue& value) {
  T out{};
  if (JsonAccess::element(value).get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

}  // namespace

bool JsonValue::null() const { return JsonAccess::element(*this).is_null(); }
bool JsonValue::object() const { return JsonAccess::element(*this).is_object(); }
bool JsonValue::list() const { return JsonAccess::element(*this).is_array(); }
std::optional<std::int64_t> JsonValue::whole() const { return got<std::int64_t>(*this); }
std::optional<double> JsonValue::number() const { return got<double>(*this); }
std::optional<std::string_view> JsonValue::text() const { return got<std::string_view>(*this); }
std::optional<bool> JsonValue::truth() const { return got<bool>(*this); }

std::optional<JsonValue> JsonValue::member(std::string_view key) const {
  dom::element out;
  if (JsonAccess::element(*this).at_key(key).get(out) != simdjson::SUCCESS) return std::nullopt;
  return JsonAccess::value(out);
}

bool JsonValue::each_member(const std::function<bool(std::string_view, JsonValue)>& visit) const {
  dom::object members;
  if (JsonAccess::element(*this).get(members) != simdjson::SUCCESS) return true;
  for (const dom::key_value_pair field : members) {
    if (!visit(field.key, JsonAccess::value(field.value))) return false;
  }
  return true;
}

bool JsonValue::each(const std::function<bool(JsonValue)>& visit) const {
  dom::array items;
  if (JsonAccess::element(*this).get(items) != simdjson::SUCCESS) return true;
  for (const dom::element item : items) {
    if (!visit(JsonAccess::value(item))) return false;
  }
  return true;
}

bool JsonValue::ids(std::vector<std::uint64_t>& out) const {
  dom::array items;
  if (JsonAccess::element(*this).get(items) != simdjson::SUCCESS) return false;
  for (const dom::element item : items) {
    std::int64_t number = 0;
    std::uint64_t big = 0;
    if (item.get(number) == simdjson::SUCCESS) {
      out.push_back(static_cast<std::uint64_t>(number));
    } else if (item.get(big) == simdjson::SUCCESS) {
      out.push_back(big);
    } else {
      return false;
    }
  }
  return true;
}

std::string_view JsonValue::tokens(std::int64_t& out) const {
  if (const auto number = whole()) {
    if (*number < 0) return "negative";
    if (*number > most_tokens) return "too_large";
    out = *number;
    return {};
  }
  if (JsonAccess::element(*this).is_uint64()) return "too_large";
  if (const auto value = number()) return whole_tokens(*value, out);
  if (const auto written = text()) return read_tokens(*written, out);
  return null() ? "missing_field" : "not_a_number";
}

bool JsonValue::ticks(std::int64_t ns_per_unit, std::int64_t& ns) const {
  if (const auto number = whole()) return !__builtin_mul_overflow(*number, ns_per_unit, &ns);
  if (const auto value = number()) return memwall::ticks(*value, ns_per_unit, ns);
  if (const auto written = text()) return read_ticks(*written, ns_per_unit, ns);
  return false;
}

std::string_view JsonValue::name(std::string& storage) const {
  if (const auto written = text()) return *written;
  if (const auto number = whole()) return storage = std::to_string(*number);
  return {};
}

struct JsonParser::State {
  dom::parser parser;
};

JsonParser::JsonParser() : state_(std::make_unique<State>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;

std::optional<JsonValue> JsonParser::parse(std::string_view text) {
  static_assert(padding >= simdjson::SIMDJSON_PADDING);
  dom::element root;
  if (state_->parser.parse(text.data(), text.size(), false).get(root) != simdjson::SUCCESS) return std::nullopt;
  return JsonAccess::value(root);
}

}  // namespace memwall
