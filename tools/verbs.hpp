// The verbs of the program, a file each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/catalogue.hpp"
#include "tools/options.hpp"

namespace memwall::tools {

/// Exit codes of the contract.
inline constexpr int exit_done = 0;
inline constexpr int exit_missed = 1;  ///< the run is done but misses what was asked
inline constexpr int exit_input = 2;   ///< the input is wrong
inline constexpr int exit_defect = 3;  ///< a defect of ours

inline constexpr std::string_view version = "0.1.0";

/// A row of the table of verbs (main.cpp).
struct Verb {
  std::string_view name;
  std::string_view usage;
  std::string_view summary;
  int (*call)(const std::vector<std::string>& words);
  Options (*describe)() = nullptr;  ///< its options, for completion and the manual
};
[[nodiscard]] std::span<const Verb> all_verbs();

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
int plan_verb(const std::vector<std::string>& words);
int price_verb(const std::vector<std::string>& words);
int check_verb(const std::vector<std::string>& words);
int report_verb(const std::vector<std::string>& words);
int accuracy_verb(const std::vector<std::string>& words);
int completion_verb(const std::vector<std::string>& words);
int man_verb(const std::vector<std::string>& words);

/// What each accepts, without running it.
Options run_options();
Options validate_options();
Options explain_options();
Options model_options();
Options device_options();
Options trace_options();
Options compare_options();
Options sweep_options();
Options plan_options();
Options price_options();
Options check_options();
Options report_options();
Options accuracy_options();
Options completion_options();
Options man_options();
Options trace_generate_options();

}  // namespace memwall::tools
