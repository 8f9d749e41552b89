#include "tools/exports/result_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/config/json_writer.hpp"

namespace memwall::tools::exports {
namespace {

void write_latency(JsonWriter& json, const std::string& name, const Summary& seconds) {
  const auto ms = [](double s) { return s * 1000; };
  json.member("mean_" + name + "_ms", ms(seconds.mean)).member("median_" + name + "_ms", ms(seconds.p50));
  json.member("std_" + name + "_ms", ms(seconds.std)).member("p99_" + name + "_ms", ms(seconds.p99));
}

/// The sizes by which vLLM's Pareto plot counts GPUs; only where one pool tells them.
void write_sizes(JsonWriter& json, const Outcome& outcome) {
  if (outcome.built.pools.size() != 1) return;
  const BuiltPool& pool = outcome.built.pools.front();
  json.member("tensor_parallel_size", pool.spec.tensor);
  json.member("pipeline_parallel_size", std::int64_t{1});
  json.member("data_parallel_size", pool.devices() / std::max<std::int64_t>(1, pool.spec.tensor));
}

template <class Values, class Text>
void list(std::string& out, std::string_view key, const Values& values, Text text) {
  out += out.empty() ? "" : ",\n";
  out += fmt::format("  \"{}\": [", key);
  bool first = true;
  for (const auto& value : values) {
    out += first ? "" : ", ";
    first = false;
    text(value);
  }
  out += ']';
}

}  // namespace

std::string model_name(const Scenario& scenario) {
  std::string out;
  for (const auto& [key, model] : scenario.models) out += (out.empty() ? "" : ",") + model.config;
  return out;
}

void TokenTimes::cycles(const CycleSpan& span) {
  if (span.decode_tokens == 0) return;
  std::vector<std::int64_t>& born = born_ps_[span.replica.value];
  for (std::int64_t k = span.offset; k < span.offset + span.cycles; ++k) {
    const Time at = span.latency == nullptr ? span.clock.boundary(k + 1)
                                            : span.clock.boundary(k) + Duration{whole_ps(span.latency->at(k))};
    born.push_back((at - Time{}).ps);
  }
}

std::string TokenTimes::members() const {
  std::vector<const RequestRecord*> order;
  for (const RequestRecord& record : records_) order.push_back(&record);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->id.value < b->id.value; });
  const auto good = [](const RequestRecord* record) { return record->status == Status::completed; };
  const auto seconds = [](std::int64_t ps) { return static_cast<double>(ps) * 1e-12; };
  std::string out;
  const auto number = [&](auto value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  list(out, "input_lens", order, [&](const auto* record) { number(record->input_tokens); });
  list(out, "output_lens", order, [&](const auto* record) { number(good(record) ? record->output_tokens : 0); });
  list(out, "ttfts", order,
       [&](const auto* record) { number(good(record) ? (record->first_token - record->arrival).seconds() : 0.0); });
  std::int64_t even = 0;
  list(out, "itls", order, [&](const RequestRecord* record) {
    out += '[';
    const std::int64_t gaps = good(record) ? record->output_tokens - 1 : 0;
    if (gaps > 0) {
      const auto place = born_ps_.find(record->replica.value);
      std::vector<std::int64_t>::const_iterator from;
      std::vector<std::int64_t>::const_iterator until;
      if (place != born_ps_.end()) {
        from = std::upper_bound(place->second.begin(), place->second.end(), (record->first_token - Time{}).ps);
        until = std::upper_bound(from, place->second.end(), (record->finish - Time{}).ps);
      }
      std::int64_t before = (record->first_token - Time{}).ps;
      const std::int64_t last = (record->finish - Time{}).ps;
      const bool exact = place != born_ps_.end() && until - from == gaps;
      if (!exact) ++even;
      for (std::int64_t i = 0; i < gaps; ++i) {
        const std::int64_t at = exact ? *(from + i) : before + (last - before) / (gaps - i);
        if (i > 0) out += ", ";
        number(seconds(at - before));
        before = at;
      }
    }
    out += ']';
  });
  list(out, "start_times", order, [&](const auto* record) { number((record->arrival - Time{}).seconds()); });
  list(out, "generated_texts", order, [&](const auto*) { out += "\"\""; });
  list(out, "errors", order, [&](const auto* record) {
    if (good(record)) {
      out += "\"\"";
    } else {
      fmt::format_to(std::back_inserter(out), "\"{}\"", name(record->status));
    }
  });
  return out + fmt::format(",\n  \"itls_spread_evenly\": {}", even);
}

std::string result_json(const LoadedScenario& loaded, const Outcome& outcome, const VllmTally& tally,
                        const TokenTimes* detailed) {
  const Results& r = outcome.results;
  const std::int64_t completed = r.requests.of(Status::completed);
  const std::string model = model_name(loaded.scenario);
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("date", "19700101-000000").member("endpoint_type", "memwall").member("backend", "memwall");
  json.member("label", loaded.scenario.name).member("model_id", model).member("tokenizer_id", model);
  json.member("num_prompts", r.requests.arrived).key("request_rate");
  if (!outcome.closed_loop && outcome.arrivals.ps > 0) {
    json.value(static_cast<double>(r.requests.arrived) / outcome.arrivals.seconds());
  } else {
    json.value("inf");
  }
  json.member("burstiness", 1.0).key("max_concurrency").null();
  write_sizes(json, outcome);
  json.member("duration", r.duration.seconds()).member("completed", completed);
  json.member("failed", r.requests.arrived - completed);
  json.member("total_input_tokens", r.tokens.input).member("total_output_tokens", r.tokens.output);
  json.member("request_throughput", r.throughput.requests_per_s).key("request_goodput");
  if (r.goodput) {
    json.value(r.goodput->requests_per_s);
  } else {
    json.null();
  }
  json.member("output_throughput", r.throughput.output_tokens_per_s);
  json.member("total_token_throughput", r.throughput.input_tokens_per_s + r.throughput.output_tokens_per_s);
  json.member("max_output_tokens_per_s", static_cast<double>(tally.tokens.most()));
  json.member("max_concurrent_requests", tally.concurrent.most()).member("rtfx", 0.0);
  write_latency(json, "ttft", r.latency.ttft);
  write_latency(json, "tpot", r.latency.tpot);
  write_latency(json, "itl", r.latency.itl);
  write_latency(json, "e2el", r.latency.e2e);
  json.end_object().finish();
  if (detailed == nullptr) return text;
  // The lists are longer than all else together, and stand on a line each.
  text.resize(text.rfind('\n', text.size() - 2));
  return text + ",\n" + detailed->members() + "\n}\n";
}

}  // namespace memwall::tools::exports
