#include "sim/hw/expert_exchange.hpp"

#include <algorithm>

#include "sim/base/error.hpp"

namespace memwall {

ExchangeMethod read_exchange(Reader& reader) {
  ExchangeMethod method;
  method.mode =
      static_cast<ExchangeMode>(reader.choice("mode",
                                              {{"low_latency", "a copy for each chosen expert"},
                                               {"normal", "a copy for each domain across, then for each rank inside"}},
                                              std::nullopt, "which kernels"));
  method.direction = static_cast<ExchangeDirection>(
      reader.choice("direction", {{"dispatch", "to the experts"}, {"combine", "back"}}, std::nullopt, "which way"));
  method.name = reader.text("name", "expert exchange", "library, for reports");
  (void)reader.sourced_block(method.name);
  method.start = reader.quantity<Seconds>("start", std::nullopt, "whatever the size");
  method.per_expert = reader.quantity<Seconds>("per_expert", "0 s", "of each expert of the layer");
  method.per_rank = reader.quantity<Seconds>("per_rank", "0 s", "of each rank that takes part");
  method.per_token = reader.quantity<Seconds>("per_token", "0 s", "of each token, beside its bytes");
  method.bandwidth = reader.quantity<BytesPerSecond>("bandwidth", std::nullopt, "of one rank inside its domain");
  method.bandwidth_per_expert =
      reader.optional_quantity<BytesPerSecond>("bandwidth_per_expert", "where few experts use few cores");
  method.across = reader.optional_quantity<BytesPerSecond>("across", "of one rank to other domains");
  if (!(method.bandwidth.value > 0)) reader.fault("bandwidth", "must be above zero");
  if (method.across && !(method.across->value > 0)) reader.fault("across", "must be above zero");
  if (method.bandwidth_per_expert && !(method.bandwidth_per_expert->value > 0))
    reader.fault("bandwidth_per_expert", "must be above zero");
  return method;
}

double distinct_holders(double experts, double chosen, double holders) {
  const double each = experts / holders;
  if (experts - each < chosen) return holders;  // one holder cannot be left out
  double missed = 1;
  for (double i = 0; i < chosen; i += 1) missed *= (experts - each - i) / (experts - i);
  return holders * (1 - missed);
}

ExchangeCopies exchange_copies(const ExpertExchange& work, int domain) {
  law(work.ranks >= 1 && domain >= 1, "an exchange joins ranks");
  const double domains = std::max(1.0, static_cast<double>(work.ranks) / domain);
  const double home = 1 / domains;
  if (work.mode == ExchangeMode::low_latency) return {work.top_k * home, work.top_k * (1 - home)};
  double reached = distinct_holders(work.experts, work.top_k, domains);
  if (work.most_domains > 0) reached = std::min(reached, work.most_domains);
  const double others = distinct_holders(work.experts, work.top_k, work.ranks) * (1 - 1.0 / work.ranks);
  // What arrives over the network is handed on inside, so every rank's copy passes the links of the domain once.
  return {others, reached * (1 - home)};
}

}  // namespace memwall
