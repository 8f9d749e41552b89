// All-reduce: measured tables where they exist, the ring formula elsewhere.
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"

using namespace memwall;

namespace {

Interconnect ring_of_four() {
  Interconnect link;
  read_text(R"({"id": "ring", "devices": 4,
    "bandwidth": {"value": "100 GB/s", "basis": "vendor", "source": "x"},
    "step_latency": {"value": "2 us", "basis": "estimate", "source": "x"},
    "all_reduce": [{"ranks": 2, "basis": "measured", "source": "x", "work": ["0 B", "1 MB"], "time": ["5 us", "15 us"]}]})",
            "ring.json", [&](Reader& reader) { link = Interconnect::read(reader, "ring"); });
  return link;
}

}  // namespace

TEST_CASE("a measured number of ranks uses its table and continues it") {
  const Interconnect link = ring_of_four();
  CHECK(link.measured(2));
  CHECK(link.all_reduce(2, Bytes{500000}).total().value == Approx(10e-6));
  CHECK(link.all_reduce(2, Bytes{2e6}).total().value == Approx(25e-6));
  CHECK(link.all_reduce_floor(2).value == Approx(5e-6));
  CHECK(link.all_reduce(2, Bytes{500000}).critical[Tier::scale_up].value == Approx(10e-6));
}

TEST_CASE("another number of ranks takes the quicker of a ring and a tree") {
  const Interconnect link = ring_of_four();
  CHECK_FALSE(link.measured(3));
  // 2 (n - 1) alpha + 2 (n - 1) / n bytes / bandwidth = 8 us + 4 / 3 x 30 us.
  CHECK(link.all_reduce(3, Bytes{3e6}).total().value == Approx(48e-6));
  CHECK(link.all_reduce_floor(3).value == Approx(8e-6));
  // A ring of four waits for six messages, a tree for four.
  CHECK(link.all_reduce_floor(4).value == Approx(8e-6));
}

TEST_CASE("one rank has nothing to reduce and too many are a defect of ours") {
  const Interconnect link = ring_of_four();
  CHECK(link.all_reduce(1, Bytes{1e6}).total().value == 0);
  CHECK(link.all_reduce_floor(1).value == 0);
  CHECK_THROWS_AS(link.all_reduce(5, Bytes{1}), LogicError);
}

TEST_CASE("every interconnect of the catalogue takes longer for more, and never beats its links") {
  const auto ids = test::ids_in(test::models_folder() / "interconnects");
  REQUIRE(ids.size() >= 28);
  for (const std::string& id : ids) {
    INFO(id);
    const Interconnect link = test::interconnect(id);
    CHECK(link.id() == id);
    for (const Provenance& number : link.provenance()) {
      INFO(number.name);
      CHECK_FALSE(number.source.empty());
      if (number.basis == Basis::placeholder) CHECK(number.range.has_value());
    }
    for (int ranks = 2; ranks <= std::min(8, link.max_ranks()); ++ranks) {
      double before = 0;
      for (double bytes = 0; bytes < 2e9; bytes = bytes * 1.7 + 1000) {
        INFO(ranks << " ranks, " << bytes << " bytes");
        const Cost cost = link.all_reduce(ranks, Bytes{bytes});
        CHECK(cost.total().value >= before);
        CHECK(cost.critical[Tier::scale_up].value == cost.total().value);
        CHECK(cost.total().value >= link.all_reduce_floor(ranks).value);
        // Multicast in the switch lets a device send and receive each byte once: 1,800 GB/s on the fastest generation.
        CHECK(cost.total().value >= bytes / 1800e9);
        before = cost.total().value;
      }
    }
  }
}

TEST_CASE("nodes of eight GPUs have measured tables for two, four and eight of them") {
  for (const std::string id : {"hgx_a100", "hgx_h100", "hgx_h200", "hgx_b200", "hgx_b300"}) {
    INFO(id);
    const Interconnect link = test::interconnect(id);
    for (int ranks = 2; ranks <= 8; ++ranks) {
      CHECK(link.measured(ranks) == (ranks == 2 || ranks == 4 || ranks == 8));
    }
  }
}

TEST_CASE("a second table for the same number of ranks is a fault") {
  Document document = Document::load(test::interconnect_path("hgx_h100"));
  document.set({"/all_reduce/1/ranks=2"});
  bool told = false;
  try {
    document.read([](Reader& reader) { (void)Interconnect::read(reader, "hgx_h100"); });
  } catch (const InputError& error) {
    for (const Fault& fault : error.faults()) told = told || fault.pointer == "/all_reduce/1/ranks";
  }
  CHECK(told);
}
