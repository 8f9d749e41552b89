#include "tools/compare/names.hpp"

#include <charconv>

#include "sim/base/error.hpp"

namespace memwall::tools::compare {

std::vector<std::string> listed(const std::string& option, const std::string& list) {
  std::vector<std::string> out(1);
  for (const char c : list) {
    if (c == ',') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  for (const std::string& part : out) {
    if (part.empty()) throw InputError(option + " " + list + ": has an empty place; write names with commas between");
  }
  return out;
}

std::vector<std::int64_t> listed_numbers(const std::string& option, const std::string& list) {
  std::vector<std::int64_t> out;
  for (const std::string& word : listed(option, list)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value < 1) {
      throw InputError(option + " " + list + ": must be whole numbers from 1 on, such as 1,8,64");
    }
    out.push_back(value);
  }
  return out;
}

}  // namespace memwall::tools::compare
