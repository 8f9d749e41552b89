#include "tools/compare/variants.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <variant>

#include "sim/base/error.hpp"
#include "sim/llm/catalogue.hpp"
#include "tools/compare/adapt.hpp"
#include "tools/compare/names.hpp"
#include "tools/results/json_nodes.hpp"
#include "workloads/formats/trace_format.hpp"
#include "workloads/generators/presets.hpp"

namespace memwall::tools::compare {
namespace {

using json::Node;

/// Keys of a workload that mean the same for every trace.
constexpr std::string_view kept_keys[] = {"name",       "tenant",   "class",        "slo",         "time_scale",
                                          "rate_scale", "window",   "max_requests", "keep_failed", "spread_bins",
                                          "keep_share", "sessions", "concurrency",  "stop",        "timeout"};

/// A path as the scenario file would have to write it: those of the command line are relative to the working directory.
std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

/// Traits that a model may have, in the order in which they are told.
struct Traits {
  bool experts = false, recurrent = false, sparse = false;
  std::set<std::string> attention;

  void add(const GroupedAttention& shape) {
    attention.insert(shape.kv_heads == shape.heads ? "MHA" : "GQA");
    sparse = sparse || shape.indexer.has_value();
  }
  void add(const LatentAttention& shape) {
    attention.insert("MLA");
    sparse = sparse || shape.indexer.has_value();
  }
  void add(const CompressedAttention& shape) {
    attention.insert("compressed");
    sparse = sparse || shape.indexer.has_value();
  }
  void add(const RecurrentMixer&) { recurrent = true; }
  void add(const NoMixer&) {}
};

bool is_preset(const std::string& name) {
  const auto known = presets();
  return std::any_of(known.begin(), known.end(), [&name](const Preset& preset) { return preset.name == name; });
}

Node source_of(const std::string& name) {
  Node out = object_node();
  if (is_preset(name)) {
    set_member(out, "source", text_node("preset"));
    set_member(out, "preset", text_node(name));
    return out;
  }
  if (!std::filesystem::exists(name)) {
    throw InputError("--traces " + name + ": is no file here and no preset (docs/generators.md lists them)");
  }
  const std::string path = absolute(name);
  set_member(out, "source", text_node("trace"));
  set_member(out, "format", text_node(std::string(detect_format({path, name}).name)));
  set_member(out, "path", text_node(path));
  return out;
}

}  // namespace

Sheet with_model(const Sheet& sheet, const std::string& model, const Catalogue& catalogue) {
  Sheet out = sheet;
  Node* own = out.document.root().find("model");
  const Node* config = own == nullptr ? nullptr : own->find("config");
  if (config == nullptr) throw InputError(sheet.path + ": --models wants a scenario with one \"model\"");
  const std::vector<std::string> here = {""};
  const ModelCatalogue models(catalogue.models);
  const std::string name = models.find(model, here).name;
  // The scenario's own model by another of its names is not another model.
  if (config->text == model || config->text == name) return out;
  set_member(*own, "config", text_node(model.ends_with(".json") ? absolute(model) : model));
  return refitted(out, catalogue);
}

Sheet with_traffic(const Sheet& sheet, const std::string& traffic) {
  Sheet out = sheet;
  const Node* own = out.document.root().find("workload");
  if (own == nullptr) throw InputError(sheet.path + ": --traces wants a scenario with one \"workload\"");
  const std::size_t at = traffic.rfind('@');
  Node workload = source_of(traffic.substr(0, at));
  const Node* source = own->find("source");
  const bool was_trace = source != nullptr && source->text == "trace";
  for (const std::string_view key : kept_keys) {
    const Node* value = own->find(key);
    const bool always = key == "name" || key == "tenant" || key == "class" || key == "slo";
    const bool to_trace = was_trace && workload.find("path") != nullptr;
    if (value != nullptr && (always || to_trace)) set_member(workload, key, *value);
  }
  if (at != std::string::npos) {
    set_member(workload, "concurrency", whole_node(listed_numbers("--traces", traffic.substr(at + 1)).front()));
  }
  set_member(out.document.root(), "workload", std::move(workload));
  return out;
}

std::string generation(const std::string& model, const Catalogue& catalogue) {
  const std::vector<std::string> here = {""};
  const ModelShape shape = ModelCatalogue(catalogue.models).find(model, here);
  Traits traits;
  for (const LayerGroup& group : shape.layers) {
    traits.experts = traits.experts || std::holds_alternative<MoeFfn>(group.ffn);
    std::visit([&traits](const auto& attention) { traits.add(attention); }, group.attention);
  }
  std::string out = traits.experts ? "MoE" : "dense";
  if (traits.recurrent) out += " hybrid";
  for (const std::string& kind : traits.attention) out += " " + kind;
  if (traits.sparse) out += " sparse";
  return out;
}

}  // namespace memwall::tools::compare
