// Shared prefixes: exactly the leading tokens of a group are shared, and groups are asked as often as they should be.
#include "workloads/generators/prefix_groups.hpp"

#include <algorithm>
#include <set>

#include "tests/catch.hpp"
#include "tests/workloads/sampling.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/generators/synthetic.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

SyntheticOptions options_with(const PrefixGroups& prefix, std::int64_t requests) {
  SyntheticOptions options;
  options.begin.extent.count = requests;
  options.begin.arrivals = OpenArrivals{ConstantArrivals{}};
  options.shape.lengths.input = UniformLength{10, 30};
  options.shape.prefix = prefix;
  return options;
}

std::vector<Request> generated(const PrefixGroups& prefix, std::int64_t requests = 4000) {
  return drained(*synthetic_requests(options_with(prefix, requests), SourceContext{}));
}

PrefixGroups groups(std::int64_t count, const Length& tokens) {
  PrefixGroups out;
  out.groups = count;
  out.tokens = tokens;
  return out;
}

/// How often each group was asked, by its stream, the most frequent first.
std::vector<double> shares(const std::vector<Request>& requests) {
  std::map<std::uint64_t, double> asked;
  for (const Request& request : requests) {
    if (!request.prompt.empty()) ++asked[request.prompt[0].stream];
  }
  std::vector<double> out;
  for (const auto& [stream, count] : asked) out.push_back(count / static_cast<double>(requests.size()));
  std::sort(out.rbegin(), out.rend());
  return out;
}

}  // namespace

TEST_CASE("the requests of a group share the tokens of its prefix and nothing else") {
  std::map<std::uint64_t, std::int64_t> lengths;
  std::set<std::int64_t> different;
  for (const Request& request : generated(groups(7, UniformLength{100, 500}))) {
    REQUIRE(request.prompt.size() == 1);
    CHECK(request.prompt[0].begin == 0);
    const auto [known, is_new] = lengths.emplace(request.prompt[0].stream, request.prompt[0].end);
    CHECK(known->second == request.prompt[0].end);
    different.insert(known->second);
    CHECK(request.input_tokens - known->second >= 10);  // the prompt's own tokens come on top
    CHECK(request.input_tokens - known->second <= 30);
  }
  CHECK(lengths.size() == 7);
  CHECK(different.size() > 1);
}

TEST_CASE("groups are asked as often as their popularity says") {
  const auto uniform = shares(generated(groups(4, FixedLength{64}), 20000));
  for (const double share : uniform) CHECK(share == Approx(0.25).margin(5 * std::sqrt(0.25 * 0.75 / 20000)));

  PrefixGroups zipf = groups(50, FixedLength{64});
  zipf.popularity = Popularity::zipf;
  zipf.exponent = 1.2;
  double sum = 0;
  for (int k = 1; k <= 50; ++k) sum += std::pow(k, -1.2);
  const auto power = shares(generated(zipf, 20000));
  for (std::size_t k = 0; k < 5; ++k) {
    const double expected = std::pow(static_cast<double>(k + 1), -1.2) / sum;
    CHECK(power[k] == Approx(expected).margin(5 * std::sqrt(expected * (1 - expected) / 20000)));
  }

  PrefixGroups balanced = groups(10, FixedLength{256});
  balanced.popularity = Popularity::balanced;
  const auto requests = generated(balanced, 1000);
  for (const double share : shares(requests)) CHECK(share == Approx(0.1).epsilon(1e-12));
  std::set<std::vector<std::uint64_t>> orders;
  for (std::size_t round = 0; round < 100; ++round) {
    std::vector<std::uint64_t> order;
    for (std::size_t i = 0; i < 10; ++i) order.push_back(requests[10 * round + i].prompt[0].stream);
    orders.insert(order);
  }
  CHECK(orders.size() > 95);  // of 3.6 million orders
}

TEST_CASE("the share of requests without a prefix is drawn, and a prefix changes no other draw") {
  PrefixGroups some = groups(3, FixedLength{100});
  some.share = 0.3;
  const auto with = generated(some, 20000);
  const auto without = generated({}, 20000);
  std::vector<double> has;
  for (std::size_t i = 0; i < with.size(); ++i) {
    has.push_back(with[i].prompt.empty() ? 0 : 1);
    CHECK(with[i].input_tokens - (with[i].prompt.empty() ? 0 : 100) == without[i].input_tokens);
  }
  check_mean("share", has, 0.3);
  CHECK_FALSE(synthetic_requests(options_with({}, 1), SourceContext{})->shares_tokens());
  CHECK(synthetic_requests(options_with(some, 1), SourceContext{})->shares_tokens());
}

TEST_CASE("two workloads of a scenario do not share their prefixes") {
  SourceContext other;
  other.workload = 1;
  const PrefixGroups one = groups(1, FixedLength{64});
  CHECK(drained(*synthetic_requests(options_with(one, 1), SourceContext{}))[0].prompt[0].stream !=
        drained(*synthetic_requests(options_with(one, 1), other))[0].prompt[0].stream);
}
