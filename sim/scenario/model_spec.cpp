#include "sim/scenario/model_spec.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/llm/operators.hpp"
#include "sim/scenario/read_engine.hpp"

namespace memwall {
namespace {

constexpr std::array<std::string_view, 2> patterns = {"2:4", "unstructured"};

WeightSparsityKeys read_sparsity(Reader& r) {
  WeightSparsityKeys out;
  const std::size_t picked =
      r.choice("pattern",
               {{"2:4", "two of each four neighbours are kept, with two bits each that say where"},
                {"unstructured", "any are kept, with a mask of one bit a weight"}},
               0, "where the zeros are");
  out.pattern = patterns.at(picked);
  out.kept = r.number("kept", {.fallback = 0.5, .low = 0.01, .high = 1}, "share of the weights that is kept");
  if (out.pattern == "2:4" && out.kept != 0.5) r.fault("kept", "is 0.5 in the pattern 2:4");
  return out;
}

/// The levers that compress, thin out or skip.
void read_levers(Reader& r, ModelSpec& spec) {
  if (r.has("kv_compression")) {
    r.object("kv_compression", false, "a smaller cache at the price of arithmetic; weights stay", [&](Reader& k) {
      KvCompressionKeys out;
      out.ratio = k.number("ratio", {.fallback = {}, .low = 1, .high = 1000}, "bytes before over bytes after");
      out.compress = k.quantity<Flops>("compress", "0 FLOP", "work for each token and layer that enters the cache");
      out.expand = k.quantity<Flops>("expand", "0 FLOP", "work for each token and layer that a decode reads");
      spec.kv_compression = out;
    });
  }
  if (r.has("weight_sparsity")) {
    r.object("weight_sparsity", false,
             "zeros in the layers' matrices; whether products with them are skipped is the device's",
             [&](Reader& k) { spec.weight_sparsity = read_sparsity(k); });
  }
  if (r.has("sparse_attention")) {
    r.object("sparse_attention", false, "queries attend to few keys; the cache keeps all of them", [&](Reader& k) {
      SparseAttentionKeys out;
      out.tokens = k.integer("tokens", {.low = 1}, "keys that a query attends to at most in layers of full attention");
      out.index_bytes = k.quantity<Bytes>("index_bytes", "0 B", "stored for each token and layer, and read to choose");
      out.index_work = k.quantity<Flops>("index_work", "0 FLOP", "work of choosing for each query, key and layer");
      spec.sparse_attention = out;
    });
  }
}

class Deployer {
 public:
  Deployer(const ModelSpec& spec, const ModelShape& model, const DeviceModel& device)
      : spec_(spec), model_(model), device_(device) {}

  Deployment deploy(int tensor) {
    out_.tensor = tensor;
    out_.kv = spec_.kv_cache.value_or(Precision::bf16);
    out_.activations = spec_.activations.value_or(Precision::bf16);
    choose_weights();
    choose_compute();
    choose_attention();
    choose_sparsity();
    return out_;
  }

 private:
  void choose_weights() {
    out_.weights = device_.stored_format(spec_.weights.value_or(model_.declared_weights));
    // Who names a format for the weights means all of the layers' weights.
    const bool declared = !spec_.weights;
    out_.attention_weights = spec_.attention_weights ? spec_.attention_weights
                             : declared              ? model_.declared_attention
                                                     : std::nullopt;
    out_.dense_weights = spec_.dense_weights ? spec_.dense_weights : declared ? model_.declared_dense : std::nullopt;
    for (std::optional<Precision>* part : {&out_.attention_weights, &out_.dense_weights}) {
      if (*part) *part = device_.stored_format(**part);
    }
  }

  void choose_compute() {
    out_.compute = compute_of(out_.weights);
    if (out_.attention_weights) out_.attention_compute = compute_of(*out_.attention_weights);
    if (out_.dense_weights) out_.dense_compute = compute_of(*out_.dense_weights);
    if (!spec_.compute) return;
    const DeviceInfo& info = device_.info();
    const Precision asked = *spec_.compute;
    if (!info.peak[static_cast<std::size_t>(asked)]) {
      std::string native;
      for (std::size_t i = 0; i < precision_count; ++i) {
        if (info.peak[i]) native += (native.empty() ? "" : ", ") + std::string(precision_names[i]);
      }
      throw InputError(model_.name + ": " + info.id + " has no products in " + std::string(name(asked)) +
                       "; native are " + native);
    }
    if (bytes_per_weight(asked) < bytes_per_weight(out_.weights)) {
      throw InputError(model_.name + ": weights of " + std::string(name(out_.weights)) +
                       " are not multiplied in the narrower " + std::string(name(asked)) +
                       "; give the weights that format too");
    }
  }

