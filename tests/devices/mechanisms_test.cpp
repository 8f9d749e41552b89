// Scratchpads, memories that compute and fixed data paths: one number of each worked by hand, and what sets them apart.
#include "hw_models/in_memory/arrays.hpp"
#include "hw_models/scratchpad/scratchpad.hpp"
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"
#include "tests/devices/tier_times.hpp"

using namespace memwall;

namespace {

/// A square product of `side` x `side` weights in a format.
Gemm square(const DeviceModel& device, double side, Precision format) {
  const double weights = side * side;
  return {"",
          Bytes{weights * bytes_per_weight(format)},
          Bytes{4 * side},
          Flops{2 * weights},
          format,
          device.compute_format(format)};
}

Attention cache_of(double bytes, double flops) {
  return {"", Bytes{bytes}, Flops{flops}, Flops{flops}, Precision::bf16, Precision::bf16};
}

std::shared_ptr<const DeviceModel> edited(const std::string& id, const std::vector<std::string>& edits) {
  Document document = Document::load(test::device_path(id));
  document.set(edits);
  return test::read_device_file(document);
}

std::vector<std::string> faults(const std::string& id, const std::vector<std::string>& edits) {
  std::vector<std::string> pointers;
  try {
    (void)edited(id, edits);
  } catch (const InputError& error) {
    for (const Fault& fault : error.faults()) pointers.push_back(fault.pointer);
  }
  return pointers;
}

}  // namespace

TEST_CASE("weights in arrays are not read, and what does not fit streams at the speed of the large memory") {
  const auto corsair = test::device("dmatrix_corsair");
  CHECK(corsair->stored_format(Precision::bf16) == Precision::mxint8);
  CHECK(corsair->stored_format(Precision::fp8) == Precision::mxint8);
  CHECK(corsair->stored_format(Precision::nvfp4) == Precision::mxint4);
  const Gemm product = square(*corsair, 8192, Precision::mxint8);
  // 2 GB of 2 GB: 0.5 us to start, then 8 x 2 x 8192^2 flops at 0.7 x 2,400 TFLOP/s.
  const auto full = corsair->holding(Bytes{2e9});
  CHECK(full->gemm(product, 8).total().value == Approx(0.5e-6 + 8 * 2 * 8192.0 * 8192 / 1680e12));
  CHECK(full->gemm(product, 8).busy[Tier::capacity_memory].value == 0);
  // Of 8 GB three quarters lie outside: 0.75 x 69.2 MB at 0.85 x 400 GB/s.
  const auto spilled = corsair->holding(Bytes{8e9});
  const double streaming = 0.75 * 8192 * 8192 * (8.25 / 8) / 340e9;
  CHECK(spilled->gemm(product, 8).critical[Tier::capacity_memory].value == Approx(streaming));
  CHECK(spilled->gemm(product, 8).total().value > 100 * full->gemm(product, 8).total().value);
  CHECK(corsair->weights_elsewhere(Bytes{8e9}).value == 2e9);
  // Weights of 16 bits are held in 8.
  const Gemm wide = square(*corsair, 8192, Precision::bf16);
  CHECK(spilled->gemm(wide, 8).critical[Tier::capacity_memory].value == Approx(streaming));
}

TEST_CASE("caches in the arrays leave the large memory alone and compete with weights") {
  const auto corsair = edited("dmatrix_corsair", {"/cache=arrays"});
  CHECK(corsair->info().memory.value.value == 2e9);
  CHECK(corsair->info().memory_tier == Tier::sram);
  CHECK(corsair->weights_elsewhere(Bytes{1e9}).value == 0);
  const Cost cost = corsair->decode_attention(cache_of(4096, 4096), 8, Affine{8000, 8});
  CHECK(cost.busy[Tier::capacity_memory].value == 0);
  CHECK(cost.busy[Tier::sram].value == Approx(8000 * 4096 / 150e12));
}

TEST_CASE("banks that compute do one vector at a time") {
  const auto aim = test::device("skhynix_aim");
  const Gemm product = square(*aim, 2048, Precision::bf16);
  const double one_pass = 2048.0 * 2048 * 2 / 1024e9;
  const auto in_banks = [&](double rows) { return 1e-6 + rows * (4 * 2048 / (0.85 * 64e9) + one_pass); };
  for (const double rows : {1.0, 4.0, 64.0}) CHECK(aim->gemm(product, rows).total().value == Approx(in_banks(rows)));
}

