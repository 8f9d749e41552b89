// Reads one object of a document: the Reader behind Document. Internal to sim/config.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/reader.hpp"
#include "sim/config/json.hpp"
#include "sim/config/json_values.hpp"

namespace memwall::json {

/// A reader is `silent` where its object stands in for one that is missing or of a wrong kind: that is a fault already,
/// and what would be missing inside of it is none.
class ObjectReader final : public Reader {
 public:
  ObjectReader(Findings& findings, const Node& object, std::string pointer, bool silent);

  /// Ends the reading: members that nobody declared are faults. Not after a wrong tag, whose keys cannot be known.
  /// Answers the object with every declared key and the value that was used.
  Node finish();

  bool has(std::string_view key) const override { return object_.find(key) != nullptr; }
  std::int64_t integer(std::string_view key, IntegerRule rule, std::string_view doc) override;
  std::optional<std::int64_t> optional_integer(std::string_view key, IntegerRule rule, std::string_view doc) override;
  double number(std::string_view key, NumberRule rule, std::string_view doc) override;
  bool boolean(std::string_view key, bool fallback, std::string_view doc) override;
  std::optional<bool> optional_boolean(std::string_view key, std::string_view doc) override;
  std::string text(std::string_view key, std::optional<std::string> fallback, std::string_view doc) override;
  std::size_t choice(std::string_view key, const std::vector<Choice>& choices, std::optional<std::size_t> fallback,
                     std::string_view doc) override;
  std::optional<std::size_t> optional_choice(std::string_view key, const std::vector<Choice>& choices,
                                             std::string_view doc) override;
  std::size_t variant(std::string_view key, const std::vector<Variant>& variants, std::optional<std::size_t> fallback,
                      std::string_view doc) override;
  std::optional<std::int64_t> integer_or_object(std::string_view key, IntegerRule rule, std::string_view doc,
                                                const std::function<void(Reader&)>& read) override;
  void object(std::string_view key, bool required, std::string_view doc,
              const std::function<void(Reader&)>& read) override;
  std::size_t list(std::string_view key, bool required, std::string_view doc,
                   const std::function<void(Reader&)>& read) override;
  void map(std::string_view key, bool required, std::string_view doc,
           const std::function<void(const std::string&, Reader&)>& read) override;
  std::vector<double> numbers(std::string_view key, bool required, std::string_view doc) override;
  std::vector<std::string> texts(std::string_view key, bool required, std::string_view doc) override;
  void fault(std::string_view key, std::string message) override;
  void reserve(std::string_view key, std::optional<std::string_view> value, std::string_view why) override;
  Sourced<std::string> sourced_block(std::string what) override;
  const std::vector<Provenance>& provenance() const override { return findings_.provenance; }

 protected:
  double dimensioned(std::string_view key, Dimension dimension, std::optional<std::string_view> fallback,
                     std::string_view doc) override;
  std::optional<double> optional_dimensioned(std::string_view key, Dimension dimension, std::string_view doc) override;
  std::vector<double> dimensioned_list(std::string_view key, Dimension dimension, bool required,
                                       std::string_view doc) override;
  Sourced<double> sourced_value(std::string_view key, Dimension dimension, std::string_view doc) override;

 private:
  std::optional<bool> truth(std::string_view key, const json::Node* node);
  [[nodiscard]] std::string pointer_to(std::string_view key) const { return child_pointer(pointer_, key); }
  [[nodiscard]] std::string item_pointer(std::string_view key, std::size_t i) const;

  /// Declares a key and answers its value; one that is required and missing is a fault.
  const Node* present(std::string_view key, bool optional);
  /// The same of a plain value, which is recorded as it is written; an absent one as its fallback, where it has one.
  const Node* plain(std::string_view key, bool optional, const std::optional<Node>& fallback = std::nullopt);
  const Node* list_at(std::string_view key, bool required, std::string_view wanted);
  /// The position of the value at `key` among `names`, or the fallback's; nothing after a fault.
  std::optional<std::size_t> pick(std::string_view key, const std::vector<std::string>& names,
                                  std::optional<std::size_t> fallback, bool optional = false);

  /// A list or an object whose members are put together by the call.
  Node descend(const Node& node, std::string pointer, bool silent, const std::function<void(Reader&)>& read);
  Node read_object(const Node& node, std::string pointer, const std::function<void(Reader&)>& read);
  void record(std::string_view key, Node value);

  [[nodiscard]] std::string unknown_key_advice(const std::string& key) const;
  void note(Provenance provenance);
  Basis basis();
  std::string source();
  void read_sourced(Dimension dimension, Sourced<double>& out);
  std::optional<Range> range(Dimension dimension);

  Findings& findings_;
  Values values_;
  const Node& object_;
  std::string pointer_;
  bool silent_;
  bool tag_unknown_ = false;
  std::vector<std::string> known_;    ///< in the order of declaration, as messages list them
  std::vector<std::string> refused_;  ///< reserved keys that are present
  Node resolved_;
};

}  // namespace memwall::json
