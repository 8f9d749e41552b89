// memwall device
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/base/atomic_file.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/llm/layer_kinds.hpp"
#include "sim/scenario/describe_device.hpp"
#include "tools/options.hpp"
#include "tools/roofline.hpp"
#include "tools/topology_drawing.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

constexpr std::string_view roofline_options[] = {"svg", "model", "weights", "tensor", "batch", "context"};

void print_catalogue_row(const DeviceInfo& info) {
  const std::string price = info.price ? fmt::format("{:.2f}", info.price->value.value * 3600) : "-";
  const std::string power = info.power ? fmt::format("{:g}", info.power->value.value) : "-";
  fmt::print("{:<17}{:<19}{:>8}{:>7}  {:<48}  {}\n", info.id, info.mechanism, price, power, ridge_summary(info),
             drain_summary(info));
}

Precision precision_called(const std::string& text) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (precision_names[i] == text) return static_cast<Precision>(i);
  }
  throw InputError("--weights \"" + text + "\" is no number format; " +
                   suggestion(text, std::vector<std::string>(precision_names.begin(), precision_names.end())));
}

int positive(const Arguments& given, const std::string& option, int fallback) {
  const auto value = given.whole_number(option);
  if (!value) return fallback;
  constexpr std::int64_t most = 1 << 20;
  if (*value < 1 || *value > most)
    throw InputError("--" + option + " must be a whole number from 1 to " + std::to_string(most));
  return static_cast<int>(*value);
}

/// The operators of a decode cycle of the model, with its weights laid out on the device.
void add_model(Roofline& roofline, const Catalogue& catalogue, std::shared_ptr<const DeviceModel> device,
               const Arguments& given) {
  const std::vector<std::string> here = {""};
  const ModelShape model = ModelCatalogue(catalogue.models).find(*given.text("model"), here);
  for (const LayerKind kind : layer_kinds(model)) {
    if (const auto why = device->refusal(kind)) throw InputError(model.name + ": " + *why);
  }
  Deployment deployment;
  deployment.tensor = positive(given, "tensor", 1);
  deployment.weights =
      device->stored_format(given.has("weights") ? precision_called(*given.text("weights")) : model.declared_weights);
  deployment.compute = device->compute_format(deployment.weights);
  if (auto placed = device->holding(footprint(model, deployment).weights())) device = std::move(placed);
  const RooflineBatch batch{positive(given, "batch", 32), positive(given, "context", 2000)};
  roofline.title += fmt::format(": {} in {} on {} of them, {} sequences of {} tokens", model.name,
                                name(deployment.weights), deployment.tensor, batch.sequences, batch.context);
  add_operators(roofline, *device, model, deployment, batch);
}

int draw_roofline(const Catalogue& catalogue, const Arguments& given) {
  const auto names = given.list("device");
  if (names.size() != 1)
    throw InputError("--roofline draws one device; name it, for example memwall device h100_sxm --roofline");
  const auto device = catalogue.device(names.front(), catalogue.search);
  Roofline roofline = roofline_of(*device);
  if (given.has("model")) {
    add_model(roofline, catalogue, device, given);
  } else {
    for (const std::string option : {"weights", "tensor", "batch", "context"}) {
      if (given.has(option)) throw InputError("--" + option + " says something about a model; add --model NAME");
    }
  }
  if (const auto path = given.text("svg")) {
    AtomicFile file(*path);
    file.append(svg_drawing(roofline));
    file.commit();
  }
  fmt::print("{}", terminal_drawing(roofline));
  return exit_done;
}

int show_topology(const Catalogue& catalogue, const Arguments& given) {
  if (given.has("device") || given.has("roofline"))
    throw InputError("--topology shows a topology and no device; ask for one of the two");
  const auto topology = catalogue.topology(*given.text("topology"), catalogue.search);
  if (const auto path = given.text("svg")) {
    AtomicFile file(*path);
    file.append(topology_svg(*topology));
    file.commit();
  }
  fmt::print("{}", given.has("json") ? topology_json(*topology) : topology_text(*topology));
  return exit_done;
}

}  // namespace

int device_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage =
      "device [NAME|file.json] [--json] [--roofline [--model M] [--svg FILE]] [--topology NAME [--svg FILE]]";
  options.example = "memwall device h100_sxm --roofline --model meta-llama/Llama-3.1-8B";
  options.words = "device";
  options.options = {{"json", Option::Kind::flag, "print JSON"},
                     {"roofline", Option::Kind::flag, "draw the device's roofline"},
                     {"topology", Option::Kind::value, "show a topology of the catalogue, or of a file"},
                     {"svg", Option::Kind::value, "also write the roofline or topology as SVG to this file"},
                     {"model", Option::Kind::value, "with the operators of this model in a decode cycle"},
                     {"weights", Option::Kind::value, "number format of its weights"},
                     {"tensor", Option::Kind::value, "devices that share every layer (1)"},
                     {"batch", Option::Kind::value, "sequences that decode (32)"},
                     {"context", Option::Kind::value, "tokens of each (2000)"}};
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const Catalogue catalogue = program_catalogue({""});
  if (given->has("topology")) return show_topology(catalogue, *given);
  if (given->has("roofline")) {
    if (given->has("json")) throw InputError("--json prints numbers and --roofline draws them; ask for one of the two");
    return draw_roofline(catalogue, *given);
  }
  for (const std::string_view option : roofline_options) {
    if (given->has(std::string(option))) throw InputError("--" + std::string(option) + " belongs to --roofline");
  }
  const bool json_wanted = given->has("json");
  const bool one = given->has("device");
  const auto names = one ? given->list("device") : catalogue.device_names();

  if (!one && !json_wanted) {
    fmt::print("{:<17}{:<19}{:>8}{:>7}  {:<48}  {}\n", "id", "mechanism", "USD/h", "W", "ridge batch", "drain time");
  }
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).key("devices").begin_list();
  for (const std::string& id : names) {
    const auto device = catalogue.device(id, catalogue.search);
    write_device(json, device->info());
    if (json_wanted) continue;
    if (one) {
      fmt::print("{}", device_text(device->info()));
    } else {
      print_catalogue_row(device->info());
    }
  }
  json.end_list().end_object().finish();
  if (json_wanted) fmt::print("{}", text);
  return exit_done;
}

}  // namespace memwall::tools
