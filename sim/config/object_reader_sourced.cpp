// Values with their source, as catalogue files hold them.
#include <fmt/format.h>

#include "sim/base/units.hpp"
#include "sim/config/object_reader.hpp"

namespace memwall::json {

Sourced<std::string> ObjectReader::sourced_block(std::string what) {
  Sourced<std::string> out;
  out.basis = basis();
  out.source = source();
  out.value = what;
  note({pointer_, std::move(what), out.basis, out.source, std::nullopt});
  return out;
}

Sourced<double> ObjectReader::sourced_value(std::string_view key, Dimension dimension, std::string_view) {
  Sourced<double> out;
  // An example is a value with a fitting unit; it stands in for a faulty one.
  out.value = units::parse(units::example(dimension), dimension).value.value_or(0);
  const Node* node = present(key, false);
  if (node == nullptr) return out;
  if (node->kind != Kind::object) {
    const std::string example = dimension == Dimension{} ? "0.9" : fmt::format("\"{}\"", units::example(dimension));
    values_.wrong_kind(pointer_to(key), *node,
                       fmt::format(R"(an object like {{"value": {}, "basis": "vendor", "source": "..."}})", example));
    return out;
  }
  ObjectReader reader(findings_, *node, pointer_to(key), silent_);
  reader.read_sourced(dimension, out);
  record(key, reader.finish());
  return out;
}

void ObjectReader::note(Provenance provenance) {
  if (!silent_) findings_.provenance.push_back(std::move(provenance));
}

Basis ObjectReader::basis() {
  const std::vector<std::string> names(basis_names.begin(), basis_names.end());
  const std::optional<std::size_t> position = pick("basis", names, std::nullopt);
  return position ? static_cast<Basis>(*position) : Basis::placeholder;
}

std::string ObjectReader::source() {
  std::string out = text("source", std::nullopt, "");
  if (has("source") && out.find_first_not_of(' ') == std::string::npos && object_.find("source")->kind == Kind::text) {
    fault("source", "the source is empty; say where the number comes from");
  }
  return out;
}

void ObjectReader::read_sourced(Dimension dimension, Sourced<double>& out) {
  const Node* value = plain("value", false);
  out.basis = basis();
  out.source = source();
  out.range = range(dimension);
  if (value == nullptr) return;
  const std::optional<double> read = values_.quantity(pointer_to("value"), *value, dimension);
  if (!read) return;
  out.value = *read;
  if (out.range && (*read < out.range->low || *read > out.range->high)) {
    fault("value", fmt::format("{} is outside its own range {}..{}", value->text, object_.find("low")->text,
                               object_.find("high")->text));
  }
  note({pointer_, value->text, out.basis, out.source, out.range});
}

std::optional<Range> ObjectReader::range(Dimension dimension) {
  const Node* low = plain("low", true);
  const Node* high = plain("high", true);
  if (low == nullptr && high == nullptr) return std::nullopt;
  if (low == nullptr || high == nullptr) {
    fault(low == nullptr ? "high" : "low", "\"low\" and \"high\" make a range together; write both or none");
    return std::nullopt;
  }
  const std::optional<double> from = values_.quantity(pointer_to("low"), *low, dimension);
  const std::optional<double> to = values_.quantity(pointer_to("high"), *high, dimension);
  if (!from || !to) return std::nullopt;
  return Range{*from, *to};
}

}  // namespace memwall::json
