#include <fmt/format.h>

#include <algorithm>

#include "sim/config/json_writer.hpp"
#include "tools/plan/advice.hpp"
#include "tools/plan/report.hpp"

namespace memwall::tools::plan {
namespace {

void write_trial(JsonWriter& json, const Trial& trial) {
  json.begin_object().key("objectives").begin_list();
  for (const Verdict& verdict : trial.verdicts) {
    json.begin_object().member("metric", name(verdict.bound.metric)).member("percentile", verdict.bound.percentile);
    json.member("limit_s", verdict.bound.limit.seconds()).member("observed_s", verdict.observed_s);
    json.member("met", verdict.met).end_object();
  }
  json.end_list().key("load_over_capacity");
  trial.load ? json.value(*trial.load) : json.null();
  json.member("requests_per_s", trial.requests_per_s).member("output_tokens_per_s", trial.output_tokens_per_s);
  json.member("attainment", trial.attainment).member("bottleneck", name(trial.bottleneck));
  json.member("bottleneck_share", trial.bottleneck_share).member("next_bottleneck", name(trial.runner_up));
  json.member("limit", name(trial.limit)).member("usd_per_mtok_generated", trial.usd_per_mtok_output);
  json.key("mean_watts");
  trial.mean_watts ? json.value(*trial.mean_watts) : json.null();
  json.key("inputs").begin_object();
  for (std::size_t i = 0; i < trial.inputs.size(); ++i) json.member(basis_names[i], trial.inputs[i]);
  json.end_object();
  json.end_object();
}

void write_rejection(JsonWriter& json, const Rejection& rejection) {
  json.member("reason", name(rejection.reason)).member("text", rejection.text).member("change", rejection.change);
}

void write_layout(JsonWriter& json, const Offer& offer) {
  json.member("device", offer.layout.device).member("devices_per_replica", offer.found.devices);
  json.member("links", offer.layout.links);
  if (offer.layout.engine.max_num_seqs) json.member("max_num_seqs", *offer.layout.engine.max_num_seqs);
  if (offer.layout.engine.max_num_batched_tokens) {
    json.member("max_num_batched_tokens", *offer.layout.engine.max_num_batched_tokens);
  }
}

void write_candidate(JsonWriter& json, const FleetPlan& plan, const Candidate& candidate) {
  json.begin_object();
  write_layout(json, plan.offers[candidate.offer]);
  json.member("replicas", candidate.replicas).member("devices", candidate.devices);
  json.member("usd_per_hour", candidate.usd_per_hour);
  write_rejection(json, candidate.rejection);
  json.key("run");
  if (candidate.trial) {
    write_trial(json, *candidate.trial);
  } else {
    json.null();
  }
  json.end_object();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string plan_json(const FleetPlan& plan, const Traffic& traffic, const std::optional<HighestRate>& reach) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("traffic").begin_object().member("requests", traffic.requests);
  json.key("requests_per_s");
  traffic.requests_per_s ? json.value(*traffic.requests_per_s * plan.rate_factor) : json.null();
  json.member("mean_input_tokens", traffic.mean.input).member("mean_output_tokens", traffic.mean.output).end_object();
  json.member("simulated", plan.runs).key("plan");
  if (plan.best) {
    write_candidate(json, plan, plan.candidates[*plan.best]);
  } else {
    json.null();
  }
  json.key("nearest_miss");
  const auto miss = plan.best ? std::nullopt : nearest_miss(plan);
  if (miss) {
    write_candidate(json, plan, plan.candidates[*miss]);
  } else {
    json.null();
  }
  json.key("headroom");
  if (reach && reach->at) {
    json.begin_object()
        .member("requests_per_s", reach->requests_per_s)
        .member("factor", reach->factor / plan.rate_factor);
    json.member("then", reach->above->rejection.text).end_object();
  } else {
    json.null();
  }
  json.key("layouts").begin_list();
  for (const Offer& offer : plan.offers) {
    json.begin_object();
    write_layout(json, offer);
    json.member("usd_per_hour_per_replica", offer.found.usd_per_hour).key("capacity_requests_per_s");
    offer.found.capacity ? json.value(offer.found.capacity->requests_per_s) : json.null();
    json.member("least_tpot_s", offer.found.least_tpot_s).member("least_prompt_s", offer.found.least_prompt_s);
    write_rejection(json, offer.found.fits() ? Rejection{} : offer.found.rejection);
    json.end_object();
  }
  json.end_list().key("candidates").begin_list();
  for (const Candidate& candidate : plan.candidates) write_candidate(json, plan, candidate);
  json.end_list().end_object().finish();
  return text;
}

std::string candidates_csv(const FleetPlan& plan) {
  std::string out =
      "device,devices_per_replica,links,max_num_seqs,max_num_batched_tokens,replicas,devices,usd_per_hour,"
      "simulated,reason,text,change\n";
  const auto row = [&out](const Offer& offer, std::int64_t replicas, std::int64_t devices, double usd, bool ran,
                          const Rejection& rejection) {
    const EngineSettings& engine = offer.layout.engine;
    const auto number = [](const auto& value) { return value ? std::to_string(*value) : std::string(); };
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted(offer.layout.device), offer.found.devices,
                       offer.layout.links, number(engine.max_num_seqs), number(engine.max_num_batched_tokens), replicas,
                       devices, usd, ran ? 1 : 0, name(rejection.reason), quoted(rejection.text),
                       quoted(rejection.change));
  };
  for (const Offer& offer : plan.offers) {
    if (!offer.found.fits()) row(offer, 0, 0, 0, false, offer.found.rejection);
  }
  for (const Candidate& each : plan.candidates) {
    row(plan.offers[each.offer], each.replicas, each.devices, each.usd_per_hour, each.trial.has_value(),
        each.rejection);
  }
  return out;
}

std::string plan_vega(const FleetPlan& plan) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("$schema", "https://vega.github.io/schema/vega-lite/v5.json");
  json.key("data").begin_object().key("values").begin_list();
  for (const Candidate& candidate : plan.candidates) {
    if (!candidate.trial) continue;
    const Verdict* verdict = tightest(candidate.trial->verdicts);
    if (verdict == nullptr) continue;
    json.begin_object().member("fleet", fleet_name(plan, candidate)).member("usd_per_hour", candidate.usd_per_hour);
    json.member("device", plan.offers[candidate.offer].layout.device);
    json.member("of_limit", verdict->observed_s / verdict->bound.limit.seconds());
    json.member("objective", bound_name(verdict->bound)).member("bottleneck", name(candidate.trial->bottleneck));
    json.member("meets", candidate.trial->passed()).end_object();
  }
  json.end_list().end_object().key("mark").begin_object().member("type", "point").member("filled", true).end_object();
  json.key("encoding").begin_object();
  const auto axis = [&json](std::string_view channel, std::string_view field, std::string_view title,
                            std::string_view scale) {
    json.key(channel).begin_object().member("field", field).member("type", "quantitative").member("title", title);
    json.key("scale").begin_object().member("type", scale).end_object().end_object();
  };
  axis("x", "usd_per_hour", "USD/h of the fleet", "linear");
  axis("y", "of_limit", "tightest objective over its limit", "log");
  json.key("color").begin_object().member("field", "device").member("type", "nominal").end_object();
  json.key("shape").begin_object().member("field", "meets").member("type", "nominal").end_object();
  json.key("tooltip").begin_list();
  for (const std::string_view field : {"fleet", "usd_per_hour", "objective", "of_limit", "bottleneck", "meets"}) {
    json.begin_object().member("field", field).end_object();
  }
  json.end_list().end_object().end_object().finish();
  return text;
}

}  // namespace memwall::tools::plan
