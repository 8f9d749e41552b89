// The interface through which every part declares and reads its keys of a JSON object, in one call each.
//
// A key is declared exactly where it is used. Reading collects faults instead of throwing at the first; keys that
// nobody asked for are faults too. The same declarations print the schema: a reader may be backed by no document at
// all, and then every call answers its fallback and only the declaration is kept. The implementations live in
// sim/config.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/quantity.hpp"

namespace memwall {

class Reader;

/// A named alternative of a choice, with the sentence that the schema prints.
struct Choice {
  std::string_view name;
  std::string_view doc;
};

/// An alternative of a tagged union: the keys that belong to this value of the tag.
struct Variant {
  std::string_view name;
  std::string_view doc;
  std::function<void(Reader&)> read;
};

/// Bounds and fallback of a whole number. Without `fallback` the key is required.
struct IntegerRule {
  std::optional<std::int64_t> fallback = {};
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

/// Bounds and fallback of a number without a dimension. Without `fallback` the key is required.
struct NumberRule {
  std::optional<double> fallback = {};
  double low = 0;
  double high = std::numeric_limits<double>::max();
};

class Reader {
 public:
  virtual ~Reader() = default;

  /// Whether the key is present. Does not count as reading it. A schema reader answers true.
  [[nodiscard]] virtual bool has(std::string_view key) const = 0;

  [[nodiscard]] virtual std::int64_t integer(std::string_view key, IntegerRule rule, std::string_view doc) = 0;
  /// The same where absence means something of its own; the rule has no fallback.
  [[nodiscard]] virtual std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRule rule,
                                                                     std::string_view doc) = 0;
  [[nodiscard]] virtual double number(std::string_view key, NumberRule rule, std::string_view doc) = 0;
  [[nodiscard]] virtual bool boolean(std::string_view key, bool fallback, std::string_view doc) = 0;
  [[nodiscard]] virtual std::optional<bool> optional_boolean(std::string_view key, std::string_view doc) = 0;
  [[nodiscard]] virtual std::string text(std::string_view key, std::optional<std::string> fallback,
                                         std::string_view doc) = 0;

  /// Position of the value among `choices`. Without `fallback` (a position) the key is required.
  [[nodiscard]] virtual std::size_t choice(std::string_view key, const std::vector<Choice>& choices,
                                           std::optional<std::size_t> fallback, std::string_view doc) = 0;
  /// The same where absence means something of its own.
  [[nodiscard]] virtual std::optional<std::size_t> optional_choice(std::string_view key,
                                                                   const std::vector<Choice>& choices,
                                                                   std::string_view doc) = 0;

  /// Reads the tag `key` and then calls `read` of the variant that it names, on this same object. A schema reader calls
  /// every variant. Returns the position; without `fallback` the tag is required.
  virtual std::size_t variant(std::string_view key, const std::vector<Variant>& variants,
                              std::optional<std::size_t> fallback, std::string_view doc) = 0;

  /// A whole number written plainly, or an object in its place: answers the number, or calls `read` on the object and
  /// answers nothing. Absent: the rule's fallback, or a fault. A schema reader answers nothing after calling `read`.
  [[nodiscard]] virtual std::optional<std::int64_t> integer_or_object(std::string_view key, IntegerRule rule,
                                                                      std::string_view doc,
                                                                      const std::function<void(Reader&)>& read) = 0;

  /// Calls `read` on the object at `key`. An absent object is read as an empty one when `required` is false, so that
  /// its keys take their fallbacks.
  virtual void object(std::string_view key, bool required, std::string_view doc,
                      const std::function<void(Reader&)>& read) = 0;

  /// Calls `read` on each object of the list at `key`, in order. Returns the length; 0 when absent and not required.
  virtual std::size_t list(std::string_view key, bool required, std::string_view doc,
                           const std::function<void(Reader&)>& read) = 0;

  /// Calls `read(name, object)` on each member of the object at `key`, in the order of the file.
  virtual void map(std::string_view key, bool required, std::string_view doc,
                   const std::function<void(const std::string&, Reader&)>& read) = 0;

  /// A list of plain numbers; empty when absent and not required.
  [[nodiscard]] virtual std::vector<double> numbers(std::string_view key, bool required, std::string_view doc) = 0;
  /// A list of texts; empty when absent and not required.
  [[nodiscard]] virtual std::vector<std::string> texts(std::string_view key, bool required, std::string_view doc) = 0;

  /// Adds a fault at `key` (or at this object when the key is empty), for rules that span several keys.
  virtual void fault(std::string_view key, std::string message) = 0;

  /// Refuses a key that is planned and not built: `why` is told in place of "unknown key" where the key is present.
  /// With `value`, only this text at the key is refused so. Comes before the key is read, and is no part of the schema.
  virtual void reserve(std::string_view key, std::optional<std::string_view> value, std::string_view why) = 0;

  /// A value with a dimension, written as text with its unit. `fallback` is such a text; absent means required.
  template <class Q>
  [[nodiscard]] Q quantity(std::string_view key, std::optional<std::string_view> fallback, std::string_view doc) {
    return Q{dimensioned(key, Q::dimension, fallback, doc)};
  }
  /// The same where absence means something of its own.
  template <class Q>
  [[nodiscard]] std::optional<Q> optional_quantity(std::string_view key, std::string_view doc) {
    if (const auto value = optional_dimensioned(key, Q::dimension, doc)) return Q{*value};
    return std::nullopt;
  }
  /// A list of values with a dimension, each text with its unit; empty when absent and not required.
  template <class Q>
  [[nodiscard]] std::vector<Q> quantities(std::string_view key, bool required, std::string_view doc) {
    std::vector<Q> out;
    for (const double value : dimensioned_list(key, Q::dimension, required, doc)) out.push_back(Q{value});
    return out;
  }

  /// A number of a catalogue: an object {"value": "3.35 TB/s", "basis": "vendor", "source": "...", "low": ..., "high":
  /// ...}. `low` and `high` are optional. What was read is also kept in `provenance()`.
  template <class Q>
  [[nodiscard]] Sourced<Q> sourced(std::string_view key, std::string_view doc) {
    const Sourced<double> raw = sourced_value(key, Q::dimension, doc);
    return {Q{raw.value}, raw.basis, raw.source, raw.range};
  }
  /// The same for a number without a dimension, whose "value" is a JSON number.
  [[nodiscard]] Sourced<double> sourced_number(std::string_view key, std::string_view doc) {
    return sourced_value(key, Dimension{}, doc);
  }
  /// Basis and source of the object being read (a table has one of each for all its rows): reads its "basis" and
  /// "source", and notes `what` in `provenance()`.
  virtual Sourced<std::string> sourced_block(std::string what) = 0;

  /// Everything `sourced` values of this document that was read so far, in reading order.
  [[nodiscard]] virtual const std::vector<Provenance>& provenance() const = 0;

 protected:
  [[nodiscard]] virtual double dimensioned(std::string_view key, Dimension dimension,
                                           std::optional<std::string_view> fallback, std::string_view doc) = 0;
  [[nodiscard]] virtual std::optional<double> optional_dimensioned(std::string_view key, Dimension dimension,
                                                                   std::string_view doc) = 0;
  [[nodiscard]] virtual std::vector<double> dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                                             std::string_view doc) = 0;
  [[nodiscard]] virtual Sourced<double> sourced_value(std::string_view key, Dimension dimension,
                                                      std::string_view doc) = 0;
};

}  // namespace memwall
