#include <fmt/format.h>

#include "sim/config/json_writer.hpp"
#include "tools/price/report.hpp"

namespace memwall::tools::price {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

double output_cost(const Point& p) { return p.at_rate.decode / p.request.output; }

const Point* first_served(const Curve& curve) {
  for (const Point& p : curve.points) {
    if (p.refusal.empty()) return &p;
  }
  return nullptr;
}

void write_points(JsonWriter& json, const std::vector<Curve>& curves) {
  for (const Curve& curve : curves) {
    const Point* from = first_served(curve);
    if (from == nullptr) continue;
    for (const Point& p : curve.points) {
      if (!p.refusal.empty()) continue;
      json.begin_object().member("machine", curve.name).member("context", p.context);
      json.member("relative", output_cost(p) / output_cost(*from)).member("batch", p.batch).end_object();
    }
  }
}

/// The cost at a threshold, read off the curve between its two neighbours; nothing outside of it.
void write_marks(JsonWriter& json, const std::vector<Curve>& curves) {
  for (const Curve& curve : curves) {
    const Point* from = first_served(curve);
    if (from == nullptr) continue;
    for (const Threshold& t : curve.thresholds) {
      if (!t.tokens) continue;
      for (std::size_t i = 1; i < curve.points.size(); ++i) {
        const Point& a = curve.points[i - 1];
        const Point& b = curve.points[i];
        const auto low = static_cast<double>(a.context);
        const auto high = static_cast<double>(b.context);
        if (!a.refusal.empty() || !b.refusal.empty() || *t.tokens < low || *t.tokens > high) continue;
        const double share = (*t.tokens - low) / (high - low);
        const double cost = (output_cost(a) * (1 - share) + output_cost(b) * share) / output_cost(*from);
        json.begin_object().member("machine", curve.name).member("context", *t.tokens);
        json.member("relative", cost).member("threshold", t.name).end_object();
        break;
      }
    }
  }
}

void axis(JsonWriter& json, std::string_view channel, std::string_view field, std::string_view title) {
  json.key(channel).begin_object().member("field", field).member("type", "quantitative").member("title", title);
  json.key("scale").begin_object().member("type", "log").end_object().end_object();
}

void layer(JsonWriter& json, std::string_view mark, const std::vector<Curve>& curves,
           void (*write)(JsonWriter&, const std::vector<Curve>&), std::string_view nominal, std::string_view shown_by) {
  json.begin_object().key("data").begin_object().key("values").begin_list();
  write(json, curves);
  json.end_list().end_object().key("mark").begin_object().member("type", mark);
  if (mark == "point") json.member("filled", true).member("size", 60);
  json.member("tooltip", true).end_object().key("encoding").begin_object();
  axis(json, "x", "context", "prompt tokens");
  axis(json, "y", "relative", "cost of a generated token over that at the first length");
  json.key("color").begin_object().member("field", "machine").member("type", "nominal").end_object();
  if (shown_by != "color") {
    json.key(shown_by).begin_object().member("field", nominal).member("type", "nominal").end_object();
  }
  json.end_object().end_object();
}

}  // namespace

std::string curves_csv(const std::vector<Curve>& curves) {
  std::string out =
      "machine,model,device,devices,unit,context,batch,held_by,tpot_s,ttft_s,requests_per_s,per_mtok_input,"
      "per_mtok_cached,per_mtok_output,request_prefill,request_storage,request_decode,request_idle,request_total,"
      "cache_byte_seconds_per_output_token,refusal\n";
  for (const Curve& c : curves) {
    if (!c.refusal.empty()) {
      out += quoted(c.name) + ",,,,,,,,,,,,,,,,,,,," + quoted(c.refusal) + "\n";
      continue;
    }
    for (const Point& p : c.points) {
      out += fmt::format("{},{},{},{},{},{},", quoted(c.name), quoted(c.model), quoted(c.device), c.devices,
                         c.money.unit(), p.context);
      if (!p.refusal.empty()) {
        out += ",,,,,,,,,,,,,," + quoted(p.refusal) + "\n";
        continue;
      }
      out += fmt::format("{},{},{},{},{},{},", p.batch, name(p.held), p.tpot_s, p.ttft_s, p.requests_per_s,
                         p.at_rate.prefill / p.request.uncached * 1e6);
      out += p.cached() > 0 ? fmt::format("{},", p.at_rate.storage / p.cached() * 1e6) : std::string(",");
      out += fmt::format("{},{},{},{},{},{},{},\n", output_cost(p) * 1e6, p.at_load.prefill, p.at_load.storage,
                         p.at_load.decode, p.at_load.idle, p.at_load.total(), p.cache_byte_seconds);
    }
  }
  return out;
}

std::string curves_vega(const std::vector<Curve>& curves) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("$schema", "https://vega.github.io/schema/vega-lite/v5.json");
  json.member("width", 720).member("height", 420).key("layer").begin_list();
  layer(json, "line", curves, write_points, "machine", "color");
  layer(json, "point", curves, write_marks, "threshold", "shape");
  json.end_list().end_object().finish();
  return text;
}

}  // namespace memwall::tools::price
