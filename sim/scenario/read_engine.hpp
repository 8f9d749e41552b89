// The keys of an engine, and those of service-level objectives.
#pragma once

#include <optional>
#include <string_view>

#include "sim/scenario/spec.hpp"

namespace memwall {

[[nodiscard]] EngineKeys read_engine(Reader& reader);
[[nodiscard]] Slo read_slo(Reader& reader);
[[nodiscard]] std::optional<Precision> read_precision(Reader& reader, std::string_view key, std::string_view doc);

}  // namespace memwall
