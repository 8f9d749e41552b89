#include "sim/scenario/versions.hpp"

#include "sim/base/hash.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/metrics/digest.hpp"

namespace memwall {

std::string scenario_version(const json::Node& resolved) {
  std::string text;
  JsonWriter json(text);
  json.value(resolved).finish();
  return hex16(Hasher().add(text).value());
}

std::string data_version(const std::set<std::string>& texts) {
  Hasher hash;
  for (const std::string& text : texts) hash.add(text);
  return hex16(hash.value());
}

}  // namespace memwall
