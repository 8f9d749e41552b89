// Algorithms in closed form, the choice among them, and what graphs make of them.
#include <cmath>

#include "sim/hw/interconnect.hpp"
#include "tests/catch.hpp"
#include "tests/interconnect/topology_files.hpp"

using namespace memwall;

namespace {

Interconnect links(const std::string& more = "") {
  Interconnect link;
  read_text(R"({"id": "made", "devices": 64,
    "bandwidth": {"value": "100 GB/s", "basis": "vendor", "source": "x"},
    "step_latency": {"value": "2 us", "basis": "estimate", "source": "x"})" +
                more + "}",
            "made.json", [&](Reader& reader) { link = Interconnect::read(reader, "made"); });
  return link;
}

double seconds(const Interconnect& link, Collective collective, int ranks, double bytes) {
  return link.collective(collective, ranks, Bytes{bytes}).total().value;
}

}  // namespace

TEST_CASE("a ring moves 2 (n - 1) / n of the buffer in 2 (n - 1) steps, a tree two buffers in 2 log n") {
  for (const int n : {2, 3, 8, 64}) {
    INFO(n);
    const auto ring = *shape_of(Collective::all_reduce, Algorithm::ring, n);
    CHECK(ring.steps == 2 * (n - 1));
    CHECK(ring.moved == Approx(2.0 * (n - 1) / n));
    const auto tree = *shape_of(Collective::all_reduce, Algorithm::tree, n);
    CHECK(tree.steps == 2 * std::ceil(std::log2(n)));
    CHECK(tree.moved == 2);
    // A ring's all-reduce is its reduce-scatter and its all-gather.
    const auto scatter = *shape_of(Collective::reduce_scatter, Algorithm::ring, n);
    const auto gather = *shape_of(Collective::all_gather, Algorithm::ring, n);
    CHECK(ring.steps == scatter.steps + gather.steps);
    CHECK(ring.moved == Approx(scatter.moved + gather.moved));
  }
  CHECK_FALSE(shape_of(Collective::all_to_all, Algorithm::ring, 8).has_value());
}

TEST_CASE("small buffers take a tree and large ones a ring, and the time never falls as they grow") {
  const Interconnect link = links();
  // 2 log2 64 = 12 steps of 2 us against 126 of them.
  CHECK(seconds(link, Collective::all_reduce, 64, 0) == Approx(24e-6));
  CHECK(link.priced_by(Collective::all_reduce, 64, Bytes{1e3}) == "tree by latency and bandwidth of the links");
  CHECK(link.priced_by(Collective::all_reduce, 64, Bytes{1e10}) == "ring by latency and bandwidth of the links");
  CHECK(seconds(link, Collective::all_reduce, 64, 1e10) == Approx(126 * 2e-6 + 2.0 * 63 / 64 * 0.1));
  CHECK(link.all_reduce_floor(64).value == Approx(24e-6));
  for (const auto collective : {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter,
                                Collective::all_to_all, Collective::point_to_point}) {
    double before = 0;
    for (double bytes = 0; bytes < 1e9; bytes = bytes * 1.5 + 100) {
      const double now = seconds(link, collective, 8, bytes);
      CHECK(now >= before);
      before = now;
    }
  }
}

TEST_CASE("multicast in the switch sends each byte once, and beats the ring on large buffers") {
  const Interconnect plain = links();
  const Interconnect multicast = links(R"(, "multicast": true)");
  CHECK(seconds(multicast, Collective::all_reduce, 8, 1e9) == Approx(4e-6 + 9.0 / 8 * 0.01));
  CHECK(seconds(multicast, Collective::all_reduce, 8, 1e9) < seconds(plain, Collective::all_reduce, 8, 1e9));
}

