// A streaming writer of JSON reports: keys in the order given, two spaces of indentation, the same bytes everywhere.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/json.hpp"

namespace memwall {

/// Throws LogicError for a NaN or an infinity and for calls out of order (a value without a key in an object, an end
/// without its begin); InputError for a text that is not UTF-8, because such bytes come from the user's files and
/// names.
class JsonWriter {
 public:
  /// Hands the text on in pieces of some kilobytes; the last piece with `finish`.
  explicit JsonWriter(std::function<void(std::string_view)> sink);
  /// Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out);

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_list();
  JsonWriter& end_list();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(double number);  ///< the shortest text that reads back as the same double
  JsonWriter& value(bool truth);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  template <std::signed_integral Integer>
  JsonWriter& value(Integer whole) {
    return signed_value(whole);
  }
  template <std::unsigned_integral Integer>
  requires(!std::same_as<Integer, bool>) JsonWriter& value(Integer whole) { return unsigned_value(whole); }
  JsonWriter& null();
  /// A value that was read from a document, with all that is in it.
  JsonWriter& value(const json::Node& node);

  /// A key with its value.
  template <class T>
  JsonWriter& member(std::string_view name, const T& its_value) {
    key(name);
    return value(its_value);
  }

  /// Ends the document with a line break and hands on what is left. Throws LogicError where something is still open.
  void finish();

 private:
  struct Level {
    bool object;
    bool empty = true;
    bool has_key = false;
  };
  JsonWriter& signed_value(std::int64_t whole);
  JsonWriter& unsigned_value(std::uint64_t whole);
  JsonWriter& open(bool object);
  JsonWriter& close(bool object);
  void before_value();
  void next_line();
  void quote(std::string_view text);
  void hand_on();

  std::function<void(std::string_view)> sink_;
  std::string buffer_;
  std::vector<Level> levels_;
  bool started_ = false;
};

}  // namespace memwall
