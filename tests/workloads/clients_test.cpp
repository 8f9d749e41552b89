// Clients: the sum of streams that know nothing of each other.
#include "workloads/generators/clients.hpp"

#include <algorithm>
#include <map>

#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

Client client(const std::string& name, const Arrivals& arrivals, double mean_input, std::int64_t requests = 2000) {
  Client out;
  out.name = name;
  out.traffic.begin.extent.count = requests;
  out.traffic.begin.arrivals = arrivals;
  out.traffic.shape.lengths.input = LognormalLength{mean_input, 0.5, 1, most_tokens};
  return out;
}

const Client steady = client("steady", OpenArrivals{GammaArrivals{PerSecond{20}, 1}}, 300);
const Client bursty = client("bursty", OpenArrivals{GammaArrivals{PerSecond{3}, 4}}, 3000);
const Client waiting = client("waiting", ClosedLoop{2, Duration{500'000'000'000}}, 50, 100);

std::map<std::string, std::vector<Request>> by_client(const std::vector<Client>& clients) {
  const auto source = client_requests(clients, SourceContext{});
  const LabelNames names = source->names();
  const auto all = drained(*source);
  CHECK(
      std::is_sorted(all.begin(), all.end(), [](const Request& a, const Request& b) { return a.arrival < b.arrival; }));
  std::map<std::string, std::vector<Request>> out;
  for (const Request& request : all) {
    out[names.tenants.at(static_cast<std::size_t>(request.labels.tenant))].push_back(request);
  }
  return out;
}

}  // namespace

TEST_CASE("adding, removing and moving clients changes no request of the others") {
  const auto alone = by_client({bursty});
  const auto two = by_client({steady, bursty});
  const auto three = by_client({bursty, waiting, steady});
  for (const auto* other : {&two, &three}) {
    const auto& requests = other->at("bursty");
    REQUIRE(requests.size() == alone.at("bursty").size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      CHECK(requests[i].arrival == alone.at("bursty")[i].arrival);
      CHECK(requests[i].input_tokens == alone.at("bursty")[i].input_tokens);
      CHECK(requests[i].output_tokens == alone.at("bursty")[i].output_tokens);
    }
  }
  CHECK(three.at("waiting").size() == 100);
  CHECK(by_client({client("other", steady.traffic.begin.arrivals, 300)}).at("other")[0].arrival !=
        two.at("steady")[0].arrival);
}

TEST_CASE("each client has its own rate and lengths") {
  const auto all = by_client({steady, bursty});
  for (const auto& [name, mean_input, gap] :
       {std::tuple{"steady", 300.0, 0.05}, std::tuple{"bursty", 3000.0, 1 / 3.0}}) {
    std::vector<double> inputs, gaps;
    double last = 0;
    for (const Request& request : all.at(name)) {
      inputs.push_back(static_cast<double>(request.input_tokens));
      gaps.push_back(request.arrival.seconds() - last);
      last = request.arrival.seconds();
    }
    INFO(name);
    check_mean("inputs", inputs, mean_input);
    CHECK(std::abs(mean_of(gaps) - gap) <= 5 * standard_error(gaps));
  }
}
