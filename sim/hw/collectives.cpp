#include "sim/hw/collectives.hpp"

#include "sim/base/error.hpp"

namespace memwall {
namespace {

double log2_ceiling(int ranks) {
  int steps = 0;
  while ((std::int64_t{1} << steps) < ranks) ++steps;
  return steps;
}

std::optional<AlgorithmShape> all_reduce_shape(Algorithm algorithm, double n, int ranks) {
  switch (algorithm) {
    case Algorithm::ring: return AlgorithmShape{2 * (n - 1), 2 * (n - 1) / n, 1 / n};
    case Algorithm::tree: return AlgorithmShape{2 * log2_ceiling(ranks), 2, 0};
    case Algorithm::one_shot: return AlgorithmShape{1, n - 1, 1 / n};
    case Algorithm::two_shot: return AlgorithmShape{2, 2 * (n - 1) / n, 1 / n};
    case Algorithm::in_switch: return AlgorithmShape{2, (n + 1) / n, 1 / n};
    case Algorithm::direct: break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<AlgorithmShape> shape_of(Collective collective, Algorithm algorithm, int ranks) {
  law(ranks >= 2, "a collective joins at least two ranks");
  const double n = ranks;
  switch (collective) {
    case Collective::all_reduce: return all_reduce_shape(algorithm, n, ranks);
    case Collective::all_gather:
    case Collective::reduce_scatter:
      if (algorithm == Algorithm::ring) return AlgorithmShape{n - 1, (n - 1) / n, 1 / n};
      if (algorithm == Algorithm::direct) return AlgorithmShape{1, (n - 1) / n, 1 / n};
      if (algorithm == Algorithm::in_switch) return AlgorithmShape{1, 1, 0};
      return std::nullopt;
    case Collective::all_to_all:
      if (algorithm == Algorithm::direct) return AlgorithmShape{1, (n - 1) / n, 1 / n};
      return std::nullopt;
    case Collective::point_to_point:
      if (algorithm == Algorithm::direct) return AlgorithmShape{1, 1, 0};
      return std::nullopt;
  }
  return std::nullopt;
}

Seconds Method::time(int ranks, Bytes buffer) const {
  const auto shape = shape_of(collective, algorithm, ranks);
  law(shape.has_value(), "a method names an algorithm of its collective; the reader checks it");
  Seconds sum = start + step * shape->steps + buffer * shape->moved / bandwidth;
  if (copy) sum += buffer * shape->copied / *copy;
  return sum;
}

Method read_method(Reader& reader) {
  Method method;
  std::vector<Choice> collectives;
  for (const std::string_view one : collective_names) collectives.push_back({one, "the collective"});
  std::vector<Choice> algorithms;
  for (const std::string_view one : algorithm_names) algorithms.push_back({one, "how it is done"});
  method.collective = static_cast<Collective>(reader.choice("collective", collectives, std::nullopt, "what it does"));
  method.algorithm = static_cast<Algorithm>(reader.choice("algorithm", algorithms, std::nullopt, "how it does it"));
  const std::vector<Choice> libraries = {{"nccl", "NCCL or its like"},
                                         {"vllm", "the custom all-reduce of vLLM"},
                                         {"tensorrt_llm", "that of TensorRT-LLM, which vLLM never uses"}};
  method.library = libraries[reader.choice("library", libraries, std::nullopt, "whose it is")].name;
  method.name = reader.text("name", std::string(name(method.algorithm)), "library and protocol, for reports");
  (void)reader.sourced_block(method.name + " of " + std::string(name(method.collective)));
  method.start = reader.quantity<Seconds>("start", std::nullopt, "whatever the size and the ranks");
  method.step = reader.quantity<Seconds>("step", "0 s", "of each message that waits for the one before");
  method.bandwidth = reader.quantity<BytesPerSecond>("bandwidth", std::nullopt, "of one rank in one direction");
  method.copy = reader.optional_quantity<BytesPerSecond>("copy", "inside a rank's memory, where it is not hidden");
  if (const auto most = reader.optional_quantity<Bytes>("up_to", "largest buffer for which the library uses it"))
    method.up_to = *most;
  constexpr std::int64_t many = 1 << 20;
  method.least_ranks = static_cast<int>(reader.integer("least_ranks", {.fallback = 2, .low = 2, .high = many},
                                                       "fewest ranks for which the library uses it"));
  method.most_ranks = static_cast<int>(
      reader.integer("most_ranks", {.fallback = many, .low = 2, .high = many}, "most ranks for which it does"));
  if (!(method.bandwidth.value > 0)) reader.fault("bandwidth", "must be above zero");
  if (method.copy && !(method.copy->value > 0))
    reader.fault("copy", "must be above zero; leave it out where it is hidden");
  if (!shape_of(method.collective, method.algorithm, 2)) {
    reader.fault("algorithm",
                 "\"" + std::string(name(method.algorithm)) + "\" does no " + std::string(name(method.collective)));
    method.algorithm = method.collective == Collective::all_reduce ? Algorithm::ring : Algorithm::direct;
  }
  return method;
}

MethodChoice quickest(const std::vector<Method>& methods, Collective collective, int ranks, Bytes buffer) {
  MethodChoice best;
  for (const Method& method : methods) {
    if (!method.serves(collective, ranks, buffer)) continue;
    const Seconds time = method.time(ranks, buffer);
    if (best.method == nullptr || time < best.time) best = {&method, time};
  }
  return best;
}

std::vector<Method> plain_methods(const LinkFacts& facts) {
  std::vector<Method> out;
  const auto add = [&](Collective collective, Algorithm algorithm) {
    Method method;
    method.collective = collective;
    method.algorithm = algorithm;
    method.name = std::string(name(algorithm)) + " by latency and bandwidth of the links";
    method.step = facts.step;
    method.bandwidth = facts.bandwidth;
    out.push_back(std::move(method));
  };
  add(Collective::all_reduce, Algorithm::ring);
  add(Collective::all_gather, Algorithm::ring);
  add(Collective::reduce_scatter, Algorithm::ring);
  if (facts.direct) add(Collective::all_reduce, Algorithm::tree);
  if (facts.direct) add(Collective::all_gather, Algorithm::direct);
  if (facts.direct) add(Collective::reduce_scatter, Algorithm::direct);
  if (facts.multicast) add(Collective::all_reduce, Algorithm::in_switch);
  add(Collective::all_to_all, Algorithm::direct);
  add(Collective::point_to_point, Algorithm::direct);
  return out;
}

}  // namespace memwall
