#include "sim/config/json_writer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "sim/base/error.hpp"
#include "sim/config/utf8.hpp"

namespace memwall {

JsonWriter::JsonWriter(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}

JsonWriter::JsonWriter(std::string& out) : JsonWriter([&out](std::string_view piece) { out += piece; }) {}

JsonWriter& JsonWriter::begin_object() { return open(true); }
JsonWriter& JsonWriter::end_object() { return close(true); }
JsonWriter& JsonWriter::begin_list() { return open(false); }
JsonWriter& JsonWriter::end_list() { return close(false); }

JsonWriter& JsonWriter::open(bool object) {
  before_value();
  buffer_ += object ? '{' : '[';
  levels_.push_back({object});
  return *this;
}

JsonWriter& JsonWriter::close(bool object) {
  law(!levels_.empty() && levels_.back().object == object, "an end in JSON matches its begin");
  law(!levels_.back().has_key, "a key in JSON is followed by its value");
  const bool empty = levels_.back().empty;
  levels_.pop_back();
  if (!empty) next_line();
  buffer_ += object ? '}' : ']';
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  law(!levels_.empty() && levels_.back().object && !levels_.back().has_key, "a key in JSON stands in an object, alone");
  if (!levels_.back().empty) buffer_ += ',';
  levels_.back().empty = false;
  levels_.back().has_key = true;
  next_line();
  quote(name);
  buffer_ += ": ";
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  law(std::isfinite(number), "JSON holds finite numbers only");
  before_value();
  fmt::format_to(std::back_inserter(buffer_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  before_value();
  buffer_ += truth ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  buffer_ += "null";
  return *this;
}

JsonWriter& JsonWriter::value(const json::Node& node) {
  switch (node.kind) {
    case json::Kind::null: return null();
    case json::Kind::boolean: return value(node.boolean);
    case json::Kind::number: return node.integer ? value(*node.integer) : value(node.number);
    case json::Kind::text: return value(std::string_view(node.text));
    case json::Kind::list:
      begin_list();
      for (const json::Node& item : node.items) value(item);
      return end_list();
    case json::Kind::object:
      begin_object();
      for (const json::Member& each : node.members) member(each.key, each.value);
      return end_object();
  }
  throw LogicError("a JSON value has one of six kinds");
}

void JsonWriter::finish() {
  law(started_ && levels_.empty(), "a JSON document ends when everything in it is closed");
  buffer_ += '\n';
  hand_on();
}

JsonWriter& JsonWriter::signed_value(std::int64_t whole) {
  before_value();
  fmt::format_to(std::back_inserter(buffer_), "{}", whole);
  return *this;
}

JsonWriter& JsonWriter::unsigned_value(std::uint64_t whole) {
  before_value();
  fmt::format_to(std::back_inserter(buffer_), "{}", whole);
  return *this;
}

void JsonWriter::before_value() {
  constexpr std::size_t piece = std::size_t{1} << 14;
  if (buffer_.size() > piece) hand_on();
  if (levels_.empty()) {
    law(!started_, "a JSON document is one value");
    started_ = true;
    return;
  }
  Level& level = levels_.back();
  if (level.object) {
    law(level.has_key, "a value in a JSON object has a key");
    level.has_key = false;
    return;
  }
  if (!level.empty) buffer_ += ',';
  level.empty = false;
  next_line();
}

void JsonWriter::next_line() {
  buffer_ += '\n';
  buffer_.append(2 * levels_.size(), ' ');
}

void JsonWriter::quote(std::string_view text) {
  if (first_non_utf8(text) != text.size()) {
    throw InputError("a name is not UTF-8 and cannot be written as JSON; rename it or save its file as UTF-8");
  }
  buffer_ += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    switch (c) {
      case '"': buffer_ += "\\\""; break;
      case '\\': buffer_ += "\\\\"; break;
      case '\n': buffer_ += "\\n"; break;
      case '\r': buffer_ += "\\r"; break;
      case '\t': buffer_ += "\\t"; break;
      default:
        if (code < 0x20) {
          fmt::format_to(std::back_inserter(buffer_), "\\u{:04x}", code);
        } else {
          buffer_ += c;
        }
    }
  }
  buffer_ += '"';
}

void JsonWriter::hand_on() {
  sink_(buffer_);
  buffer_.clear();
}

}  // namespace memwall
