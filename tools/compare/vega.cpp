#include "tools/compare/vega.hpp"

namespace memwall::tools::compare {

std::string vega_text(const std::function<void(JsonWriter&)>& values, std::string_view rest) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("$schema", "https://vega.github.io/schema/vega-lite/v5.json");
  json.key("data").begin_object().key("values").begin_list();
  values(json);
  json.end_list().end_object();
  for (const json::Member& member : json::parse(rest, "drawing").root.members) {
    json.member(member.key, member.value);
  }
  json.end_object().finish();
  return text;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace memwall::tools::compare
