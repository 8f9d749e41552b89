// The keys of presets: their numbers are fallbacks, so that a report shows all of them.
#include <algorithm>
#include <string>

#include "workloads/generators/presets.hpp"
#include "workloads/generators/synthetic.hpp"

namespace memwall {
namespace {

IntegerRule tokens_or(std::int64_t fallback) { return {.fallback = fallback, .low = 1, .high = most_tokens}; }

void read_numbers(Reader& keys, FixedLength& length) {
  length.tokens = keys.integer("tokens", tokens_or(length.tokens), "of every request");
}

template <class Bounded>
void read_bounds(Reader& keys, Bounded& length) {
  length.low = keys.integer("low", tokens_or(length.low), "fewest tokens");
  length.high = keys.integer("high", tokens_or(length.high), "most tokens");
  if (length.high >= length.low) return;
  keys.fault("high", "must not be below `low`, which is " + std::to_string(length.low));
  length.high = length.low;
}

void read_numbers(Reader& keys, UniformLength& length) { read_bounds(keys, length); }

void read_numbers(Reader& keys, NormalLength& length) {
  length.mean = keys.number("mean", {.fallback = length.mean, .low = 1, .high = 1e9}, "tokens, before truncation");
  length.deviation =
      keys.number("deviation", {.fallback = length.deviation, .low = 0, .high = 1e9}, "tokens, before truncation");
  read_bounds(keys, length);
}

template <class Other>
void read_numbers(Reader&, Other&) {
  throw LogicError("a preset has lengths of a kind whose numbers are read");
}

Length read_length_of(Reader& reader, std::string_view key, const std::optional<Length>& preset, std::string_view doc) {
  if (!preset) return read_length(reader, key, std::string(doc) + "; not published, so it has to be given");
  Length length = *preset;
  reader.object(key, false, doc,
                [&length](Reader& keys) { std::visit([&keys](auto& kind) { read_numbers(keys, kind); }, length); });
  return length;
}

struct LoadKeys {
  std::optional<PerSecond> rate;
  std::optional<std::int64_t> concurrency;
};

LoadKeys read_load(Reader& keys, const Preset& preset) {
  constexpr std::int64_t most = 100'000'000;
  LoadKeys load;
  if (preset.load == Load::concurrency) {
    load.concurrency = keys.integer("concurrency", {.fallback = preset.concurrency, .low = 1, .high = most},
                                    "requests that are always under way; the benchmark sweeps it");
    return load;
  }
  if (preset.load == Load::poisson) {
    load.rate = keys.quantity<PerSecond>("rate", std::nullopt, "of Poisson arrivals; the benchmark searches it");
  } else {
    load.rate = keys.optional_quantity<PerSecond>("rate", "of Poisson arrivals, in place of a concurrency");
    load.concurrency = keys.optional_integer("concurrency", {.low = 1, .high = most},
                                             "requests that are always under way, in place of a rate");
  }
  if (load.rate && !(load.rate->value > 0)) {
    keys.fault("rate", "must be above 0, such as \"2 /s\"");
    load.rate = PerSecond{1};
  }
  if (load.rate && load.concurrency) keys.fault("concurrency", "stands in place of `rate`; give one of the two");
  if (preset.load == Load::to_be_chosen && !keys.has("rate") && !keys.has("concurrency")) {
    keys.fault("rate", "missing: this preset wants a `rate` or a `concurrency`");
  }
  return load;
}

SyntheticOptions read_preset(Reader& keys, const Preset& preset) {
  SyntheticOptions options;
  const LoadKeys load = read_load(keys, preset);
  const std::int64_t requests =
      preset.requests > 0 ? preset.requests : 10 * load.concurrency.value_or(preset.concurrency);
  std::int64_t& count = options.begin.extent.count;
  count = keys.integer("requests", {.fallback = requests, .low = 1, .high = 1'000'000'000'000}, "in all");
  if (load.rate) {
    options.begin.arrivals = OpenArrivals{GammaArrivals{*load.rate, 1}};
  } else {
    options.begin.arrivals = ClosedLoop{load.concurrency.value_or(count), {}};
  }
  options.shape.lengths.input = read_length_of(keys, "input", preset.input, "tokens of the prompt");
  options.shape.lengths.output = read_length_of(keys, "output", preset.output, "tokens of the answer");
  if (preset.prefixes == 0) return options;
  PrefixGroups& prefix = options.shape.prefix;
  prefix.popularity = Popularity::balanced;
  keys.object("prefix", false, "that prompts begin with, before `input`", [&](Reader& own) {
    prefix.groups = own.integer("count", {.fallback = preset.prefixes, .low = 1, .high = 100'000'000},
                                "different prefixes, asked equally often in a drawn order");
    prefix.tokens = FixedLength{own.integer("tokens", tokens_or(preset.prefix_tokens), "of each")};
  });
  return options;
}

}  // namespace

std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_preset_source(Reader& reader) {
  SyntheticOptions options;
  std::vector<Variant> variants;
  for (const Preset& preset : presets()) {
    variants.push_back(
        {preset.name, preset.summary, [&options, &preset](Reader& keys) { options = read_preset(keys, preset); }});
  }
  reader.variant("preset", variants, std::nullopt, "which benchmark");
  return [options](const SourceContext& context) { return synthetic_requests(options, context); };
}

}  // namespace memwall
