#include "sim/llm/describe.hpp"

#include <fmt/format.h>

#include <array>

#include "sim/llm/deployment.hpp"

namespace memwall {
namespace {

constexpr std::array<Precision, 5> weight_formats = {Precision::bf16, Precision::fp8, Precision::int4, Precision::mxfp4,
                                                     Precision::nvfp4};
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

std::string line(std::string_view label, const std::string& value) {
  return fmt::format("  {:<34} {}\n", label, value);
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
  out.parameters = count_parameters(model);
  out.active = count_active_parameters(model);
  out.notes = model.notes;
  const ParameterCount& all = out.parameters;
  for (const Precision format : weight_formats) {
    const double layers = static_cast<double>(all.attention + all.ffn) * bytes_per_weight(format);
    const double rest = static_cast<double>(all.embedding + all.head + all.router + all.norms);
    out.weights.push_back({format, Bytes{layers + rest * bytes_per_weight(wide_format(format))}});
  }
  for (const Precision format : cache_formats) out.cache.push_back({format, kv_bytes_per_token(model, format)});
  for (const std::int64_t tokens : shown_contexts) {
    if (tokens > model.max_position) break;
    const double count = static_cast<double>(tokens);
    out.contexts.push_back({tokens, decode_flops(model, tokens), prefill_flops(model, tokens, 0) / count,
                            kv_bytes_per_token(model, Precision::bf16) * count});
  }
  return out;
}

std::string text(const ModelDescription& d) {
  const ParameterCount& all = d.parameters;
  const ParameterCount& active = d.active;
  std::string out = fmt::format("{} ({}), {} layers, hidden {}, vocabulary {}, up to {} tokens\n", d.name, d.family,
                                d.layers, d.hidden, grouped(d.vocab), grouped(d.max_position));
  out += line("parameters", grouped(all.total()));
  out += line("  embedding, head", grouped(all.embedding) + ", " + grouped(all.head));
  out += line("  attention", grouped(all.attention));
  out += line("  feed-forward", grouped(all.ffn));
  out += line("  router, norms", grouped(all.router) + ", " + grouped(all.norms));
  if (all.mtp > 0) out += line("  multi-token prediction, apart", grouped(all.mtp));
  out += line("active for a token", grouped(active.total()));
  out += line("  without the input embedding", grouped(active.total() - active.embedding));
  for (const auto& [format, bytes] : d.weights) {
    const bool published = format == d.declared_weights;
    out +=
        line(fmt::format("weights in {}", name(format)), scaled(bytes.value, "B") + (published ? " (published)" : ""));
  }
  for (const auto& [format, bytes] : d.cache) {
    out += line(fmt::format("cache for a token in {}", name(format)),
                grouped(static_cast<std::int64_t>(bytes.value)) + " B");
  }
  if (!d.contexts.empty()) {
    out += fmt::format("  {:>12} {:>18} {:>22} {:>18}\n", "context", "decode a token", "prefill, mean a token",
                       "cache of sequence");
  }
  for (const ModelDescription::AtContext& at : d.contexts) {
    out += fmt::format("  {:>12} {:>18} {:>22} {:>18}\n", grouped(at.tokens), scaled(at.decode.value, "FLOP"),
                       scaled(at.prefill.value, "FLOP"), scaled(at.cache.value, "B"));
  }
  if (!d.source.empty()) out += line("source", d.source);
  for (const std::string& note : d.notes) out += line("note", note);
  return out;
}

}  // namespace memwall
