#include "tools/options.hpp"

#include <fmt/format.h>

#include <sstream>

#include "sim/base/error.hpp"

namespace memwall::tools {

bool Options::parse(const std::vector<std::string>& words, po::variables_map& values) const {
  po::options_description all = described;
  all.add_options()("help,h", "print this help");
  po::positional_options_description places;
  po::options_description hidden;
  for (std::size_t i = 0; i < positional.size(); ++i) {
    const bool last = i + 1 == positional.size();
    places.add(positional[i].c_str(), last ? -1 : 1);
    if (all.find_nothrow(positional[i], false) == nullptr) {
      hidden.add_options()(positional[i].c_str(), po::value<std::vector<std::string>>()->composing(), "");
    }
  }
  po::options_description accepted;
  accepted.add(all).add(hidden);
  try {
    po::store(po::command_line_parser(words).options(accepted).positional(places).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    throw InputError(std::string(error.what()) + "; usage: memwall " + usage);
  }
  if (values.count("help") == 0) return true;
  std::ostringstream text;
  text << all;
  fmt::print("memwall {}\n{}\nExample:\n  {}\n", usage, text.str(), example);
  return false;
}

}  // namespace memwall::tools
