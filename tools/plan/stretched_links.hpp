// Links of the catalogue over more chips and longer cables than their file has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/quantity.hpp"

namespace memwall::tools::plan {

/// The text of an interconnect file called `id` that joins `chips` devices as the file's links would, each step longer
/// by the time that signals need for further cable on the way from a chip to a switch and on to the next chip. Rates
/// stay: a larger domain has as many links a chip. Throws InputError where the text is no such file.
[[nodiscard]] std::string stretched_links(std::string_view text, const std::string& id, std::int64_t chips,
                                          Metres further_cable);

}  // namespace memwall::tools::plan
