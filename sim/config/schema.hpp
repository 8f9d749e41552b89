// What a function that reads a document would accept: its declarations, without any document. Prints the JSON Schema
// for editors and the tables of the documentation, so that neither can disagree with the reader.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"

namespace memwall {

struct Declaration;
struct DeclaredUnion;

/// The declared keys of one object, in the order of declaration.
struct DeclaredObject {
  std::vector<Declaration> keys;
  std::vector<DeclaredUnion> unions;

  [[nodiscard]] bool declares(std::string_view key) const;
};

/// One declared key.
struct Declaration {
  enum class Kind : std::uint8_t {
    integer,
    number,
    boolean,
    text,
    choice,
    quantity,
    integer_or_object,
    object,
    list,
    map,
    numbers,
    texts,
    quantities,
    sourced
  };
  std::string key;
  Kind kind = Kind::text;
  std::string doc;
  bool required = false;
  std::optional<std::string> fallback;  ///< as JSON
  std::optional<std::string> low;       ///< as JSON
  std::optional<std::string> high;      ///< as JSON
  Dimension dimension;                  ///< of quantity, quantities and sourced
  std::vector<std::string> names;       ///< of a choice
  std::vector<std::string> name_docs;
  DeclaredObject content;  ///< of object, integer_or_object and the items of list and map
};

/// The keys that depend on the value of a tag. The tag itself is a choice among the keys of its object.
struct DeclaredUnion {
  std::string tag;
  std::optional<std::size_t> fallback;
  std::vector<std::string> names;
  std::vector<DeclaredObject> contents;  ///< one for each name
};

class Schema {
 public:
  explicit Schema(DeclaredObject root) : root_(std::move(root)) {}

  [[nodiscard]] const DeclaredObject& root() const { return root_; }
  /// JSON Schema, draft 2020-12, ending in a line break.
  [[nodiscard]] std::string json(std::string_view title = "memwall scenario") const;
  /// A heading and a table of keys for each object, ending in a line break.
  [[nodiscard]] std::string markdown() const;

 private:
  DeclaredObject root_;
};

/// Runs `read` with a reader that has no document: `has` is true, every variant is read, every list has one item, and
/// each value is its fallback, or else neutral and within its bounds (units::example for a quantity).
[[nodiscard]] Schema describe(const std::function<void(Reader&)>& read);

}  // namespace memwall
