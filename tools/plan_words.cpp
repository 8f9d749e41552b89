#include "tools/plan_words.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"

namespace memwall::tools {
std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    out.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return out;
}

std::vector<std::int64_t> whole_numbers(const Arguments& given, const std::string& option,
                                        std::vector<std::int64_t> fallback) {
  const auto list = given.text(option);
  if (!list) return fallback;
  std::vector<std::int64_t> out;
  for (const std::string& word : words_of(*list)) {
    std::int64_t value = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc() || stop != end || value < 1) {
      throw InputError("--" + option + " " + *list + ": must be whole numbers from 1 on, such as 1,2,4");
    }
    out.push_back(value);
  }
  return out;
}

std::int64_t positive(const Arguments& given, const std::string& option, std::int64_t fallback) {
  const std::int64_t value = given.whole_number(option).value_or(fallback);
  if (value < 1) throw InputError("--" + option + " 0: must be 1 or more");
  return value;
}

double quantity(const Arguments& given, const std::string& option, Dimension dimension) {
  const units::Parsed parsed = units::parse(*given.text(option), dimension);
  if (!parsed.value) throw InputError("--" + option + " " + *given.text(option) + ": " + parsed.problem);
  if (!(*parsed.value > 0)) throw InputError("--" + option + " " + *given.text(option) + ": must be above zero");
  return *parsed.value;
}

double share(const Arguments& given, const std::string& option) {
  const auto word = given.text(option);
  if (!word) return 0;
  double value = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, value);
  if (error != std::errc() || stop != end || !(value >= 0 && value <= 1)) {
    throw InputError("--" + option + " " + *word + ": a share from 0 to 1 is wanted, such as 0.99");
  }
  return value;
}

std::vector<plan::EngineSettings> engine_settings(const Arguments& given) {
  std::vector<plan::EngineSettings> out = {{}};
  for (const std::int64_t seqs : whole_numbers(given, "max-num-seqs", {})) out.push_back({seqs, {}});
  const auto tokens = whole_numbers(given, "max-num-batched-tokens", {});
  const std::size_t plain = out.size();
  for (const std::int64_t each : tokens) {
    for (std::size_t i = 0; i < plain; ++i) out.push_back({out[i].max_num_seqs, each});
  }
  return out;
}

std::vector<std::string> prices(const Arguments& given) {
  std::vector<std::string> out = given.list("price");
  for (const std::string& each : out) {
    const std::size_t sign = each.find('=');
    if (sign == std::string::npos) throw InputError("--price " + each + ": ID=2.5 USD/h is wanted");
    const units::Parsed parsed = units::parse(each.substr(sign + 1), DollarsPerSecond::dimension);
    if (!parsed.value) throw InputError("--price " + each + ": " + parsed.problem);
  }
  return out;
}

std::vector<double> growth_factors(const std::string& list) {
  std::vector<double> out;
  for (const std::string& word : words_of(list)) {
    double value = 0;
    const char* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc() || stop != end || !(value > 0 && value < 1e9)) {
      throw InputError("--growth " + list + ": numbers above zero are wanted, such as 1,2,4");
    }
    out.push_back(value);
  }
  return out;
}

plan::Stretch windows(const Arguments& given, double last_arrival_s) {
  const std::string text = *given.text("windows");
  const std::size_t slash = text.find('/');
  const auto seconds = [&](const std::string& word) {
    const units::Parsed parsed = units::parse(word, Seconds::dimension);
    if (!parsed.value) throw InputError("--windows " + text + ": " + parsed.problem);
    if (!(*parsed.value >= 1)) throw InputError("--windows " + text + ": times of a second or more are wanted");
    return *parsed.value;
  };
  plan::Stretch out;
  out.window_s = seconds(slash == std::string::npos ? text : text.substr(slash + 1));
  // The last request still belongs to a window, which ends behind it.
  out.period_s = slash == std::string::npos ? (std::floor(last_arrival_s / out.window_s) + 1) * out.window_s
                                            : seconds(text.substr(0, slash));
  if (out.period_s < out.window_s) throw InputError("--windows " + text + ": the period is shorter than a window");
  return out;
}

