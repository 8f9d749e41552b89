// memwall device
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/base/atomic_file.hpp"
#include "sim/base/suggest.hpp"
#include "sim/base/units.hpp"
#include "sim/llm/layer_kinds.hpp"
#include "sim/llm/price_program.hpp"
#include "sim/llm/turning_batch.hpp"
#include "sim/scenario/describe_device.hpp"
#include "tools/options.hpp"
#include "tools/rack_text.hpp"
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

/// The rule of thumb for the batch at which arithmetic takes over from memory, beside what prices of whole cycles say.
std::string turning_text(std::shared_ptr<const DeviceModel> device, const ModelShape& model,
                         const Deployment& deployment, std::int64_t context) {
  constexpr std::int64_t most = 1 << 16;
  const auto ridge = ridge_batch(device->info(), deployment.weights, deployment.compute);
  const double total = static_cast<double>(count_parameters(model).total());
  const double active = static_cast<double>(count_active_parameters(model).total());
  std::string text = "\nbatch at which arithmetic takes longer than memory\n";
  if (ridge) {
    text += fmt::format("  rule of thumb    {:.0f}: ridge {:.0f} x {:.4g} B total / {:.4g} B active parameters\n",
                        *ridge * total / active, *ridge, total * 1e-9, active * 1e-9);
  }
  if (device->spatial() != nullptr) {
    return text + "  simulated        none: every slot of a pipeline reads the weights of its place again\n";
  }
  // Sums over the ranks are neither memory nor arithmetic.
  std::vector<Placed> operators = cycle_operators(model, deployment);
  std::erase_if(operators, [](const Placed& placed) { return std::holds_alternative<AllReduce>(placed.work); });
  const PriceProgram program(std::move(operators), std::move(device), std::make_shared<const Interconnect>(), {});
  for (const std::int64_t tokens : {std::int64_t{1}, context}) {
    const auto found = turning_batch(program, tokens, most);
    text += fmt::format("  simulated        {} at {} token{} of context\n",
                        found ? std::to_string(*found) : fmt::format("none up to {}", most), tokens,
                        tokens == 1 ? "" : "s");
  }
  return text;
}

/// Adds the operators of a decode cycle of the model, with its weights laid out on the device. Returns what to print
/// below the drawing.
std::string add_model(Roofline& roofline, const Catalogue& catalogue, std::shared_ptr<const DeviceModel> device,
                      const Arguments& given) {
  const std::vector<std::string> here = {""};
  const ModelShape model = ModelCatalogue(catalogue.models).find(*given.text("model"), here);
  Deployment deployment;
  deployment.tensor = positive(given, "tensor", 1);
  deployment.weights =
      device->stored_format(given.has("weights") ? precision_called(*given.text("weights")) : model.declared_weights);
  deployment.compute = device->compute_format(deployment.weights);
  for (const LayerKind kind : layer_kinds(model, deployment)) {
    if (const auto why = device->refusal(kind)) throw InputError(model.name + ": " + *why);
  }
  if (auto placed = device->holding(footprint(model, deployment).weights())) device = std::move(placed);
  const RooflineBatch batch{positive(given, "batch", 32), positive(given, "context", 2000)};
  roofline.title += fmt::format(": {} in {} on {} of them, {} sequences of {} tokens", model.name,
                                name(deployment.weights), deployment.tensor, batch.sequences, batch.context);
  add_operators(roofline, *device, model, deployment, batch);
  return turning_text(device, model, deployment, batch.context);
}

int draw_roofline(const Catalogue& catalogue, const Arguments& given) {
  const auto names = given.list("device");
  if (names.size() != 1)
    throw InputError("--roofline draws one device; name it, for example memwall device h100_sxm --roofline");
  const auto device = catalogue.device(names.front(), catalogue.search);
  Roofline roofline = roofline_of(*device);
  std::string below;
  if (given.has("model")) {
    below = add_model(roofline, catalogue, device, given);
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
  fmt::print("{}{}", terminal_drawing(roofline), below);
  return exit_done;
}

int show_rack(const Arguments& given) {
  for (const std::string option : {"device", "roofline", "topology", "svg", "json"}) {
    if (given.has(option)) throw InputError("--rack prints the limits of a rack; leave --" + option + " out");
  }
  const std::vector<std::int64_t> sizes = {8, 72, 144, 288, 576, 1152};
  fmt::print("{}", rack_text(find_rack(*given.text("rack")), sizes));
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

Options device_options() {
  Options options;
  options.usage =
      "device [NAME|file.json] [--json] [--roofline [--model M] [--svg FILE]] [--topology NAME [--svg FILE]] [--rack "
      "NAME]";
  options.example = "memwall device h100_sxm --roofline --model meta-llama/Llama-3.1-8B";
  options.words = "device";
  options.options = {{"json", Option::Kind::flag, "print JSON"},
                     {"roofline", Option::Kind::flag, "draw the device's roofline"},
                     {"rack", Option::Kind::value, "show which limit of a rack binds, for domains of 8 to 1,152 chips"},
                     {"topology", Option::Kind::value, "show a topology of the catalogue, or of a file"},
                     {"svg", Option::Kind::value, "also write the roofline or topology as SVG to this file"},
                     {"model", Option::Kind::value, "with the operators of this model in a decode cycle"},
                     {"weights", Option::Kind::value, "number format of its weights"},
                     {"tensor", Option::Kind::value, "devices that share every layer (1)"},
                     {"batch", Option::Kind::value, "sequences that decode (32)"},
                     {"context", Option::Kind::value, "tokens of each (2000)"}};
  return options;
}

int device_verb(const std::vector<std::string>& words) {
  const Options options = device_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const Catalogue catalogue = program_catalogue({""});
  if (given->has("rack")) return show_rack(*given);
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
