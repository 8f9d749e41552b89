#include "sim/config/json_writer.hpp"
#include "tools/price/report.hpp"

namespace memwall::tools::price {
namespace {

void write_parts(JsonWriter& json, std::string_view key, const CostParts& parts) {
  json.key(key).begin_object().member("prefill", parts.prefill).member("decode", parts.decode);
  json.member("storage", parts.storage).member("idle", parts.idle).member("total", parts.total()).end_object();
}

void write_optional(JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

void write_point(JsonWriter& json, const Point& p) {
  json.begin_object().member("context", p.context);
  if (!p.refusal.empty()) {
    json.member("refused", p.refusal).end_object();
    return;
  }
  json.member("input_tokens", p.request.input).member("uncached_tokens", p.request.uncached);
  json.member("output_tokens", p.request.output).member("batch", p.batch).member("held_by", name(p.held));
  json.member("tpot_s", p.tpot_s).member("ttft_s", p.ttft_s).member("requests_per_s", p.requests_per_s);
  json.member("resting_share", p.resting_share).member("cache_byte_seconds_per_output_token", p.cache_byte_seconds);
  write_parts(json, "request_at_rate", p.at_rate);
  write_parts(json, "request_at_load", p.at_load);
  json.end_object();
}

void write_tariff(JsonWriter& json, const Tariff& tariff) {
  json.begin_object().member("semantics", name(tariff.semantics)).member("regret", tariff.regret);
  json.key("steps").begin_list();
  for (const double step : tariff.steps) json.value(step);
  json.end_list().key("prices_per_token").begin_list();
  for (const Prices& p : tariff.prices) {
    json.begin_object().member("input", p.input).member("cached", p.cached).member("output", p.output).end_object();
  }
  json.end_list().end_object();
}

void write_tariffs(JsonWriter& json, const Tariffs& t) {
  json.key("tariffs").begin_object().member("traffic", t.traffic).member("requests", t.requests);
  json.member("refused", t.refused).member("margin", t.margin).key("best").begin_list();
  for (const Tariff& tariff : t.all) write_tariff(json, tariff);
  json.end_list().key("public_steps").begin_list();
  for (const Explained& step : t.steps) {
    json.begin_object().member("provider", step.list.provider).member("model", step.list.model);
    json.member("step", step.list.step).member("basis", "vendor").member("source", step.list.source);
    write_optional(json, "cost_rise", step.cost_rise);
    if (step.cost_rise) json.member("list_rise", step.list_rise);
    write_optional(json, "explained", step.share());
    json.end_object();
  }
  json.end_list().end_object();
}

void write_curve(JsonWriter& json, const Curve& c) {
  json.begin_object().member("machine", c.name);
  if (!c.refusal.empty()) {
    json.member("refused", c.refusal).end_object();
    return;
  }
  json.member("model", c.model).member("weights", c.weights).member("device", c.device).member("devices", c.devices);
  json.member("unit", c.money.unit()).member("price_basis", name(c.money.basis));
  json.key("demand").begin_object().member("output_tokens", c.demand.output).member("cached", c.demand.cached);
  json.member("hold_s", c.demand.hold_s).member("load", c.demand.load);
  write_optional(json, "tpot_s", c.demand.tpot_s);
  json.end_object().member("weight_bytes", c.bytes.weights).member("active_weight_bytes", c.bytes.active_weights);
  json.member("kv_bytes_per_token", c.bytes.kv_per_token).member("cache_bytes", c.cache_bytes);
  write_optional(json, "break_even_hold_s", c.break_even_hold_s);
  json.key("points").begin_list();
  for (const Point& p : c.points) write_point(json, p);
  json.end_list().key("thresholds").begin_list();
  for (const Threshold& t : c.thresholds) {
    json.begin_object().member("name", t.name).member("says", t.says);
    write_optional(json, "tokens", t.tokens);
    if (!t.tokens) json.member("why_none", t.why_none);
    json.end_object();
  }
  json.end_list();
  if (c.tariffs) write_tariffs(json, *c.tariffs);
  json.key("notes").begin_list();
  for (const std::string& note : c.notes) json.value(note);
  json.end_list().end_object();
}

}  // namespace

std::string price_json(const std::vector<Curve>& curves) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("machines").begin_list();
  for (const Curve& curve : curves) write_curve(json, curve);
  json.end_list().end_object().finish();
  return text;
}

}  // namespace memwall::tools::price
