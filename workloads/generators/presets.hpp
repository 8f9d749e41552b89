// Workloads of well-known benchmarks, by name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sim/serve/source.hpp"
#include "workloads/generators/lengths.hpp"
#include "workloads/generators/prefix_groups.hpp"

namespace memwall {

/// How a benchmark puts load on a service.
enum class Load {
  concurrency,   ///< so many requests are always under way
  at_once,       ///< all requests at the start, unless a rate or a concurrency is given
  poisson,       ///< at a rate that has to be given, because the benchmark searches it
  to_be_chosen,  ///< at a rate or a concurrency, one of which has to be given
};

/// One row of the table. Lengths that the benchmark's own data decides, and that nobody has published, are absent and
/// have to be given.
struct Preset {
  std::string_view name;
  std::string_view summary;  ///< with where its numbers are from
  Load load = Load::at_once;
  std::int64_t concurrency = 0;  ///< where none is given, for that load
  std::int64_t requests = 0;     ///< 0 = ten for each of the concurrency
  std::optional<Length> input;   ///< of the prompt behind its prefix
  std::optional<Length> output;
  std::int64_t prefixes = 0;  ///< 0 = none
  std::int64_t prefix_tokens = 0;
};

[[nodiscard]] std::span<const Preset> presets();

/// Reads the keys of source kind `preset`: all of a preset's numbers, each of which may be given in its place.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_preset_source(Reader& reader);

}  // namespace memwall