TEST_CASE("a host beside the banks takes over where a batch reuses the weights") {
  const auto pim = test::device("samsung_hbm_pim");
  const Gemm product = square(*pim, 8192, Precision::fp16);
  const double weights = 2.0 * 8192 * 8192;
  // In the banks: 1 us, the vector over the pins, then the weights at 1,229 GB/s. On the host: 4 us and 0.85 x 256
  // GB/s.
  CHECK(pim->gemm(product, 1).total().value == Approx(1e-6 + 4 * 8192 / 217.6e9 + weights / 1229e9));
  CHECK(pim->gemm(product, 16).total().value == Approx(4e-6 + (weights + 16 * 4 * 8192) / 217.6e9));
  // Attention has nothing to reuse: each sequence has keys of its own, and the banks keep their lead.
  const Attention attention = cache_of(4096, 4096);
  const double one = pim->decode_attention(attention, 1, Affine{4000, 1}).total().value;
  const double many = pim->decode_attention(attention, 64, Affine{64 * 4000.0, 64}).total().value;
  CHECK(many - 1e-6 == Approx(64 * (one - 1e-6)));
  CHECK(many < 64 * 4000.0 * 4096 / 217.6e9 / 4);
}

TEST_CASE("a scratchpad holds weights first, and an array that can be split keeps busy") {
  const auto matx = test::device("matx_one");
  const auto& chip = dynamic_cast<const Scratchpad&>(*matx);
  // 256 rows fill it. 16 rows fill a sixteenth, or all of 16 parts less a tenth of the rate.
  CHECK(chip.utilisation(256) == 1);
  CHECK(chip.utilisation(16) == Approx(0.9));
  CHECK(chip.utilisation(1) == Approx(16.0 / 256 * 0.9));
  CHECK(chip.utilisation(250) == Approx(250.0 / 256));
  // 0.8 GB of a scratchpad of 1 GB hold weights; of 8 GB nine tenths come from stacked memory at 0.85 x 16 TB/s.
  CHECK(matx->weights_elsewhere(Bytes{8e9}).value == Approx(0.8e9));
  const Gemm product = square(*matx, 8192, Precision::fp8);
  const Cost cost = matx->holding(Bytes{8e9})->gemm(product, 1);
  CHECK(cost.critical[Tier::hbm].value == Approx(0.9 * 8192 * 8192 / 13.6e12));
  CHECK(cost.busy[Tier::sram].value == Approx((0.1 * 8192 * 8192 + 4 * 8192) / 100e12));
  CHECK(matx->holding(Bytes{0.5e9})->gemm(product, 1).busy[Tier::hbm].value == 0);
}

TEST_CASE("a fused layer is launched once, and weights beyond the stacked memory come from DDR") {
  const auto rdu = test::device("sambanova_sn40l");
  const Gemm product = square(*rdu, 8192, Precision::bf16);
  CHECK(rdu->gemm(product, 1).critical[Tier::launch].value == 0);
  CHECK(rdu->elementwise({"", Bytes{100}, 6}, 1).critical[Tier::launch].value == Approx(3e-6));
  CHECK(rdu->gemm(product, 1).total().value == Approx(2.0 * 8192 * 8192 / (0.935 * 1.6e12)));
  // Weights may take 0.7 x 64 GB; half of 89.6 GB lie in DDR, at 200 GB/s.
  const Cost cost = rdu->holding(Bytes{89.6e9})->gemm(product, 1);
  CHECK(cost.critical[Tier::capacity_memory].value == Approx(8192.0 * 8192 / 200e9));
  CHECK(rdu->weights_elsewhere(Bytes{89.6e9}).value == Approx(44.8e9));
}

