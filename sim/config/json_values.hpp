// One value of a document to what it stands for, or a fault that says what would be right. Knows no keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/error.hpp"
#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/config/json.hpp"

namespace memwall::json {

/// What all readers of one document share.
struct Findings {
  std::string file;
  std::vector<Fault> faults;
  std::vector<Provenance> provenance;

  /// First the faults of the document by line, then those of other files that were read on the way, then those of
  /// values set from outside. A key that is read twice has its fault twice; the reader of the message needs it once.
  [[nodiscard]] std::vector<Fault> in_order() &&;
};

/// Every function answers nothing after it has noted a fault at `pointer`. A silent one notes none.
class Values {
 public:
  Values(Findings& findings, bool silent) : findings_(findings), silent_(silent) {}

  [[nodiscard]] std::optional<std::int64_t> whole_number(const std::string& pointer, const Node& node,
                                                         const IntegerRule& rule);
  [[nodiscard]] std::optional<double> number(const std::string& pointer, const Node& node, const NumberRule& rule);
  [[nodiscard]] std::optional<double> plain_number(const std::string& pointer, const Node& node);
  /// In SI base units; a plain number where the dimension is empty.
  [[nodiscard]] std::optional<double> quantity(const std::string& pointer, const Node& node, Dimension dimension);
  [[nodiscard]] std::optional<std::size_t> position_among(const std::vector<std::string>& names,
                                                          const std::string& pointer, const Node& node);

  void wrong_kind(const std::string& pointer, const Node& node, std::string_view wanted);
  /// Line 0 is that of a value set from outside, whose fault belongs to no line of the file.
  void fault(int line, std::string pointer, std::string message);

 private:
  Findings& findings_;
  bool silent_;
};

}  // namespace memwall::json