TEST_CASE("a library's methods come before what latency and bandwidth alone say, within their limits") {
  const Interconnect link = links(R"(, "methods": [
    {"collective": "all_reduce", "algorithm": "one_shot", "library": "vllm", "name": "small", "basis": "measured",
     "source": "x", "start": "3 us", "step": "1 us", "bandwidth": "50 GB/s", "up_to": "1 MB", "most_ranks": 8},
    {"collective": "all_reduce", "algorithm": "ring", "library": "nccl", "name": "large", "basis": "measured",
     "source": "x", "start": "10 us", "bandwidth": "80 GB/s", "copy": "400 GB/s"},
    {"collective": "all_reduce", "algorithm": "one_shot", "library": "tensorrt_llm", "name": "other", "basis": "measured",
     "source": "x", "start": "1 ns", "bandwidth": "900 GB/s"}])");
  CHECK(link.priced_by(Collective::all_reduce, 4, Bytes{1e3}) == "small");
  CHECK(seconds(link, Collective::all_reduce, 4, 1e3) == Approx(4e-6 + 3 * 1e3 / 50e9));
  CHECK(link.priced_by(Collective::all_reduce, 16, Bytes{1e3}) == "large");
  CHECK(link.priced_by(Collective::all_reduce, 4, Bytes{2e6}) == "large");
  CHECK(seconds(link, Collective::all_reduce, 4, 2e6) == Approx(10e-6 + 1.5 * 2e6 / 80e9 + 2e6 / 4 / 400e9));
  CHECK(link.priced_by(Collective::all_to_all, 4, Bytes{2e6}) == "direct by latency and bandwidth of the links");
}

TEST_CASE("between domains a collective reduces inside, across and inside again") {
  const Interconnect link = links(R"(, "domain": 8, "scale_out": {
    "bandwidth": {"value": "40 GB/s", "basis": "vendor", "source": "x"},
    "step_latency": {"value": "5 us", "basis": "estimate", "source": "x"}})");
  const Cost cost = link.all_reduce(16, Bytes{8e6});
  // Two domains: a reduce-scatter and an all-gather of eight, and one eighth of the buffer over each card.
  CHECK(cost.critical[Tier::scale_up].value == Approx(2 * (2e-6 + 7.0 / 8 * 8e6 / 100e9)));
  CHECK(cost.critical[Tier::scale_out].value == Approx(2 * 5e-6 + 1e6 / 40e9));
  CHECK(link.all_reduce(8, Bytes{8e6}).critical[Tier::scale_out].value == 0);
  CHECK(link.priced_by(Collective::all_reduce, 16, Bytes{1}) == "inside, across, and inside again");
}

TEST_CASE("distinct holders of the chosen experts follow the closed form") {
  // 256 experts, 8 chosen: the figures of R (1 - C(E - E/R, k) / C(E, k)) worked out by hand to two decimals.
  CHECK(distinct_holders(256, 8, 8) == Approx(5.29).margin(0.005));
  CHECK(distinct_holders(256, 8, 16) == Approx(6.52).margin(0.005));
  CHECK(distinct_holders(256, 8, 64) == Approx(7.68).margin(0.005));
  CHECK(distinct_holders(256, 8, 256) == Approx(8));
  CHECK(distinct_holders(8, 8, 2) == 2);
}

TEST_CASE("an exchange sends a copy for each expert, or one for each domain and rank") {
  ExpertExchange work;
  work.ranks = 32;
  work.experts = 256;
  work.top_k = 8;
  const ExchangeCopies low = exchange_copies(work, 8);
  CHECK(low.inside == 2);
  CHECK(low.across == 6);
  work.mode = ExchangeMode::normal;
  const ExchangeCopies normal = exchange_copies(work, 8);
  CHECK(normal.inside == Approx(distinct_holders(256, 8, 32) * 31 / 32));
  CHECK(normal.across == Approx(distinct_holders(256, 8, 4) * 0.75));
  work.most_domains = 2;
  CHECK(exchange_copies(work, 8).across == Approx(2 * 0.75));
}

