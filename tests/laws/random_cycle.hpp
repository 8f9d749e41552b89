// Random cycles of real models on real devices, for the laws of prices.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "hw_models/hbm_gpu/hbm_gpu.hpp"
#include "sim/base/math.hpp"
#include "sim/base/random.hpp"
#include "sim/llm/price_program.hpp"
#include "sim/serve/graph_padding.hpp"
#include "tests/laws/runs.hpp"

namespace memwall::test {

/// Draws in the order of calls, from one seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::int64_t integer(std::int64_t low, std::int64_t high) { return random_integer(key(), low, high); }
  /// As many between 1 and 10 as between 100 and 1000.
  std::int64_t spread(std::int64_t low, std::int64_t high) {
    const double ratio = static_cast<double>(high) / static_cast<double>(low);
    return static_cast<std::int64_t>(static_cast<double>(low) * math::pow(ratio, random_uniform(key())));
  }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(integer(0, static_cast<std::int64_t>(values.size()) - 1))];
  }

 private:
  DrawKey key() { return {seed_, 0, next_++, Purpose::test}; }
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

/// A deployment: what a price program is made of.
struct Setting {
  std::string device_name;
  std::shared_ptr<const DeviceModel> device;
  std::shared_ptr<const Interconnect> interconnect;
  ModelShape model;
  Deployment deployment;
  CycleOverheads overheads;

  [[nodiscard]] PriceProgram program() const {
    return {cycle_operators(model, deployment), device, interconnect, overheads};
  }
  [[nodiscard]] std::vector<Reach> reaches() const { return limited_reaches(cycle_operators(model, deployment)); }
  [[nodiscard]] std::string text() const {
    return model.name + " on " + std::to_string(deployment.tensor) + " x " + device_name + ", weights " +
           std::string(name(deployment.weights)) + ", cache " + std::string(name(deployment.kv));
  }
};

/// Links that can join eight of the device. Prices of a cycle are tested and not a product, so where a device has none
/// of its own in the catalogue those of another one will do.
inline std::string links_of(const std::string& device) {
  const std::vector<std::string> known = tools::program_catalogue().interconnect_names();
  const std::string own = "hgx_" + device.substr(0, device.find('_'));
  return std::find(known.begin(), known.end(), own) != known.end() ? own : "gb200_nvl72";
}

inline Setting setting_of(const std::string& device, const std::string& model, int tensor, Precision weights,
                          Precision kv) {
  const Catalogue catalogue = tools::program_catalogue();
  Setting out;
  out.device_name = device;
  out.device = catalogue.device(device, {});
  out.interconnect = catalogue.interconnect(links_of(device), {});
  out.model = ModelCatalogue(catalogue.models).find(model);
  out.deployment.tensor = tensor;
  out.deployment.weights = out.device->stored_format(weights);
  out.deployment.kv = kv;
  out.deployment.compute = out.device->compute_format(out.deployment.weights);
  out.overheads = {Seconds{0.3e-3}, true, Seconds{60e-6}};
  return out;
}

/// Devices of the catalogue that run a model's layers one after another.
inline std::vector<std::string> temporal_devices(const Catalogue& catalogue) {
  std::vector<std::string> out;
  for (const std::string& name : catalogue.device_names()) {
    if (catalogue.device(name, {})->spatial() == nullptr) out.push_back(name);
  }
  return out;
}

/// Any model of the catalogue on any of its devices that run it as a whole, whether or not it would fit: prices know no
/// capacity.
inline Setting random_setting(Dice& dice) {
  const Catalogue catalogue = tools::program_catalogue();
  const ModelCatalogue models(catalogue.models);
  const std::string model = dice.one_of(models.names());
  const int tensor = dice.one_of(tensor_degrees(models.find(model), 8));
  // One draw a statement: compilers differ in the order in which they evaluate arguments.
  const std::vector<Precision> formats = {Precision::bf16, Precision::fp8};
  const std::string device = dice.one_of(temporal_devices(catalogue));
  const Precision weights = dice.one_of(formats);
  const Precision kv = dice.one_of(formats);
  Setting out = setting_of(device, model, tensor, weights, kv);
  out.overheads.schedule = Seconds{static_cast<double>(dice.spread(100, 30000)) * 1e-6};
  out.overheads.schedule_hidden = dice.integer(0, 1) == 1;
  out.overheads.sampling_per_sequence = Seconds{static_cast<double>(dice.integer(0, 60)) * 1e-6};
  if (dice.integer(0, 2) > 0) {
    const Watts most{static_cast<double>(dice.spread(10, 1000))};
    out.overheads.power = {most, most * (static_cast<double>(dice.integer(0, 9)) * 0.1)};
  }
  return out;
}

/// A batch of decodes, of chunks of prompts, or of both.
inline BatchShape random_shape(Dice& dice, const std::vector<Reach>& reaches = {}, bool with_prefill = true) {
  BatchShape shape;
  const std::int64_t kind = with_prefill ? dice.integer(0, 2) : 0;
  if (kind != 1) {
    const std::int64_t sequences = dice.spread(1, 512);
    for (std::int64_t i = 0; i < sequences; ++i) shape.add(dice.spread(2, 50000) - 1, 1, true, true, reaches);
  }
  if (kind != 0) {
    const std::int64_t chunks = dice.integer(1, 4);
    for (std::int64_t i = 0; i < chunks; ++i) {
      const std::int64_t tokens = dice.spread(1, 4096);
      const std::int64_t before = dice.integer(0, 1) == 0 ? 0 : dice.spread(1, 100000);
      shape.add(before, tokens, false, false, reaches);
    }
    shape.sampled += dice.integer(0, chunks);
  }
  shape.tokens = shape.decode_tokens + shape.prefill_tokens;
  shape.padded = GraphPadding::vllm(256, 0).rows(shape.tokens);
  return shape;
}

/// How many tiers have another critical time in the carried price at cycle k than in the fresh one.
inline int differing_tiers(const Cost& carried, std::int64_t k, const Cost& fresh) {
  int different = 0;
  for (std::size_t t = 0; t < tier_count; ++t) {
    const Line& line = carried.critical.at[t];
    const double time = line.value + line.slope * static_cast<double>(k);
    if (std::abs(time - fresh.critical.at[t].value) >= 1e-9 * fresh.total().value) ++different;
  }
  return different;
}

}  // namespace memwall::test