  [[nodiscard]] Precision compute_of(Precision weights) const {
    const bool asked = spec_.compute && bytes_per_weight(*spec_.compute) >= bytes_per_weight(weights);
    return asked ? *spec_.compute : device_.compute_format(weights);
  }

  void choose_attention() {
    const bool latent = std::any_of(model_.layers.begin(), model_.layers.end(), [](const LayerGroup& group) {
      return std::holds_alternative<LatentAttention>(group.attention);
    });
    if (spec_.absorbed_projections && !*spec_.absorbed_projections && !latent) {
      throw InputError(model_.name + ": absorbed_projections changes nothing, because no layer has latent attention");
    }
    out_.treatment.absorbed = spec_.absorbed_projections.value_or(true);
    if (spec_.kv_compression) {
      out_.treatment.compression = spec_.kv_compression->ratio;
      out_.treatment.expand = spec_.kv_compression->expand;
      out_.compress = spec_.kv_compression->compress;
    }
    if (!spec_.sparse_attention) return;
    const std::vector<Reach> before = limited_reaches(cycle_operators(model_, out_));
    out_.treatment.budget = spec_.sparse_attention->tokens;
    out_.treatment.selector = spec_.sparse_attention->index_bytes;
    out_.treatment.selector_work = spec_.sparse_attention->index_work;
    if (before == limited_reaches(cycle_operators(model_, out_))) {
      throw InputError(model_.name + ": sparse_attention of " + std::to_string(out_.treatment.budget) +
                       " tokens changes nothing, because no layer attends to more");
    }
  }

  void choose_sparsity() {
    if (!spec_.weight_sparsity) return;
    WeightSparsity& sparsity = out_.sparsity;
    sparsity.kept = spec_.weight_sparsity->kept;
    const bool regular = spec_.weight_sparsity->pattern == "2:4";
    (regular ? sparsity.bits_per_kept : sparsity.bits_per_weight) = regular ? 2 : 1;
    const auto& skipped = device_.info().sparsity;
    const auto found = skipped.find(spec_.weight_sparsity->pattern);
    if (found != skipped.end()) sparsity.products = std::max(sparsity.kept, 1 / found->second.value);
  }

  const ModelSpec& spec_;
  const ModelShape& model_;
  const DeviceModel& device_;
  Deployment out_;
};

}  // namespace

ModelSpec read_model_keys(Reader& r) {
  ModelSpec spec;
  spec.config = r.text("config", std::nullopt, "org/name of the catalogue, an alias, or a path to a config.json");
  spec.weights = read_precision(r, "weights", "format of the layers' weights; absent: as the model's file declares");
  spec.attention_weights = read_precision(
      r, "attention_weights", "format of attention's weights; absent: `weights`, or as the model's file declares");
  spec.dense_weights =
      read_precision(r, "dense_weights",
                     "format of dense layers and shared experts; absent: `weights`, or as the model's file declares");
  spec.kv_cache = read_precision(r, "kv_cache", "format of the KV cache; absent: bf16");
  spec.activations = read_precision(r, "activations", "format of the rows that products read and write; absent: bf16");
  spec.compute = read_precision(
      r, "compute", "format in which products run; absent: the weights' own where native on the device, else bf16");
  if (r.has("absorbed_projections")) {
    spec.absorbed_projections =
        r.boolean("absorbed_projections", true,
                  "latent attention decodes on the latent; false: it expands the context each time");
  }
  read_levers(r, spec);
  return spec;
}

Deployment deploy(const ModelSpec& spec, const ModelShape& model, const DeviceModel& device, int tensor) {
  return Deployer(spec, model, device).deploy(tensor);
}

}  // namespace memwall
