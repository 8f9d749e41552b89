#include "tools/options.hpp"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>

#include "sim/base/error.hpp"

namespace memwall::tools {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

po::options_description described(const Options& options) {
  po::options_description all("", 100, 60);
  for (const Option& option : options.options) {
    if (option.kind == Option::Kind::flag) {
      all.add_options()(option.name.c_str(), option.help.c_str());
    } else {
      all.add_options()(option.name.c_str(), po::value<Texts>()->composing()->value_name("X"), option.help.c_str());
    }
  }
  all.add_options()("help,h", "print this help");
  return all;
}

/// Lines of at most 100 columns, broken between words; what goes on is indented, and lines before it end as told.
std::string wrapped(const std::string& text, const std::string& ending = "") {
  constexpr std::size_t width = 100;
  std::string out;
  std::string line;
  std::istringstream words(text);
  line = text.substr(0, text.find_first_not_of(' '));
  const std::size_t indent = line.size();
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() + ending.size() > width) {
      out += line + ending + "\n";
      line = std::string(indent + 4, ' ') + word;
    } else {
      line += (line.size() == indent && out.empty() ? "" : " ") + word;
    }
  }
  return out + line + "\n";
}

}  // namespace

std::vector<std::string> Arguments::list(const std::string& name) const {
  const auto at = given_.find(name);
  return at == given_.end() ? Texts() : at->second;
}

std::optional<std::string> Arguments::text(const std::string& name) const {
  const auto at = given_.find(name);
  return at == given_.end() || at->second.empty() ? std::nullopt : std::optional(at->second.back());
}

std::optional<std::int64_t> Arguments::whole_number(const std::string& name) const {
  const std::optional<std::string> word = text(name);
  if (!word) return std::nullopt;
  std::int64_t value = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc() || stop != end || value < 0) {
    throw InputError("--" + name + " " + *word + ": a whole number of 0 or more is wanted");
  }
  return value;
}

std::string Options::help() const {
  std::string out;
  if (parts.empty()) {
    out = wrapped("memwall " + usage);
    std::ostringstream text;
    text << described(*this);
    out += text.str();
  }
  for (const Options& part : parts) out += wrapped("memwall " + part.usage);
  if (!parts.empty()) out += "--help behind each tells its options.\n";
  return out + "\nExample:\n" + wrapped("  " + example, " \\");
}

std::optional<Arguments> Options::parse(const std::vector<std::string>& given) const {
  const po::options_description all = described(*this);
  po::options_description accepted;
  po::positional_options_description places;
  accepted.add(all);
  if (!words.empty()) {
    accepted.add_options()(words.c_str(), po::value<Texts>()->composing(), "");
    places.add(words.c_str(), -1);
  }
  po::variables_map values;
  try {
    po::store(po::command_line_parser(given).options(accepted).positional(places).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    throw InputError(std::string(error.what()) + "; usage: memwall " + usage);
  }
  if (values.count("help") != 0) {
    fmt::print("{}", help());
    return std::nullopt;
  }
  std::map<std::string, Texts> out;
  for (const auto& [name, value] : values) {
    const auto* texts = boost::any_cast<Texts>(&value.value());
    out[name] = texts != nullptr ? *texts : Texts();
  }
  return Arguments(std::move(out));
}

Option set_option() { return {"set", Option::Kind::repeated, "/json/pointer=value: change the scenario"}; }
Option search_option() {
  return {"search", Option::Kind::repeated, "folder for relative paths, after the scenario's own"};
}

Option what_if_option() {
  return {"what-if", Option::Kind::repeated,
          "such as hbm_bandwidth=+10% or POOL:price=x2: change what its devices are"};
}

}  // namespace memwall::tools
