#include "sim/llm/describe.hpp"

#include <fmt/format.h>

#include <array>

#include "sim/llm/deployment.hpp"
#include "sim/llm/layer_names.hpp"

namespace memwall {
namespace {

constexpr std::array<Precision, 7> weight_formats = {Precision::bf16,   Precision::fp8,   Precision::int4,
                                                     Precision::mxfp4,  Precision::nvfp4, Precision::int4_g32,
                                                     Precision::ternary};
constexpr std::array<Precision, 2> cache_formats = {Precision::bf16, Precision::fp8};
constexpr std::array<std::int64_t, 6> shown_contexts = {1024, 4096, 16384, 65536, 131072, 1048576};

std::string scaled(double value, const char* unit) {
  constexpr std::array<const char*, 6> prefixes = {"", "k", "M", "G", "T", "P"};
  std::size_t step = 0;
  while (value >= 1000 && step + 1 < prefixes.size()) {
    value /= 1000;
    ++step;
  }
  return fmt::format("{:.4g} {}{}", value, prefixes[step], unit);
}

/// Digits in groups of three.
std::string grouped(std::int64_t number) {
  if (number < 1000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

/// A figure in a column, with what there is to say about it.
std::string line(std::string_view label, const std::string& value, std::string_view remark = {}) {
  std::string out = fmt::format("  {:<32}{:>20}", label, value);
  if (!remark.empty()) out += fmt::format("   {}", remark);
  return out + "\n";
}

std::string counted(std::string_view label, std::int64_t parameters) {
  return parameters == 0 ? "" : line(label, grouped(parameters));
}

std::string whole_bytes(Bytes bytes) { return grouped(static_cast<std::int64_t>(bytes.value)) + " B"; }

/// "as published", with the parts that are published in another format.
std::string published(const ModelDescription& d) {
  std::string out = "as published";
  if (d.declared_attention) out += fmt::format(", attention in {}", name(*d.declared_attention));
  if (d.declared_dense) out += fmt::format(", dense layers and shared experts in {}", name(*d.declared_dense));
  return out;
}

void count(std::vector<ModelDescription::Kind>& kinds, const std::string& name, std::int64_t layers) {
  for (ModelDescription::Kind& kind : kinds) {
    if (kind.name != name) continue;
    kind.layers += layers;
    return;
  }
  kinds.push_back({name, layers});
}

}  // namespace

ModelDescription describe(const ModelShape& model) {
  ModelDescription out;
  out.name = model.name;
  out.family = model.family;
  out.source = model.source;
  out.layers = model.layer_count();
  out.hidden = model.hidden;
  out.vocab = model.vocab;
  out.max_position = model.max_position;
  out.declared_weights = model.declared_weights;
  out.declared_attention = model.declared_attention;
  out.declared_dense = model.declared_dense;
  out.mtp_layers = model.mtp_layers;
  for (const LayerGroup& group : model.layers) {
    const std::string mixer = attention_name(group.attention);
    const std::string ffn = ffn_name(group.ffn);
    if (!mixer.empty()) count(out.attention, mixer, group.count);
    if (!ffn.empty()) count(out.ffn, ffn, group.count);
  }
  out.state = state_bytes_per_sequence(model);
  out.parameters = count_parameters(model);
  out.active = count_active_parameters(model);
  out.notes = model.notes;
  const ParameterCount& all = out.parameters;
  for (const Precision format : weight_formats) {
    const double layers = static_cast<double>(all.attention + all.ffn) * bytes_per_weight(format);
    const double rest = static_cast<double>(all.embedding + all.head + all.router + all.streams + all.norms);
    out.weights.push_back({format, Bytes{layers + rest * bytes_per_weight(wide_format(format))}});
  }
  for (const Precision format : cache_formats) {
    out.cache.push_back({format, kv_bytes_per_token(model, format), kv_bytes_beyond_windows(model, format)});
  }
  for (const std::int64_t tokens : shown_contexts) {
    if (tokens > model.max_position) break;
    const double count = static_cast<double>(tokens);
    out.contexts.push_back({tokens, decode_flops(model, tokens), prefill_flops(model, tokens, 0) / count,
                            kv_bytes_of_sequence(model, Precision::bf16, tokens) + out.state});
  }
  return out;
}

std::string text(const ModelDescription& d) {
  const ParameterCount& all = d.parameters;
  const ParameterCount& active = d.active;
  std::string out = fmt::format("{} ({}): {} layers, hidden {}, vocabulary {}, up to {} tokens\n", d.name, d.family,
                                d.layers, grouped(d.hidden), grouped(d.vocab), grouped(d.max_position));
  for (const ModelDescription::Kind& kind : d.attention) out += fmt::format("  {:>5} x {}\n", kind.layers, kind.name);
  for (const ModelDescription::Kind& kind : d.ffn) out += fmt::format("  {:>5} x {}\n", kind.layers, kind.name);
  out += "\n" + line("parameters", grouped(all.total()));
  out += counted("  input embedding", all.embedding);
  out += all.head > 0 ? counted("  output head", all.head) : line("  output head", "0", "tied to the embedding");
  out += counted("  attention", all.attention) + counted("  feed-forward", all.ffn);
  if (all.experts > 0) out += counted("    routed experts of it", all.experts);
  out += counted("  router", all.router) + counted("  stream mixing", all.streams);
  out += counted("  norms and other vectors", all.norms);
  out += line("active for a token", grouped(active.total()));
  out += line("  without the input embedding", grouped(active.total() - active.embedding));
  if (all.mtp > 0) {
    out += line("multi-token prediction", grouped(all.mtp),
                fmt::format("{} layer{}, apart from the above", d.mtp_layers, d.mtp_layers == 1 ? "" : "s"));
  }
  out += "\n  weights in all, embedding, head, router and norms in at least 16 bits\n";
  for (const auto& [format, bytes] : d.weights) {
    out += line(fmt::format("  {}", name(format)), scaled(bytes.value, "B"),
                format == d.declared_weights ? published(d) : "");
  }
  out += "\n  KV cache of one token, all layers\n";
  for (const auto& [format, bytes, beyond] : d.cache) {
    const bool windows = beyond.value < bytes.value;
    out += line(fmt::format("  {}", name(format)), whole_bytes(bytes),
                windows ? whole_bytes(beyond) + " beyond all windows" : "");
  }
  if (d.state.value > 0) {
    out += line("constant state of a sequence", whole_bytes(d.state), "whatever its length");
  }
  if (!d.contexts.empty()) {
    out += fmt::format("\n  {:>12} {:>20} {:>24} {:>24}\n", "context", "decode, next token", "prefill, mean a token",
                       "KV cache in 16 bits");
  }
  for (const ModelDescription::AtContext& at : d.contexts) {
    out += fmt::format("  {:>12} {:>20} {:>24} {:>24}\n", grouped(at.tokens), scaled(at.decode.value, "FLOP"),
                       scaled(at.prefill.value, "FLOP"), scaled(at.cache.value, "B"));
  }
  out += "\n";
  if (!d.source.empty()) out += fmt::format("  source  {}\n", d.source);
  for (const std::string& note : d.notes) out += fmt::format("  note    {}\n", note);
  return out;
}

}  // namespace memwall
