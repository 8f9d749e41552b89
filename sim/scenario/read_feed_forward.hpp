// The keys of a replica's second group of devices.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sim/base/reader.hpp"
#include "sim/scenario/spec.hpp"

namespace memwall {

/// Reads the object at a pool's "ffn". `check_device` and `check_interconnect` tell the reader of unknown names at a
/// key. Faults go to the reader.
[[nodiscard]] FeedForwardSpec read_feed_forward(
    Reader& reader, const std::function<void(Reader&, std::string_view, const std::string&)>& check_device,
    const std::function<void(Reader&, std::string_view, const std::string&)>& check_interconnect);

}  // namespace memwall
