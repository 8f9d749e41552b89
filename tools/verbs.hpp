// The verbs of the program, a file each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/catalogue.hpp"

namespace memwall::tools {

/// Exit codes of the contract.
inline constexpr int exit_done = 0;
inline constexpr int exit_missed = 1;  ///< the run is done but misses what was asked
inline constexpr int exit_input = 2;   ///< the input is wrong
inline constexpr int exit_defect = 3;  ///< a defect of ours

inline constexpr std::string_view version = "0.1.0";

/// Each takes the words behind the verb and returns an exit code; wrong input is thrown as InputError.
int run_verb(const std::vector<std::string>& words);
int validate_verb(const std::vector<std::string>& words);
int explain_verb(const std::vector<std::string>& words);
int model_verb(const std::vector<std::string>& words);
int device_verb(const std::vector<std::string>& words);
int trace_verb(const std::vector<std::string>& words);
int compare_verb(const std::vector<std::string>& words);
int trace_generate(const std::vector<std::string>& words);  ///< a part of `trace`
int sweep_verb(const std::vector<std::string>& words);
int check_verb(const std::vector<std::string>& words);
int accuracy_verb(const std::vector<std::string>& words);

}  // namespace memwall::tools
