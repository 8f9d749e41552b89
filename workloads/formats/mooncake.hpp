// The Mooncake traces (kvcache-ai/Mooncake, FAST'25) and their relatives: JSON Lines with ids of prompt blocks;
// sessions in which a turn follows the end of the turn before it, and rows that wait for named others (as NVIDIA Dynamo
// replays them).
#pragma once

#include <cstdint>

#include "workloads/formats/trace_format.hpp"

namespace memwall {

struct MooncakeOptions {
  std::int64_t block_tokens = 512;  ///< tokens of the prompt that one block id stands for
  /// Nanoseconds of a unit of timestamps; 0 = milliseconds as in the published traces, unless a file's first number is
  /// so large that only microseconds or nanoseconds since 1970 make sense.
  std::int64_t ns_per_unit = 0;
};

[[nodiscard]] OpenRows mooncake_rows(MooncakeOptions options);
[[nodiscard]] OpenRows read_mooncake_keys(Reader& reader);
[[nodiscard]] bool recognise_mooncake(std::string_view name, std::string_view beginning);

}  // namespace memwall
