// JSON of traces: fast, read once, and looked at through small handles. The parser stays behind one source file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memwall {

/// A value of a parsed text; valid until its parser reads another one.
class JsonValue {
 public:
  [[nodiscard]] bool null() const;
  [[nodiscard]] bool object() const;
  [[nodiscard]] bool list() const;
  /// Nothing where the value is of another kind.
  [[nodiscard]] std::optional<std::int64_t> whole() const;  ///< written as a whole number that fits
  [[nodiscard]] std::optional<double> number() const;       ///< any number
  [[nodiscard]] std::optional<std::string_view> text() const;
  [[nodiscard]] std::optional<bool> truth() const;
  [[nodiscard]] std::optional<JsonValue> member(std::string_view key) const;

  /// Calls `visit` on each member in the order of the text, until it answers false. False when it did.
  bool each_member(const std::function<bool(std::string_view, JsonValue)>& visit) const;
  /// The same on each item of a list.
  bool each(const std::function<bool(JsonValue)>& visit) const;

  /// Appends the items of a list of whole numbers below 2^64; negative ones by their bits. False where it is none.
  [[nodiscard]] bool ids(std::vector<std::uint64_t>& out) const;

  /// A token count written as a number or as text: as `read_tokens`, and the same reasons.
  [[nodiscard]] std::string_view tokens(std::int64_t& out) const;
  /// A time in units of `ns_per_unit` nanoseconds, written as a number or as text, exactly. False where it is none.
  [[nodiscard]] bool ticks(std::int64_t ns_per_unit, std::int64_t& ns) const;
  /// A name: a text, or a whole number that `storage` keeps as text. Empty where it is neither.
  [[nodiscard]] std::string_view name(std::string& storage) const;

 private:
  friend struct JsonAccess;
  const void* document_ = nullptr;  ///< of the parser
  std::size_t index_ = 0;           ///< of the value in it
};

class JsonParser {
 public:
  /// Readable bytes that must stand behind a text.
  static constexpr std::size_t padding = 64;

  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;

  /// Nothing where the text is not one JSON value. Reads `padding` bytes behind the text and uses none of them.
  [[nodiscard]] std::optional<JsonValue> parse(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace memwall
