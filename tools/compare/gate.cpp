#include "tools/compare/gate.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "tools/compare/paired.hpp"

namespace memwall::tools::compare {

Gate parse_gate(const std::string& text) {
  Gate out;
  out.text = text;
  const std::size_t sign = text.find_first_of("<>");
  const std::string advice = "--fail-on " + text +
                             ": is no gate; write a metric, <= or >=, and a factor of the first "
                             "scenario's value, such as '/latency/ttft_s/p95<=1.05'";
  if (sign == std::string::npos || sign == 0 || text.front() != '/' || text.size() < sign + 3 ||
      text[sign + 1] != '=') {
    throw InputError(advice);
  }
  out.pointer = text.substr(0, sign);
  out.at_most = text[sign] == '<';
  std::size_t used = 0;
  const std::string factor = text.substr(sign + 2);
  try {
    out.factor = std::stod(factor, &used);
  } catch (const std::exception&) {
    throw InputError(advice);
  }
  if (used != factor.size() || !(out.factor > 0) || !(out.factor < 1e12)) throw InputError(advice);
  return out;
}

std::vector<std::string> broken_gate(const Gate& gate, const std::vector<Contender>& contenders) {
  std::vector<std::string> out;
  const Measure measure{gate.pointer, gate.pointer, 1, !gate.at_most};
  const auto base = contenders.front().values(measure);
  for (std::size_t i = 1; i < contenders.size(); ++i) {
    const Contender& each = contenders[i];
    const auto values = each.values(measure);
    if (!base || !values) {
      out.push_back(fmt::format("{}: {} is not known of {}", gate.text, gate.pointer,
                                !base ? contenders.front().name : each.name));
      continue;
    }
    const double bound = gate.factor * mean(*base);
    const double value = mean(*values);
    if (gate.at_most ? value <= bound : value >= bound) continue;
    out.push_back(fmt::format("{}: {} has {:.6g}, the bound is {:.6g}", gate.text, each.name, value, bound));
  }
  return out;
}

}  // namespace memwall::tools::compare
