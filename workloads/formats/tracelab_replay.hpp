// The replay form of TraceLab (uw-syfi/TraceLab): CSV of rounds with the part of the prompt that is new.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_tracelab_replay_keys(Reader& reader);
[[nodiscard]] bool recognise_tracelab_replay(std::string_view name, std::string_view beginning);

}  // namespace memwall