TEST_CASE("a fixed data path refuses by name, or takes a slow path that its file states") {
  const auto sohu = test::device("etched_sohu");
  CHECK(!sohu->refusal(LayerKind::softmax_attention).has_value());
  CHECK(!sohu->refusal(LayerKind::mixture_of_experts).has_value());
  REQUIRE(sohu->refusal(LayerKind::recurrence).has_value());
  CHECK(sohu->refusal(LayerKind::recurrence)->find("Etched Sohu has no recurrence") == 0);
  CHECK(sohu->refusal(LayerKind::sparse_attention).has_value());

  const std::string slow =
      R"(/slow_path={"layers": ["mixture_of_experts"],
      "bandwidth": {"value": "50 GB/s", "basis": "estimate", "source": "x"},
      "rate": {"value": "2 TFLOP/s", "basis": "estimate", "source": "x"},
      "launch": {"value": "10 us", "basis": "estimate", "source": "x"}})";
  const auto patched = edited("etched_sohu", {slow});
  CHECK(!patched->refusal(LayerKind::mixture_of_experts).has_value());
  const Experts experts{"", 8, 2, Bytes{1e6}, Bytes{0}, Flops{2e6}, 2, Precision::fp8, Precision::fp8};
  // One token chooses two experts of 1 MB each: 2 x 10 us and 2 MB at 50 GB/s.
  CHECK(patched->experts(experts, 1).total().value == Approx(20e-6 + 2e6 / 50e9));
  CHECK(patched->experts(experts, 1).critical[Tier::host_link].value == Approx(2e6 / 50e9));
  CHECK(sohu->experts(experts, 1).critical[Tier::host_link].value == 0);
  // The laws of prices hold on the slow path too.
  const auto faster = test::with_tier_times(patched, Tier::host_link, 0.5);
  CHECK(faster->experts(experts, 1).total().value == Approx(20e-6 + 1e6 / 50e9));
}

TEST_CASE("states of recurrent layers are read where caches lie, whatever memory the weights have") {
  // 8 sequences with a state of 1 MB, read and written: 16 MB. 8 rows of 2 MFLOP and 4 KB.
  const Recurrence work{"", Bytes{1e6}, Bytes{4096}, Flops{2e6}, 2};
  const auto matx = test::device("matx_one");
  const auto* scratchpad = dynamic_cast<const Scratchpad*>(matx.get());
  REQUIRE(scratchpad != nullptr);
  const double stream = scratchpad->spec().stream.value;
  for (const double weights : {1e8, 1e11}) {
    const Cost cost = matx->holding(Bytes{weights})->recurrence(work, 8, 8);
    CHECK(cost.busy[Tier::hbm].value == Approx(16e6 / stream));
    CHECK(cost.busy[Tier::capacity_memory].value == 0);
  }
  // Two operators of 0.5 us, 16 MB at 0.85 x 400 GB/s, and the rows' 32 KB of vectors.
  const auto corsair = test::device("dmatrix_corsair");
  const auto* arrays = dynamic_cast<const ArrayMachine*>(corsair.get());
  REQUIRE(arrays != nullptr);
  const double vectors = 8 * 4096 / arrays->spec().vector.value;
  CHECK(corsair->holding(Bytes{1e9})->recurrence(work, 8, 8).total().value ==
        Approx(2 * 0.5e-6 + 16e6 / 340e9 + vectors));
  // On a wafer the same 16 MB and the rows at 21 PB/s are nothing beside 16 MFLOP at half of 15.8 PFLOP/s.
  const Cost wafer = test::device("cerebras_wse3")->recurrence(work, 8, 8);
  CHECK(wafer.total().value == Approx(16e6 / (0.5 * 15800e12)));
  CHECK(wafer.busy[Tier::sram].value == Approx((16e6 + 8 * 4096) / 21e15));
}

TEST_CASE("a fixed data path that is given a slow path for recurrent layers runs them there, and its file says how") {
  const Recurrence work{"", Bytes{1e6}, Bytes{4096}, Flops{2e6}, 2};
  const auto slow = edited("etched_sohu", {R"(/refuses=["sparse_attention"])", R"(/slow_path={"layers": ["recurrence"],
      "bandwidth": {"value": "50 GB/s", "basis": "estimate", "source": "x"},
      "rate": {"value": "2 TFLOP/s", "basis": "estimate", "source": "x"},
      "launch": {"value": "10 us", "basis": "estimate", "source": "x"}})"});
  CHECK(!slow->refusal(LayerKind::recurrence).has_value());
  const Cost cost = slow->recurrence(work, 8, 8);
  CHECK(cost.total().value == Approx(2 * 10e-6 + (16e6 + 8 * 4096) / 50e9));
  CHECK(cost.critical[Tier::host_link].value == Approx((16e6 + 8 * 4096) / 50e9));
  // In silicon it would take what its states take to stream.
  const auto known = edited("etched_sohu", {R"(/refuses=["sparse_attention"])"});
  CHECK(known->recurrence(work, 8, 8).total().value == Approx(2 * 0.5e-6 + (16e6 + 8 * 4096) / (0.85 * 4.8e12)));
}

