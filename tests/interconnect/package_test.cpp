// Packages, dies and racks: closed forms, published machines, and what is refused.
#include "sim/hw/package.hpp"

#include <cmath>

#include "sim/hw/die_budget.hpp"
#include "sim/hw/rack.hpp"
#include "tests/catch.hpp"
#include "tests/interconnect/topology_files.hpp"

using namespace memwall;

namespace {

std::unique_ptr<DeviceModel> with_stacks(const std::string& id, std::int64_t stacks) {
  std::unique_ptr<DeviceModel> device;
  DeviceChanges changes;
  changes.hbm_stacks = stacks;
  Document::load(test::device_path(id)).read([&](Reader& r) { device = read_device(r, mechanisms(), changes); });
  return device;
}

RackDesign rack(const std::string& id) {
  RackDesign out;
  Document::load(test::models_folder() / "racks" / (id + ".json")).read([&](Reader& r) { out = read_rack(r, id); });
  return out;
}

ProcessNode node(const std::string& id) {
  ProcessNode out;
  Document::load(test::models_folder() / "nodes" / (id + ".json")).read([&](Reader& r) { out = read_process_node(r); });
  return out;
}

double square_millimetres(SquareMetres area) { return area.value * 1e6; }

}  // namespace

TEST_CASE("a package yields as all its parts together, and what is spoiled is paid by what works") {
  const auto device = test::device("b200_sxm");
  REQUIRE(device->info().package);
  const Package& p = *device->info().package;
  CHECK(p.most_stacks() == 8);
  CHECK(p.yield(8) == Approx(std::exp(-1e-5 * 2739) * 0.99 * 0.99 * std::pow(0.98, 8)));
  CHECK(p.parts(8).value == 2 * 400 + 1100 + 8 * 400);
  CHECK(p.cost(8).value == Approx(p.parts(8).value / p.yield(8)));
  CHECK(p.scrap(8).value == Approx(p.cost(8).value * (1 - p.yield(8))));
  double all = 0;
  for (int missing = 0; missing <= 8; ++missing) all += p.share_missing(missing);
  CHECK(all == Approx(1));
  CHECK(p.share_missing(0) == Approx(std::pow(0.98, 8)));
  CHECK(p.memory_share() == 1);
  CHECK(p.price_share() == 1);
}

TEST_CASE("a B200 with six stacks has three quarters of the memory, its rate, and costs less") {
  const auto full = test::device("b200_sxm");
  const auto six = with_stacks("b200_sxm", 6);
  CHECK(six->info().memory.value.value == Approx(0.75 * full->info().memory.value.value));
  CHECK(six->info().bandwidth.value.value == Approx(0.75 * full->info().bandwidth.value.value));
  const Package& p = *full->info().package;
  const double share = p.cost(6) / p.cost(8);
  CHECK(share < 1);
  CHECK(six->info().price->value.value == Approx(share * full->info().price->value.value));
  // Long attention is bound by memory: its time beyond the launch is a third longer.
  Attention work;
  work.kv_per_token = Bytes{4096};
  work.flops_per_decode_pair = Flops{1};
  const auto time = [&](const DeviceModel& device, double context) {
    return device.decode_attention(work, 8, Affine::constant(context)).total().value;
  };
  const double slow = time(*six, 2e6) - time(*six, 1e6);
  const double quick = time(*full, 2e6) - time(*full, 1e6);
  CHECK(slow == Approx(quick / 0.75));
  CHECK(with_stacks("b200_sxm", 8)->info().memory.value == full->info().memory.value);
}

TEST_CASE("stacks without room, and packages that are not there, are refused") {
  using Messages = std::vector<std::string>;
  CHECK(test::refused([] { (void)with_stacks("b200_sxm", 9); }) ==
        Messages{"/package/hbm_stacks: 9 stacks have no room: two edges of each of 2 dies hold 8"});
  CHECK(test::refused([] { (void)with_stacks("a100_sxm_80", 4); }) ==
        Messages{"has no \"package\", whose stacks could be changed"});
}

