#include "tools/compare/ranges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>

#include "sim/base/error.hpp"
#include "sim/base/hash.hpp"
#include "sim/base/math.hpp"
#include "sim/base/random.hpp"
#include "sim/scenario/device_values.hpp"
#include "tools/results/json_nodes.hpp"

namespace memwall::tools::compare {
namespace {

using json::Node;

/// Calls `visit` on each group of devices that has a device: the pools and their second groups.
template <class Any, class Visit>
void each_group(Any& root, Visit&& visit) {
  auto* pools = root.find("pools");
  if (pools == nullptr) return;
  for (auto& pool : pools->items) {
    visit(pool);
    if (auto* ffn = pool.find("ffn")) visit(*ffn);
  }
}

bool states(const Node& group, const std::string& pointer) {
  const Node* values = group.find("device_values");
  return values != nullptr && values->find(pointer) != nullptr;
}

bool is_count(const RangedValue& value) {
  const auto digits = [](const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  };
  return digits(value.value) && digits(value.low) && digits(value.high) && value.high != "0" && value.high != "1";
}

constexpr std::string_view package = "/package/";

/// Numbers with a range, and the placeholders without one in `boundless`.
std::vector<RangedNumber> numbers_of(const std::string& device, const Catalogue& catalogue,
                                     const std::vector<std::string>& directories,
                                     std::vector<RangedNumber>& boundless) {
  std::map<std::string, RangedValue> written;
  const Document file = Document::parse(catalogue.device_text(device, directories), device);
  for (const RangedValue& each : ranged_values(file.tree().root)) written[each.pointer] = each;
  std::vector<RangedNumber> out;
  const std::shared_ptr<const DeviceModel> model = catalogue.device(device, directories);
  for (const Provenance& each : model->info().provenance) {
    RangedNumber number{device, each.name, 0, 0, written[each.name].high, is_count(written[each.name])};
    if (each.range && each.range->low < each.range->high && !number.high_text.empty()) {
      number.low = each.range->low;
      number.high = each.range->high;
      out.push_back(number);
    } else if (each.basis == Basis::placeholder && !each.range) {
      boundless.push_back(number);
    }
  }
  return out;
}

template <class T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

void add_open(OpenNumbers& out, const std::string& device, const Node& group, const Catalogue& catalogue,
              const std::vector<std::string>& directories) {
  std::vector<RangedNumber> boundless;
  DeviceRanges ranges{device, directories, {}};
  // What is inside of a package changes a result only where the scenario changes the package. Drawn apart from each
  // other, its lengths would contradict the stacks that it holds.
  const bool opened = group.find("package") != nullptr;
  for (const RangedNumber& number : numbers_of(device, catalogue, directories, boundless)) {
    const bool inside = number.pointer.starts_with(package);
    if (!inside) ranges.numbers.push_back(number);
    if (!states(group, number.pointer) && (opened || !inside)) add_once(out.ranged, number);
  }
  for (const RangedNumber& number : boundless) {
    if (!states(group, number.pointer)) add_once(out.boundless, number.name());
  }
  out.devices.push_back(std::move(ranges));
}

/// Whether the file of a device can be read with what a draw makes of it, and leaves power for work.
bool consistent(const DeviceRanges& ranges, const Draw& draw, const Catalogue& catalogue) {
  DeviceChanges changes;
  for (const RangedNumber& number : ranges.numbers) {
    changes.values[number.pointer] = drawn_text(number, draw.share(number));
  }
  try {
    const std::shared_ptr<const DeviceModel> device = catalogue.device(ranges.device, ranges.directories, changes);
    const DeviceInfo& info = device->info();
    if (!info.power || !info.energy.running) return true;
    // What it draws at any clock, as a limit of power is built from it.
    const Watts always = info.energy.idle ? info.energy.idle->value : info.energy.running->value;
    return always < info.power->value;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

OpenNumbers open_numbers(const Sheet& sheet, const Catalogue& catalogue) {
  const LoadedScenario loaded = load_scenario(sheet, catalogue);
  OpenNumbers out;
  each_group(sheet.document.tree().root, [&](const Node& group) {
    if (const Node* device = group.find("device")) {
      add_open(out, device->text, group, catalogue, loaded.build.directories);
    }
  });
  return out;
}

double Draw::share(const RangedNumber& number) const {
  const std::uint64_t which = Hasher().add(number.device).add(number.pointer).value();
  const auto again = attempt.find(number.device);
  const double u =
      random_uniform({seed, which, index, Purpose::parameter_range}, again == attempt.end() ? 0 : again->second);
  const double least = number.low / number.high;
  const double share =
      number.low <= 0 ? least + u * (1 - least) : std::clamp(math::exp((1 - u) * math::log(least)), least, 1.0);
  return number.whole ? std::round(share * number.high) / number.high : share;
}

Draw consistent_draw(std::uint64_t seed, std::uint64_t index, const std::vector<DeviceRanges>& devices,
                     const Catalogue& catalogue) {
  // A file whose ranges hardly ever agree is told by the refusals of its last draws and not by a search without end.
  constexpr std::uint64_t most = 100;
  Draw out{seed, index, {}};
  for (const DeviceRanges& ranges : devices) {
    std::uint64_t& attempt = out.attempt[ranges.device];
    while (attempt < most && !consistent(ranges, out, catalogue)) ++attempt;
  }
  return out;
}

std::string drawn_text(const RangedNumber& number, double share) {
  const std::string& text = number.high_text;
  double high = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), high);
  law(error == std::errc(), "the end of a range that was read is a number with its unit");
  if (number.whole) return fmt::format("{:.0f}", high * share);
  return fmt::format("{}{}", high * share, std::string(end, text.data() + text.size()));
}

Sheet with_draw(const Sheet& sheet, const std::vector<RangedNumber>& numbers, const Draw& draw) {
  Sheet out = sheet;
  each_group(out.document.root(), [&](Node& group) {
    const Node* device = group.find("device");
    if (device == nullptr) return;
    const std::string name = device->text;
    for (const RangedNumber& number : numbers) {
      if (number.device != name || states(group, number.pointer)) continue;
      if (group.find("device_values") == nullptr) set_member(group, "device_values", object_node());
      Node value = object_node();
      set_member(value, "value", text_node(drawn_text(number, draw.share(number))));
      set_member(*group.find("device_values"), number.pointer, std::move(value));
    }
  });
  return out;
}

}  // namespace memwall::tools::compare