TEST_CASE("an exchange takes the slower of its links and the fixed part, on the tier of the slower") {
  const Interconnect link = links(R"(, "domain": 8, "scale_out": {
    "bandwidth": {"value": "40 GB/s", "basis": "vendor", "source": "x"},
    "step_latency": {"value": "5 us", "basis": "estimate", "source": "x"}}, "expert_exchange": [
    {"mode": "low_latency", "direction": "dispatch", "name": "d", "basis": "measured", "source": "x", "start": "10 us",
     "per_expert": "10 ns", "bandwidth": "200 GB/s", "bandwidth_per_expert": "1 GB/s", "across": "40 GB/s"}])");
  ExpertExchange work;
  work.experts = 256;
  work.top_k = 8;
  work.bytes_per_copy = Bytes{7168};
  work.ranks = 8;
  CHECK(link.expert_exchange(work, 128).total().value == Approx(10e-6 + 256e-8 + 128 * 8 * 7168 / 200e9));
  work.ranks = 32;
  const Cost far = link.expert_exchange(work, 128);
  CHECK(far.total().value == Approx(10e-6 + 256e-8 + 128 * 6 * 7168 / 40e9));
  CHECK(far.critical[Tier::scale_out].value == Approx(far.total().value));
  work.fullest = 1.5;
  CHECK(link.expert_exchange(work, 128).total().value == Approx(10e-6 + 256e-8 + 1.5 * 128 * 6 * 7168 / 40e9));
  work.ranks = 1;
  CHECK(link.expert_exchange(work, 128).total().value == 0);
}

TEST_CASE("collectives of a topology follow its graph") {
  const Interconnect mesh = Interconnect::on(test::topology("mi300x_mesh"));
  // A pair of a full mesh has one link of 64 GB/s, eight chips have seven each; 0.7 of that is reached.
  CHECK(seconds(mesh, Collective::all_to_all, 2, 1e9) == Approx(2e-6 + 0.5 * 1e9 / (64e9 * 0.7)));
  CHECK(seconds(mesh, Collective::all_to_all, 8, 1e9) == Approx(2e-6 + 7.0 / 8 * 1e9 / (7 * 64e9 * 0.7)));
  const Interconnect cube = Interconnect::on(test::topology("tpu_v7_4x4x4"));
  CHECK(cube.max_ranks() == 64);
  // All three axes at once, both directions: 600 GB/s x 0.9; an all-to-all has the bisection, 200 x 63/64 x 0.9.
  CHECK(seconds(cube, Collective::all_gather, 64, 1e10) == Approx(63e-6 + 63.0 / 64 * 1e10 / 540e9));
  CHECK(seconds(cube, Collective::all_to_all, 64, 1e10) == Approx(6e-6 + 63.0 / 64 * 1e10 / (200e9 * 63 / 64 * 0.9)));
  const Interconnect nodes = Interconnect::on(test::topology("hgx_h100_4_ib"));
  CHECK(nodes.domain() == 8);
  CHECK(nodes.max_ranks() == 32);
  CHECK(nodes.all_reduce(32, Bytes{1e9}).critical[Tier::scale_out].value > 0);
  CHECK(nodes.all_reduce(8, Bytes{1e9}).critical[Tier::scale_out].value == 0);
}

TEST_CASE("an interconnect that cannot be is refused with the reason") {
  using Messages = std::vector<std::string>;
  const auto refused = [](const std::string& more) { return test::refused([&] { (void)links(more); }); };
  CHECK(refused(R"(, "domain": 7)") == Messages{"/domain: is 7, which does not divide the 64 devices"});
  CHECK(
      refused(R"(, "methods": [{"collective": "all_to_all", "algorithm": "ring", "library": "nccl", "basis": "measured",
    "source": "x", "start": "1 us", "bandwidth": "1 GB/s"}])") ==
      Messages{"/methods/0/algorithm: \"ring\" does no all_to_all"});
  CHECK(refused(
            R"(, "methods": [{"collective": "all_to_all", "algorithm": "direct", "library": "nccl", "basis": "measured",
    "source": "x", "start": "1 us", "bandwidth": "0 GB/s"}])") == Messages{"/methods/0/bandwidth: must be above zero"});
}
