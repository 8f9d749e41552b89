// Tokens on their way to the experts that they chose, and back: the all-to-all of expert parallelism.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/base/quantity.hpp"
#include "sim/base/reader.hpp"
#include "sim/hw/operators.hpp"

namespace memwall {

/// Time of one direction of the exchange on one rank:
///   start + experts x per_expert + ranks x per_rank + tokens x per_token
///         + max(bytes inside / rate inside, bytes across / rate across),
/// where the rate inside is the smaller of `bandwidth` and experts x `bandwidth_per_expert` (kernels of few experts use
/// few cores). Bytes are those that one rank sends (dispatch) or gets (combine); exchange_copies says which.
struct ExchangeMethod {
  std::string name;
  ExchangeMode mode = ExchangeMode::low_latency;
  ExchangeDirection direction = ExchangeDirection::dispatch;
  Seconds start;
  Seconds per_expert;
  Seconds per_rank;
  Seconds per_token;
  BytesPerSecond bandwidth;
  std::optional<BytesPerSecond> bandwidth_per_expert;
  std::optional<BytesPerSecond> across;  ///< over the rank's network card; absent: the domain has no way out
};

[[nodiscard]] ExchangeMethod read_exchange(Reader& reader);

/// Copies of a token that a rank sends inside its domain and across to others.
struct ExchangeCopies {
  double inside = 0;
  double across = 0;
};

/// Experts are chosen alike and independently of each other, `domain` ranks share a scale-up domain.
/// low_latency: a copy for each chosen expert, those on the rank itself among them, as DeepEP's figures count. normal:
/// across the network a copy for each distinct other domain, inside one for each distinct other rank. Distinct holders
/// of k chosen of E experts over R holders: R (1 - C(E - E/R, k) / C(E, k)). `most_domains` bounds the domains that a
/// token may reach (routers that choose groups first); 0: all.
[[nodiscard]] ExchangeCopies exchange_copies(const ExpertExchange& work, int domain);

/// R (1 - C(E - E/R, k) / C(E, k)), the holders that k different experts of `experts` lie on.
[[nodiscard]] double distinct_holders(double experts, double chosen, double holders);

}  // namespace memwall
