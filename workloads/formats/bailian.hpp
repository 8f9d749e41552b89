// The Bailian (Qwen) traces (alibaba-edu/qwen-bailian-usagetraces-anon): chats with 16-token blocks.
#pragma once

#include "workloads/formats/trace_format.hpp"

namespace memwall {

[[nodiscard]] OpenRows read_bailian_keys(Reader& reader);
[[nodiscard]] bool recognise_bailian(std::string_view name, std::string_view beginning);

}  // namespace memwall
