// Words of a verb to options, through Boost.Program_options, with faults as InputError.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace memwall::tools {

namespace po = boost::program_options;

/// A verb's options; `positional` names those that need no dashes, in order, the last one taking all further words.
struct Options {
  po::options_description described;
  std::vector<std::string> positional;
  std::string usage;    ///< one line behind "memwall"
  std::string example;  ///< a command that works

  /// Parses the words. Prints the help and answers false when it was asked for; throws InputError for wrong words.
  [[nodiscard]] bool parse(const std::vector<std::string>& words, po::variables_map& values) const;
};

}  // namespace memwall::tools
