// Words behind a verb to options. The library that parses them stays behind options.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace memwall::tools {

/// What was given, by the names of options and positions.
class Arguments {
 public:
  explicit Arguments(std::map<std::string, std::vector<std::string>> given) : given_(std::move(given)) {}

  [[nodiscard]] bool has(const std::string& name) const { return given_.count(name) != 0; }
  /// Every value of an option that may be repeated, or every word of a position.
  [[nodiscard]] std::vector<std::string> list(const std::string& name) const;
  /// The last value of an option; nothing where it was not given.
  [[nodiscard]] std::optional<std::string> text(const std::string& name) const;
  /// The same as a whole number of 0 or more; throws InputError for anything else.
  [[nodiscard]] std::optional<std::int64_t> whole_number(const std::string& name) const;

 private:
  std::map<std::string, std::vector<std::string>> given_;
};

/// One option of a verb.
struct Option {
  enum class Kind { flag, value, repeated };
  std::string name;
  Kind kind = Kind::flag;
  std::string help;
};

/// What a verb accepts.
struct Options {
  std::string usage;    ///< one line behind "memwall"
  std::string example;  ///< a command that works
  std::string words;    ///< name of the words without dashes
  std::vector<Option> options;
  std::vector<Options> parts;  ///< where the verb's first word picks one of several: of each, with its own usage

  /// What --help prints: usage, options, an example; at most 100 columns wide.
  [[nodiscard]] std::string help() const;

  /// Parses the words. Nothing when the help was asked for, which is printed; throws InputError for wrong words.
  [[nodiscard]] std::optional<Arguments> parse(const std::vector<std::string>& words) const;
};

/// Options that every verb with a scenario has.
[[nodiscard]] Option set_option();
[[nodiscard]] Option search_option();
[[nodiscard]] Option what_if_option();

}  // namespace memwall::tools