void require_one_way(const Arguments& given) {
  /// Ways to plan, each with the options that say nothing to it.
  struct Way {
    const char* name;
    std::vector<const char*> without;
  };
  static const std::vector<Way> ways = {
      {"rack",
       {"goodput", "budget", "power", "growth", "windows", "devices", "tensor", "counts", "max-num-seqs",
        "max-num-batched-tokens", "max-devices", "rate", "price", "attainment", "spares", "exhaustive", "top", "json",
        "report"}},
      {"goodput",
       {"budget", "power", "growth", "windows", "devices", "tensor", "counts", "max-num-seqs", "max-num-batched-tokens",
        "max-devices", "rate", "spares", "exhaustive", "top", "json", "vega", "report", "out"}},
      {"budget", {"growth", "windows", "rate", "spares", "exhaustive", "vega", "report", "out"}},
      {"power", {"growth", "windows", "rate", "spares", "exhaustive", "vega", "report", "out"}},
      {"growth", {"windows", "json", "vega", "report", "out", "top"}},
      {"windows", {"spares", "json", "vega", "report"}},
  };
  for (const Way& way : ways) {
    if (!given.has(way.name)) continue;
    for (const char* other : way.without) {
      if (given.has(other)) throw InputError(std::string("--") + way.name + " and --" + other + " do not go together");
    }
  }
}

void require_pools_alone(const Arguments& given) {
  for (const char* option : {"devices", "tensor", "counts", "max-num-seqs", "max-num-batched-tokens", "price", "spares",
                             "goodput", "budget", "power", "growth", "windows", "json", "vega", "report"}) {
    if (given.has(option)) {
      throw InputError(std::string("--") + option +
                       ": of several pools, or replicas of two groups of devices, only the numbers of replicas are "
                       "planned; change the rest with --set");
    }
  }
}

Options plan_options() {
  Options options;
  options.usage =
      "plan SCENARIO [--devices A,B] [--max-devices N] [--rate '20 /s'] [--goodput | --budget X | --windows X | --rack "
      "NAME] [--out DIR] ...";
  options.example = "memwall plan scenarios/quickstart.json --devices h100_sxm,h200_sxm,b200_sxm";
  options.words = "scenario";
  using Kind = Option::Kind;
  options.options = {
      {"devices", Kind::value, "ids of devices to choose from; by default the whole catalogue"},
      {"tensor", Kind::value, "devices of a replica, where all share every layer (1,2,4,8)"},
      {"counts", Kind::value, "devices of a replica, where layers are laid out over them; by default as few as fit"},
      {"max-num-seqs", Kind::value, "values of the engine's max_num_seqs to try as well"},
      {"max-num-batched-tokens", Kind::value, "values of the engine's max_num_batched_tokens to try as well"},
      {"max-devices", Kind::value, "devices that a fleet may have (64)"},
      {"rate", Kind::value, "requests a time, such as '20 /s', in place of the scenario's"},
      {"price", Kind::repeated, "ID=2.5 USD/h: rent of a device, in place of its file's"},
      {"attainment", Kind::value, "share of the requests that must be good, beside the SLOs: 0.99"},
      {"spares", Kind::value, "replicas that may be down while the SLOs still hold (0)"},
      {"exhaustive", Kind::flag, "simulate every candidate that can be built, whatever bounds say"},
      {"goodput", Kind::flag, "the highest rate at which the scenario's own fleet meets its SLOs"},
      {"budget", Kind::value, "the most goodput for so much money, such as '200 USD/h'"},
      {"power", Kind::value, "the most goodput for so much power of devices, such as '120 kW'; with --budget for both"},
      {"growth", Kind::value, "plans at these multiples of the traffic: 1,2,4"},
      {"windows", Kind::value, "replicas by window: '1 h', or '24 h/1 h' for the first day alone"},
      {"rack", Kind::value, "domains of 8 to 1,152 of the scenario's device in this rack design, copper and optics"},
      set_option(),
      what_if_option(),
      {"jobs", Kind::value, "runs at a time; by default as many as the machine has cores"},
      {"top", Kind::value, "layouts that are listed (20); 0: all"},
      {"json", Kind::value, "write everything there"},
      {"vega", Kind::value, "write price against the tightest SLO there, as a Vega-Lite specification"},
      {"report", Kind::value, "write the candidates and what is printed there as an HTML page; of a plan alone"},
      {"out", Kind::value, "folder for plan.json, candidates.csv, plan.vega.json and the plan as scenario.json"},
      search_option(),
  };
  return options;
}

}  // namespace memwall::tools