TEST_CASE("H100, LPU v1 and WSE-3 come out within 30 % of their areas") {
  // On-chip memory with registers: H100 50 MB of L2, 132 x 256 KiB of L1, as much of registers.
  DieContents h100;
  h100.sram = Bytes{50e6 + 132 * 2 * 256 * 1024};
  h100.matrix = FlopsPerSecond{989e12};
  h100.stacks = 5;
  h100.links = BytesPerSecond{450e9 + 64e9};
  CHECK(square_millimetres(budget(node("n5"), h100).area()) == Approx(814).epsilon(0.3));

  DieContents lpu;
  lpu.sram = Bytes{230e6};
  lpu.matrix = FlopsPerSecond{188e12};
  lpu.links = BytesPerSecond{240e9 + 31e9};
  CHECK(square_millimetres(budget(node("n14"), lpu).area()) == Approx(725).epsilon(0.3));

  DieContents wafer;
  wafer.sram = Bytes{44e9};
  wafer.matrix = FlopsPerSecond{15.8e15};
  wafer.links = BytesPerSecond{150e9};
  CHECK(square_millimetres(budget(node("n5"), wafer).area()) == Approx(46225).epsilon(0.3));
}

TEST_CASE("a die grows by what is put on it, and gives off power by its area") {
  const ProcessNode n5 = node("n5");
  DieContents die;
  die.sram = Bytes{100e6};
  const DieBudget small = budget(n5, die);
  CHECK(square_millimetres(small.sram) == Approx(45));
  CHECK(square_millimetres(small.area()) == Approx(45 * 1.25));
  CHECK(small.cooled.value == Approx(square_millimetres(small.area()) * 1));
  die.stacks = 2;
  CHECK(square_millimetres(budget(n5, die).area() - small.area()) == Approx(2 * 18 * 1.25));
}

TEST_CASE("72 packages of GB200 are feasible with copper at 100 Gbit/s a lane, at about 117 to 120 kW") {
  const RackDesign design = rack("nvl72");
  const RackCheck copper = check(design, 72, Medium::copper);
  CHECK(copper.feasible());
  CHECK(copper.broken().empty());
  CHECK(copper.rack_power.value >= 116e3);
  CHECK(copper.rack_power.value <= 120e3);
  CHECK(copper.cables == 5184);
  CHECK(copper.racks == 1);
}

TEST_CASE("576 packages with copper alone are not, because of reach and cables") {
  const RackCheck copper = check(rack("nvl72"), 576, Medium::copper);
  CHECK_FALSE(copper.feasible());
  CHECK(copper.broken() == std::vector<std::string_view>{"cables", "reach"});
  CHECK(copper.cables == 41472);
  CHECK(copper.longest_cable.value == Approx(1.1 + 2 + 7 * 0.6));
  const RackCheck light = check(rack("kyber"), 576, Medium::packaged_optics);
  for (const RackLimit& limit : light.limits) CHECK(limit.name != "reach");
}

TEST_CASE("optics for 72 packages take about 20 kW more") {
  const RackDesign design = rack("nvl72");
  const RackCheck light = check(design, 72, Medium::pluggable_optics);
  CHECK(light.optics_power.value >= 19e3);
  CHECK(light.optics_power.value <= 21e3);
  CHECK((light.rack_power - check(design, 72, Medium::copper).rack_power).value == Approx(light.optics_power.value));
  CHECK(light.optics_price.value == 72 * 18 * 1000);
}

TEST_CASE("the largest domain of copper is one rack, and air cools none of it") {
  RackDesign design = rack("nvl72");
  CHECK(largest_domain(design, Medium::copper, 1152) == 72);
  design.liquid = false;
  const RackCheck hot = check(design, 72, Medium::copper);
  CHECK(hot.broken().front() == "cooling");
  CHECK(largest_domain(design, Medium::copper, 1152) < 72);
  CHECK(largest_domain(design, Medium::copper, 1152) == static_cast<std::int64_t>(std::floor(40e3 / (1200 * 1.35))));
}

TEST_CASE("every rack of the catalogue is feasible as it is built") {
  for (const std::string& id : test::ids_in(test::models_folder() / "racks")) {
    INFO(id);
    const RackDesign design = rack(id);
    const RackCheck built = check(design, design.chips_per_rack, Medium::copper);
    for (const RackLimit& limit : built.limits) {
      INFO(limit.name << " " << limit.used << " of " << limit.available);
      CHECK(limit.ratio() <= 1);
    }
    CHECK(check(design, 8 * design.chips_per_rack, Medium::copper).broken().size() >= 1);
  }
}
