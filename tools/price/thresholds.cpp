#include "tools/price/thresholds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <variant>

#include "sim/llm/key_walks.hpp"
#include "sim/llm/parameters.hpp"
#include "sim/scenario/describe_device.hpp"
#include "tools/price/contexts.hpp"

namespace memwall::tools::price {
namespace {

/// The smallest length for which `holds`. Batches are whole, so costs have teeth: lengths are tried in steps of a
/// fifth, and the first step in which it begins to hold is halved until nothing is left of it.
std::optional<double> first_length(const std::function<bool(std::int64_t)>& holds) {
  std::int64_t low = 0;
  std::int64_t high = 1;
  while (!holds(high)) {
    if (high == searched_tokens) return std::nullopt;
    low = high;
    high = std::min(searched_tokens, high + std::max<std::int64_t>(1, high / 5));
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return static_cast<double>(high);
}

class Finder {
 public:
  Finder(const Engine& engine, const Demand& demand, std::int64_t first)
      : engine_(engine),
        demand_(demand),
        first_(first),
        model_(engine.pool.model),
        cache_(engine.pool.deployment.cache()),
        bytes_(model_bytes(engine.pool.model, engine.pool.deployment)) {}

  std::vector<Threshold> all() {
    kv_and_weights();
    kv_and_arithmetic();
    capacity_and_ridge();
    doubling();
    room();
    return std::move(out_);
  }

 private:
  double stored(std::int64_t tokens) const {
    return (kv_bytes_of_sequence(model_, cache_, tokens) + state_bytes_per_sequence(model_)).value;
  }

  void add(std::string name, std::string says, std::optional<double> tokens, std::string why_none) {
    out_.push_back({std::move(name), std::move(says), tokens, tokens ? std::string() : std::move(why_none)});
  }

  void kv_and_weights() {
    add("kv_equals_weights_one", "the cache of one sequence is as large as the weights that it visits",
        first_length([&](std::int64_t tokens) { return stored(tokens) >= bytes_.active_weights; }),
        "the cache stops growing before");
    const auto found = first_length([&](std::int64_t tokens) {
      const Point at = price_point(engine_, demand_, tokens);
      return at.refusal.empty() && at.batch * stored(tokens) >= bytes_.weights;
    });
    add("kv_equals_weights_batch", "the caches of the running batch are as large as all weights", found,
        "slots, cache and objective never let in so many sequences");
  }

  /// Rates of the device's file: a device of two memories is taken at the one of caches.
  void kv_and_arithmetic() {
    const DeviceInfo& info = engine_.pool.device->info();
    const auto& peak = info.peak[static_cast<std::size_t>(engine_.pool.deployment.compute)];
    if (!peak) {
      add("kv_time_equals_compute", "", std::nullopt, "the device's file has no rate of this format");
      return;
    }
    const double arithmetic = 2 * bytes_.active_parameters / peak->value.value;
    add("kv_time_equals_compute",
        "at peak rates, reading the cache of a sequence takes as long as the arithmetic of its token",
        first_length([&](std::int64_t tokens) {
          return kv_read_bytes(model_, cache_, tokens) / info.bandwidth.value.value >= arithmetic;
        }),
        "a token never reads so many bytes");
  }

  void capacity_and_ridge() {
    const Deployment& deployment = engine_.pool.deployment;
    const auto ridge = ridge_batch(engine_.pool.device->info(), deployment.weights, deployment.compute);
    const std::string says = "the cache no longer holds the batch at which arithmetic takes longer than weights";
    if (!ridge) {
      add("kv_capacity_below_ridge", says, std::nullopt, "the device's file has no rate of this format");
      return;
    }
    const double wanted = *ridge * bytes_.total_parameters / bytes_.active_parameters;
    add("kv_capacity_below_ridge", says + fmt::format(", {:.0f} sequences", wanted),
        first_length([&](std::int64_t tokens) {
          return engine_.usable_blocks() < wanted * engine_.blocks_of(static_cast<double>(tokens));
        }),
        "the cache always holds it");
  }

  void doubling() {
    const Point from = price_point(engine_, demand_, first_);
    const std::string behind = " twice what it costs at " + tokens_text(static_cast<double>(first_));
    const std::string none = from.refusal.empty() ? "it never does while a sequence fits"
                                                  : "nothing fits at " + tokens_text(static_cast<double>(first_));
    const auto twice = [&](const std::function<double(const Point&)>& cost) -> std::optional<double> {
      if (!from.refusal.empty()) return std::nullopt;
      return first_length([&](std::int64_t tokens) {
        if (tokens <= first_) return false;
        const Point at = price_point(engine_, demand_, tokens);
        return at.refusal.empty() && cost(at) >= 2 * cost(from);
      });
    };
    add("output_cost_doubles", "a generated token costs" + behind,
        twice([](const Point& at) { return at.at_rate.decode / at.request.output; }), none);
    add("input_cost_doubles", "a computed prompt token costs" + behind,
        twice([](const Point& at) { return at.at_rate.prefill / at.request.uncached; }), none);
  }

  void room() {
    Demand patient = demand_;
    patient.tpot_s.reset();
    if (demand_.tpot_s) {
      auto slow =
          first_length([&](std::int64_t tokens) { return !price_point(engine_, demand_, tokens).refusal.empty(); });
      if (slow && !price_point(engine_, patient, static_cast<std::int64_t>(*slow)).refusal.empty()) slow.reset();
      add("objective_missed", "one sequence alone misses the objective on the time between tokens", slow,
          "none that fits does");
    }
    add("next_device", "one sequence no longer fits: another device is needed",
        first_length([&](std::int64_t tokens) { return !price_point(engine_, patient, tokens).refusal.empty(); }),
        "one always fits");
  }

  const Engine& engine_;
  const Demand& demand_;
  std::int64_t first_;
  const ModelShape& model_;
  CacheTreatment cache_;
  ModelBytes bytes_;
  std::vector<Threshold> out_;
};

}  // namespace

ModelBytes model_bytes(const ModelShape& model, const Deployment& deployment) {
  Deployment one = deployment;
  one.tensor = one.data = one.expert = 1;
  one.redundant = 0;
  const ParameterCount all = count_parameters(model);
  const ParameterCount active = count_active_parameters(model);
  ModelBytes out;
  out.weights = footprint(model, one).weights().value;
  out.active_weights = out.weights - static_cast<double>(all.experts - active.experts) * one.stored_bytes(one.weights);
  out.total_parameters = static_cast<double>(all.total());
  out.active_parameters = static_cast<double>(active.total());
  out.kv_per_token = kv_bytes_per_token(model, one.cache()).value;
  return out;
}

double kv_read_bytes(const ModelShape& model, const CacheTreatment& treatment, std::int64_t context) {
  double bytes = 0;
  for (const LayerGroup& group : model.layers) {
    for (const KeyWalk& walk : key_walks(group.attention, treatment)) {
      bytes += static_cast<double>(group.count * reached(walk.reach, context)) * walk.read.value;
    }
  }
  return bytes;
}

std::vector<Threshold> thresholds(const Engine& engine, const Demand& demand, std::int64_t first) {
  return Finder(engine, demand, first).all();
}

std::optional<double> break_even_hold_s(const Engine& engine, const Demand& demand, std::int64_t context) {
  Demand computed = demand;
  computed.cached = 0;
  const Point at = price_point(engine, computed, context);
  if (!at.refusal.empty()) return std::nullopt;
  const double token = engine.block_bytes() / static_cast<double>(engine.pool.engine.scheduler.block_size);
  return at.at_rate.prefill / at.request.uncached / (token * at.usd_per_byte_second);
}

}  // namespace memwall::tools::price
