#include <fmt/format.h>

#include <set>

#include "sim/base/error.hpp"
#include "sim/config/json_writer.hpp"
#include "tools/sweep/report.hpp"

namespace memwall::tools::sweep {
namespace {

/// How an axis is drawn: as numbers where all its values are numbers of one unit, as names otherwise.
struct Drawn {
  bool numbers = true;
  std::string title;
};

Drawn drawn(const Report& report, std::size_t place, const Axis& axis) {
  std::set<std::string> units;
  Drawn out{true, axis.pointer};
  for (const StoredPoint& point : report.points) {
    const auto value = number_of(point.parameters[place].value);
    out.numbers = out.numbers && value.has_value();
    if (value) units.insert(value->unit);
  }
  out.numbers = out.numbers && units.size() == 1;
  if (out.numbers && !units.begin()->empty()) out.title += ", " + *units.begin();
  return out;
}

void write_value(JsonWriter& json, std::string_view key, const Drawn& how, const std::string& value) {
  if (how.numbers) {
    json.member(key, number_of(value)->number);
  } else {
    json.member(key, value);
  }
}

void write_channel(JsonWriter& json, std::string_view channel, std::string_view field, const Drawn& how, bool log) {
  json.key(channel).begin_object().member("field", field);
  json.member("type", how.numbers ? "quantitative" : "nominal").member("title", how.title);
  if (log) json.key("scale").begin_object().member("type", "log").end_object();
  json.end_object();
}

}  // namespace

std::string report_vega(const Report& report, const std::vector<Axis>& axes) {
  if (axes.empty() || axes.size() > 2) {
    throw InputError(fmt::format("--vega draws a metric over one axis or two, and this sweep has {}", axes.size()));
  }
  std::vector<Drawn> how;
  for (std::size_t i = 0; i < axes.size(); ++i) how.push_back(drawn(report, i, axes[i]));
  // Drawn points make a cloud; of a grid, each value of the second axis has a line of its own, so it is a name there.
  bool cloud = false;
  for (const Axis& axis : axes) cloud = cloud || (axis.range && axis.range->steps == 0);
  const Drawn colour = axes.size() > 1 ? Drawn{cloud && how[1].numbers, how[1].title} : Drawn{};
  const Column& column = report.columns.front();
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("$schema", "https://vega.github.io/schema/vega-lite/v5.json");
  json.key("data").begin_object().key("values").begin_list();
  for (const StoredPoint& point : report.points) {
    const auto value = report.values.front().find(point.id);
    if (value == report.values.front().end()) continue;
    json.begin_object().member("point", point.id);
    write_value(json, "x", how[0], point.parameters[0].value);
    if (axes.size() > 1) write_value(json, "line", colour, point.parameters[1].value);
    json.member("y", value->second * column.scale);
    const auto tier = report.bottleneck.find(point.id);
    json.member("bottleneck", tier == report.bottleneck.end() ? std::string() : tier->second).end_object();
  }
  json.end_list().end_object().key("mark").begin_object();
  json.member("type", cloud ? "point" : "line").member("point", !cloud).end_object();
  json.key("encoding").begin_object();
  write_channel(json, "x", "x", how[0], axes[0].range && axes[0].range->log);
  write_channel(json, "y", "y", {true, column.title}, false);
  if (axes.size() > 1) write_channel(json, "color", "line", colour, false);
  json.key("tooltip").begin_list();
  for (const std::string_view field : {"point", "x", "line", "y", "bottleneck"}) {
    if (field == "line" && axes.size() < 2) continue;
    json.begin_object().member("field", field).end_object();
  }
  json.end_list().end_object().end_object().finish();
  return text;
}

}  // namespace memwall::tools::sweep
