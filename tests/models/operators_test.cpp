// The operators of a cycle against independent sums: weights, operations, and the worked cycle of the design.
#include "sim/llm/operators.hpp"

#include <map>
#include <string>
#include <variant>

#include "sim/llm/parameters.hpp"
#include "tests/catch.hpp"
#include "tests/models/catalogue_on_disk.hpp"

using namespace memwall;

namespace {

Deployment over(int ranks, Precision weights = Precision::bf16) {
  Deployment out;
  out.tensor = ranks;
  out.weights = weights;
  return out;
}

double weight_bytes(const std::vector<Placed>& program) {
  double sum = 0;
  for (const Placed& placed : program) {
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) sum += placed.count * gemm->weights.value;
    if (const auto* experts = std::get_if<Experts>(&placed.work)) {
      sum += placed.count * experts->experts * experts->weights_per_expert.value;
    }
  }
  return sum;
}

/// Operations of a cycle in which `sequences` decode at `context` cached tokens each.
double decode_operations(const std::vector<Placed>& program, double sequences, double context) {
  double sum = 0;
  for (const Placed& placed : program) {
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) sum += placed.count * gemm->flops_per_row.value * sequences;
    if (const auto* experts = std::get_if<Experts>(&placed.work)) {
      sum += placed.count * experts->flops_per_row.value * experts->rows_per_token * sequences;
    }
    if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      const auto keys = static_cast<double>(reached(placed.reach, static_cast<std::int64_t>(context)));
      sum += placed.count * attention->flops_per_decode_pair.value * sequences * keys;
    }
    if (const auto* recurrence = std::get_if<Recurrence>(&placed.work)) {
      sum += placed.count * recurrence->flops_per_row.value * sequences;
    }
  }
  return sum;
}

/// Operations of a cycle that takes in one whole prompt.
double prefill_operations(const std::vector<Placed>& program, double tokens) {
  double sum = 0;
  for (const Placed& placed : program) {
    const double rows = placed.driver == Driver::sampled ? 1 : tokens;
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) sum += placed.count * gemm->flops_per_row.value * rows;
    if (const auto* experts = std::get_if<Experts>(&placed.work)) {
      sum += placed.count * experts->flops_per_row.value * experts->rows_per_token * rows;
    }
    if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      const auto pairs = static_cast<double>(reached_pairs(placed.reach, 0, static_cast<std::int64_t>(tokens)));
      sum += placed.count * attention->flops_per_pair.value * pairs;
    }
    if (const auto* recurrence = std::get_if<Recurrence>(&placed.work)) {
      sum += placed.count * recurrence->flops_per_row.value * tokens;
    }
  }
  return sum;
}

}  // namespace

TEST_CASE("weights of all operators are all parameters that multiply") {
  for (const std::string& name : test::catalogue().names()) {
    const ModelShape model = test::catalogue().find(name);
    const ParameterCount count = count_parameters(model);
    INFO(name);
    // The head multiplies whether its weights are its own or the embedding's. Norms are no products.
    const double wide = static_cast<double>(count.embedding + count.router + count.streams);
    const double layers = static_cast<double>(count.attention + count.ffn);
    const ModelShape padded = shard(model, over(1));
    const double padding = static_cast<double>((padded.vocab - model.vocab) * model.hidden);
    CHECK(weight_bytes(cycle_operators(model, over(1))) == 2 * (layers + wide + padding));
    CHECK(weight_bytes(cycle_operators(model, over(1, Precision::fp8))) == layers + 2 * (wide + padding));
  }
}

TEST_CASE("weights and cache of the operators are those of the footprint on every degree") {
  for (const std::string& name : test::catalogue().names()) {
    const ModelShape model = test::catalogue().find(name);
    for (const int ranks : tensor_degrees(model, 64)) {
      INFO(name << " over " << ranks);
      const Deployment deployment = over(ranks);
      const Footprint held = footprint(model, deployment);
      const std::vector<Placed> program = cycle_operators(model, deployment);
      CHECK(weight_bytes(program) ==
            held.embedding.value + held.attention.value + held.ffn.value + held.router.value + held.streams.value);
      double cache = 0;
      for (const Placed& placed : program) {
        if (const auto* attention = std::get_if<Attention>(&placed.work)) {
          cache += placed.count * attention->kv_per_token.value;
        }
      }
      CHECK(cache == held.kv_per_token.value);
    }
  }
}

TEST_CASE("operations of a cycle are two per active weight plus attention") {
  for (const std::string& name : test::catalogue().names()) {
    INFO(name);
    const ModelShape model = test::catalogue().find(name);
    const std::vector<Placed> program = cycle_operators(model, over(1));
    CHECK(decode_operations(program, 1, 1000) == Approx(decode_flops(model, 1000).value).epsilon(1e-3));
    CHECK(prefill_operations(program, 777) == Approx(prefill_flops(model, 777, 0).value).epsilon(1e-3));

    const ParameterCount active = count_active_parameters(model);
    const double multiplied = static_cast<double>(active.total() - active.norms - active.embedding +
                                                  (model.tied_embeddings ? active.embedding : 0));
    double states = 0;
    for (const LayerGroup& group : model.layers) {
      if (const auto* mixer = std::get_if<RecurrentMixer>(&group.attention)) {
        states += static_cast<double>(group.count) * recurrence_flops(*mixer).value;
      }
    }
    CHECK(decode_operations(program, 1, 0) == Approx(2 * multiplied + states).epsilon(1e-3));
  }
}

