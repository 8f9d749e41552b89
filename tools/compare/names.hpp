// Lists that a user writes as one word: "a,b,c".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memwall::tools::compare {

/// The parts between commas. Throws InputError, with the option in its words, for an empty part.
[[nodiscard]] std::vector<std::string> listed(const std::string& option, const std::string& list);

/// The same as whole numbers from 1 on.
[[nodiscard]] std::vector<std::int64_t> listed_numbers(const std::string& option, const std::string& list);

}  // namespace memwall::tools::compare
