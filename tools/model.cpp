// memwall model
#include <fmt/format.h>

#include "sim/config/json_writer.hpp"
#include "sim/llm/describe.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

void write_counts(JsonWriter& json, std::string_view key, const ParameterCount& count) {
  json.key(key).begin_object().member("total", count.total()).member("embedding", count.embedding);
  json.member("head", count.head)
      .member("attention", count.attention)
      .member("ffn", count.ffn)
      .member("router", count.router);
  json.member("experts", count.experts).member("streams", count.streams);
  json.member("norms", count.norms).member("mtp", count.mtp).end_object();
}

void write_kinds(JsonWriter& json, std::string_view key, const std::vector<ModelDescription::Kind>& kinds) {
  json.key(key).begin_list();
  for (const ModelDescription::Kind& kind : kinds) {
    json.begin_object().member("kind", kind.name).member("layers", kind.layers).end_object();
  }
  json.end_list();
}

std::string description_json(const ModelDescription& d) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("name", d.name).member("family", d.family).member("source", d.source);
  json.member("layers", d.layers)
      .member("hidden", d.hidden)
      .member("vocab", d.vocab)
      .member("max_position", d.max_position);
  write_kinds(json, "attention_layers", d.attention);
  write_kinds(json, "ffn_layers", d.ffn);
  json.member("mtp_layers", d.mtp_layers);
  json.member("weights", name(d.declared_weights));
  json.member("attention_weights", name(d.declared_attention.value_or(d.declared_weights)));
  json.member("dense_weights", name(d.declared_dense.value_or(d.declared_weights)));
  write_counts(json, "parameters", d.parameters);
  write_counts(json, "active_parameters", d.active);
  json.key("weight_bytes").begin_object();
  for (const auto& weights : d.weights) json.member(name(weights.format), weights.bytes.value);
  json.end_object().key("kv_bytes_per_token").begin_object();
  for (const auto& cache : d.cache) json.member(name(cache.format), cache.per_token.value);
  json.end_object().key("kv_bytes_per_token_beyond_windows").begin_object();
  for (const auto& cache : d.cache) json.member(name(cache.format), cache.beyond_windows.value);
  json.end_object().member("state_bytes_per_sequence", d.state.value);
  json.key("contexts").begin_list();
  for (const auto& context : d.contexts) {
    json.begin_object().member("tokens", context.tokens).member("decode_flops_per_token", context.decode.value);
    json.member("prefill_flops_per_token", context.prefill.value).member("kv_bytes", context.cache.value).end_object();
  }
  json.end_list().key("notes").begin_list();
  for (const std::string& note : d.notes) json.value(note);
  json.end_list().end_object().finish();
  return text;
}

}  // namespace

Options model_options() {
  Options options;
  options.usage = "model [NAME|config.json] [--json]";
  options.example = "memwall model meta-llama/Llama-3.1-70B";
  options.words = "model";
  options.options = {{"json", Option::Kind::flag, "print JSON"}};
  return options;
}

int model_verb(const std::vector<std::string>& words) {
  const Options options = model_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const Catalogue catalogue = program_catalogue({});
  const ModelCatalogue models(catalogue.models);
  if (!given->has("model")) {
    for (const std::string& known : models.names()) fmt::print("{}\n", known);
    return exit_done;
  }
  const std::vector<std::string> here = {""};
  for (const std::string& wanted : given->list("model")) {
    const ModelDescription description = describe(models.find(wanted, here));
    fmt::print("{}", given->has("json") ? description_json(description) : text(description));
  }
  return exit_done;
}

}  // namespace memwall::tools
