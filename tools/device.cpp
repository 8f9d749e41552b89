// memwall device
#include <fmt/format.h>

#include "sim/base/units.hpp"
#include "sim/scenario/describe_device.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
int device_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage = "device [NAME] [--json]";
  options.example = "memwall device h100_sxm";
  options.words = "device";
  options.options = {{"json", Option::Kind::flag, "print JSON"}};
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const Catalogue catalogue = program_catalogue({""});
  const bool json_wanted = given->has("json");
  const bool one = given->has("device");
  const auto names = one ? given->list("device") : catalogue.device_names();

  if (!one && !json_wanted) {
    fmt::print("{:<14}{:<28}{:>12}{:>14}  {}\n", "id", "name", "memory", "bandwidth", "mechanism");
  }
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("devices").begin_list();
  for (const std::string& id : names) {
    const auto device = catalogue.device(id, catalogue.search);
    const DeviceInfo& info = device->info();
    write_device(json, info);
    if (json_wanted) continue;
    if (one) {
      fmt::print("{}", device_text(info));
    } else {
      fmt::print("{:<14}{:<28}{:>12}{:>14}  {}\n", info.id, info.name, units::format(info.memory.value),
                 units::format(info.bandwidth.value), info.mechanism);
    }
  }
  json.end_list().end_object().finish();
  if (json_wanted) fmt::print("{}", text);
  return exit_done;
}

}  // namespace memwall::tools