TEST_CASE("ranks share the operations") {
  const ModelShape dense = test::catalogue().find("meta-llama/Llama-3.1-70B");
  const double alone = decode_operations(cycle_operators(dense, over(1)), 4, 500);
  for (const int ranks : {2, 4, 8}) {
    CHECK(decode_operations(cycle_operators(dense, over(ranks)), 4, 500) * ranks == Approx(alone).epsilon(1e-12));
  }
  // Beyond the number of KV heads each rank projects a whole one, so the sum grows.
  CHECK(decode_operations(cycle_operators(dense, over(16)), 4, 500) * 16 > alone * 1.0001);
}

TEST_CASE("the worked cycle of the design") {
  const ModelShape model = test::catalogue().find("meta-llama/Llama-3.1-8B");
  const std::vector<Placed> program = cycle_operators(model, over(1));
  std::map<std::string, const Placed*> by_name;
  double layers_seconds = 0;
  double launches = 0;
  double small_kernels = 0;
  for (const Placed& placed : program) {
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) {
      by_name[gemm->name] = &placed;
      const double bytes = gemm->weights.value + 8 * gemm->activations_per_row.value;
      layers_seconds += placed.count * bytes / 2.942e12;
      launches += placed.count * 3.64e-6;
    }
    if (const auto* small = std::get_if<Elementwise>(&placed.work)) small_kernels += placed.count * small->kernels;
  }
  const auto megabytes = [&](const char* name) {
    const Gemm& gemm = std::get<Gemm>(by_name.at(name)->work);
    return (gemm.weights.value + 8 * gemm.activations_per_row.value) / 1e6;
  };
  CHECK(megabytes("qkv") == Approx(50.50).margin(0.005));
  CHECK(megabytes("attention out") == Approx(33.69).margin(0.005));
  CHECK(megabytes("gate, up") == Approx(235.41).margin(0.005));
  CHECK(megabytes("down") == Approx(117.74).margin(0.005));
  CHECK(megabytes("lm_head") == Approx(1052.8).margin(0.05));
  CHECK(by_name.at("qkv")->count == 32);
  CHECK(by_name.at("lm_head")->count == 1);
  CHECK(by_name.at("lm_head")->driver == Driver::sampled);
  CHECK(layers_seconds == Approx(5.115e-3).margin(0.5e-6));
  CHECK(launches == Approx(0.470e-3).margin(0.5e-6));
  CHECK(small_kernels * 2.5e-6 == Approx(0.320e-3).margin(1e-9));
  for (const Placed& placed : program) {
    if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      CHECK(attention->kv_per_token.value * 8 * 1000 == Approx(32.77e6).margin(0.005e6));
      CHECK(placed.driver == Driver::attention);
    }
    CHECK_FALSE(std::holds_alternative<AllReduce>(placed.work));
  }
}

TEST_CASE("a tensor-parallel cycle sums hidden rows twice a layer and once behind the embedding") {
  const std::vector<Placed> program = cycle_operators(test::catalogue().find("meta-llama/Llama-3.1-70B"), over(4));
  double count = 0;
  for (const Placed& placed : program) {
    if (const auto* sum = std::get_if<AllReduce>(&placed.work)) {
      count += placed.count;
      CHECK(sum->ranks == 4);
      CHECK(sum->bytes_per_row.value == 16384);
    }
  }
  CHECK(count == 161);
}

TEST_CASE("latent attention decodes on the latent and prefills on expanded heads") {
  const std::vector<Placed> program = cycle_operators(test::catalogue().find("deepseek-ai/DeepSeek-V3"), over(8));
  int seen = 0;
  for (const Placed& placed : program) {
    if (const auto* attention = std::get_if<Attention>(&placed.work)) {
      CHECK(attention->kv_per_token.value == 1152);
      CHECK(attention->flops_per_pair.value == 2.0 * 16 * (128 + 64 + 128));
      CHECK(attention->flops_per_decode_pair.value == 2.0 * 16 * (2 * 512 + 64));
      ++seen;
    }
    if (const auto* experts = std::get_if<Experts>(&placed.work)) {
      CHECK(placed.count == 58);
      CHECK(experts->experts == 256);
      CHECK(experts->rows_per_token == 8);
      CHECK(experts->weights_per_expert.value == 3.0 * 7168 * 2048 / 8 * 2);
    }
  }
  CHECK(seen == 2);  // the leading dense layers and the expert layers
}

TEST_CASE("parts that stay wide are computed wide") {
  Deployment narrow = over(1, Precision::fp8);
  narrow.compute = Precision::fp8;
  for (const Placed& placed : cycle_operators(test::catalogue().find("Qwen/Qwen3-30B-A3B"), narrow)) {
    if (const auto* gemm = std::get_if<Gemm>(&placed.work)) {
      INFO(gemm->name);
      const bool wide = gemm->name == "lm_head" || gemm->name == "router";
      CHECK(gemm->weight_format == (wide ? Precision::bf16 : Precision::fp8));
      CHECK(gemm->compute == gemm->weight_format);
    }
  }
}
