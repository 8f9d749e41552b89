// Traffic as the sum of clients that know nothing of each other: few large ones, many small ones.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "workloads/generators/synthetic.hpp"

namespace memwall {

/// One client with a process, lengths and prefixes of its own (ServeGen: Xiang et al., Workload characterization and
/// generation of large language model serving in production, 2025).
struct Client {
  std::string name;  ///< the tenant of its requests
  SyntheticOptions traffic;
};

/// Merges the clients by arrival, ties by their order. The draws of a client are keyed by its name, so that adding,
/// removing or moving another changes none of them. Names differ.
[[nodiscard]] std::unique_ptr<RequestSource> client_requests(const std::vector<Client>& clients,
                                                             const SourceContext& context);

/// Reads the keys of source kind `clients`.
[[nodiscard]] std::function<std::unique_ptr<RequestSource>(const SourceContext&)> read_client_source(Reader& reader);

}  // namespace memwall