TEST_CASE("what files of these mechanisms must not say") {
  const auto has = [](const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  CHECK(has(faults("etched_sohu", {R"(/refuses=["mamba"])"}), "/refuses"));
  CHECK(has(faults("matx_one", {"/array/splits=[2,4]"}), "/array/splits"));
  CHECK(has(faults("matx_one", {"/weights_share/value=1.5", "/weights_share/high=2"}), "/weights_share"));
  CHECK(has(faults("dmatrix_corsair", {"/compute_share/value=0", "/compute_share/low=0"}), "/compute_share"));
  CHECK(has(faults("skhynix_aim", {"/style=array"}), "/style"));
  CHECK(has(faults("mi300x", {"/achieved/compute/mxfp4={\"value\":0.5,\"basis\":\"estimate\",\"source\":\"x\"}"}),
            "/achieved/compute"));
  CHECK(has(faults("rubin", {"/price={\"value\":\"3 USD/h\",\"basis\":\"estimate\",\"source\":\"x\"}"}), "/purchase"));
  CHECK(has(faults("rubin", {"/purchase/pue/value=0.9", "/purchase/pue/low=0.8"}), "/purchase/pue"));
  // A chip of measured tables does not take the shares of a data sheet beside them.
  CHECK(
      !faults("h100_sxm", {R"(/achieved={"launch": {"value": "1 us", "basis": "estimate", "source": "x"}})"}).empty());
}

TEST_CASE("a device that is bought costs its price over the years, and its power") {
  const DeviceInfo info = test::device("rubin")->info();
  const double hours = 4 * 365.25 * 24;
  CHECK(info.price->value.value * 3600 == Approx(108333 / hours + 1.8 * 1.2 * 0.07));
  CHECK(info.price->basis == Basis::placeholder);  // as its weakest part
}

TEST_CASE("the ridge by generation and precision") {
  const auto ridge = [](const std::string& id, Precision format) {
    const DeviceInfo info = test::device(id)->info();
    return info.peak[static_cast<std::size_t>(format)]->value.value * bytes_per_weight(format) /
           (2 * info.bandwidth.value.value);
  };
  CHECK(ridge("v100_sxm_32", Precision::fp16) == Approx(138.9).epsilon(0.001));
  CHECK(ridge("a100_sxm_80", Precision::bf16) == Approx(153).epsilon(0.001));
  CHECK(ridge("h100_sxm", Precision::bf16) == Approx(295.2).epsilon(0.001));
  CHECK(ridge("h200_sxm", Precision::bf16) == Approx(206).epsilon(0.001));
  CHECK(ridge("b200_sxm", Precision::bf16) == Approx(281.2).epsilon(0.001));
  CHECK(ridge("rubin", Precision::bf16) == Approx(181.8).epsilon(0.001));
  CHECK(ridge("rubin", Precision::fp8) == Approx(397.7).epsilon(0.001));
  CHECK(ridge("mi300x", Precision::fp8) == Approx(246.7).epsilon(0.001));
  CHECK(ridge("tpu_v6e", Precision::bf16) == Approx(559.8).epsilon(0.001));
}

TEST_CASE("chips have the number formats of their silicon") {
  const auto native = [](const std::string& id, Precision format) {
    return test::device(id)->info().peak[static_cast<std::size_t>(format)].has_value();
  };
  CHECK(!native("a100_sxm_80", Precision::fp8));
  CHECK(!native("v100_sxm_32", Precision::bf16));
  CHECK(!native("mi300x", Precision::mxfp4));
  CHECK(native("mi355x", Precision::mxfp4));
  CHECK(!native("tpu_v6e", Precision::fp8));
  CHECK(native("tpu_v7", Precision::fp8));
  CHECK(!native("etched_sohu", Precision::bf16));
  CHECK(!native("dmatrix_corsair", Precision::fp8));
  CHECK(test::device("gb300")->info().peak[static_cast<std::size_t>(Precision::int8)]->value.value == 165e12);
  CHECK(test::device("rubin_cpx")->info().memory_name == "GDDR7");
  CHECK(test::device("v100_sxm_32")->compute_format(Precision::bf16) == Precision::fp16);
}
