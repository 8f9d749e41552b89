// The Mooncake traces (kvcache-ai/Mooncake, FAST'25) and their relatives: JSON Lines with ids of prompt blocks, and
// sessions in which a turn follows the end of the turn before it (as NVIDIA Dynamo replays them).
#pragma once

#include "workloads/trace_format.hpp"

namespace memwall {

struct MooncakeOptions {
  std::int64_t block_tokens = 512;       ///< tokens of the prompt that one block id stands for
  std::int64_t ns_per_unit = 1'000'000;  ///< of timestamps: milliseconds, as in the published traces
};

[[nodiscard]] OpenRows mooncake_rows(MooncakeOptions options);
[[nodiscard]] FormatKeys mooncake_keys();
[[nodiscard]] FormatKeys read_mooncake_keys(Reader& reader);

}  // namespace memwall
