// Device and interconnect files: what they say arrives, and what is wrong in them is told by key.
#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"

using namespace memwall;

namespace {

/// Pointers of the faults of a device file after edits; empty where it reads.
std::vector<std::string> fault_pointers(const std::string& id, const std::vector<std::string>& edits) {
  Document document = Document::load(test::device_path(id));
  document.set(edits);
  std::vector<std::string> pointers;
  try {
    (void)test::read_device_file(document);
  } catch (const InputError& error) {
    for (const Fault& fault : error.faults()) pointers.push_back(fault.pointer);
  }
  return pointers;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

TEST_CASE("every device file reads, is named after its id and says where its numbers come from") {
  for (const auto& path : test::device_paths()) {
    const std::string id = path.stem().string();
    INFO(id);
    const auto device = test::device(id);
    CHECK(device->info().id == id);
    CHECK(device->info().mechanism == path.parent_path().filename().string());
    CHECK(device->info().provenance.size() >= 9);
    for (const Provenance& number : device->info().provenance) {
      INFO(number.name);
      CHECK_FALSE(number.source.empty());
      // What nobody published may be anything in a range, which says how little is known.
      if (number.basis == Basis::placeholder) CHECK(number.range.has_value());
    }
  }
}

TEST_CASE("measured tables were not lifted") {
  for (const std::string& id : test::ids_in(test::models_folder() / "hbm_gpu")) {
    INFO(id);
    const HbmGpu gpu = test::gpu(id);
    // A knot that had to be lifted would be a table that measures something else than time against work.
    for (const auto& kernel : gpu.spec().decode) {
      if (kernel) CHECK(kernel->stream.lifted() == 0);
    }
    for (const auto& kernel : gpu.spec().prefill) {
      if (kernel) CHECK(kernel->math.lifted() == 0);
    }
  }
}

TEST_CASE("the facts of the H100 are those of its data sheet") {
  const DeviceInfo info = test::gpu("h100_sxm").info();
  CHECK(info.memory.value.value == Approx(79.22 * 1073741824.0));
  CHECK(info.bandwidth.value.value == 3.35e12);
  CHECK(info.peak[static_cast<std::size_t>(Precision::bf16)]->value.value == 989e12);
  CHECK(info.power->value.value == 700);
  CHECK(info.price->value.value * 3600 == Approx(2.95));
  CHECK(info.price->basis == Basis::estimate);
}

TEST_CASE("formats without matrix units are multiplied in bf16") {
  const HbmGpu a100 = test::gpu("a100_sxm_80"), h100 = test::gpu("h100_sxm"), b200 = test::gpu("b200_sxm");
  CHECK(a100.compute_format(Precision::fp8) == Precision::bf16);
  CHECK(a100.compute_format(Precision::int8) == Precision::int8);
  CHECK(h100.compute_format(Precision::fp8) == Precision::fp8);
  CHECK(h100.compute_format(Precision::nvfp4) == Precision::bf16);
  CHECK(h100.compute_format(Precision::mxfp4) == Precision::bf16);
  CHECK(b200.compute_format(Precision::nvfp4) == Precision::nvfp4);
  CHECK(b200.compute_format(Precision::int4) == Precision::bf16);
}

TEST_CASE("FP4 weights on H100 save bytes and no flops") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  const double weights = 8192.0 * 8192;
  const auto gemm = [&](Precision format) {
    return Gemm{"",
                Bytes{weights * bytes_per_weight(format)},
                Bytes{4.0 * 8192},
                Flops{2 * weights},
                format,
                h100.compute_format(format)};
  };
  CHECK(h100.gemm(gemm(Precision::nvfp4), 1).total().value < 0.5 * h100.gemm(gemm(Precision::bf16), 1).total().value);
  CHECK(h100.gemm(gemm(Precision::nvfp4), 4096).busy[Tier::compute].value ==
        h100.gemm(gemm(Precision::bf16), 4096).busy[Tier::compute].value);
}

TEST_CASE("a table whose work does not rise is a fault of its key") {
  CHECK(contains(fault_pointers("h100_sxm", {"/decode_attention/bf16/work/2=1 MiB"}), "/decode_attention/bf16/work"));
  CHECK(contains(fault_pointers("h100_sxm", {"/prefill_attention/fp8/work/0=1 MFLOP"}), "/prefill_attention/fp8/work"));
  CHECK(contains(fault_pointers("h100_sxm", {R"(/decode_attention/fp8/time=["1 us"])"}), "/decode_attention/fp8/time"));
  CHECK(contains(fault_pointers("h100_sxm", {"/compute/bf16/time/0=1 us"}), "/compute/bf16/time"));
}

TEST_CASE("all faults of a device file are told at once") {
  const auto pointers =
      fault_pointers("h100_sxm", {"/gemm/bf16/bandwidth=0 TB/s", "/compute/fp8/work=[\"0 FLOP\"]",
                                  "/mechanism=\"hbm_gpu\"", "/experts/bf16/tile_rows=-1",
                                  "/peak/nvfp4={\"value\":\"2 PFLOP/s\",\"basis\":\"vendor\",\"source\":\"x\"}"});
  CHECK(contains(pointers, "/gemm/bf16/bandwidth"));
  CHECK(contains(pointers, "/compute/fp8"));
  CHECK(contains(pointers, "/experts/bf16/tile_rows"));
  CHECK(contains(pointers, "/compute"));  // a native format needs its rate
}

TEST_CASE("a mechanism that does not exist is a fault") {
  CHECK(contains(fault_pointers("h100_sxm", {"/mechanism=\"hbm_gpus\""}), "/mechanism"));
}

TEST_CASE("experts are read once however many rows choose them") {
  CHECK(distinct_experts(8, 2, 1) == Approx(2));
  CHECK(distinct_experts(8, 2, 2) == Approx(8 * (1 - 0.75 * 0.75)));
  CHECK(distinct_experts(8, 8, 1) == 8);
  CHECK(distinct_experts(256, 8, 1e6) == Approx(256));
  CHECK(distinct_experts(0, 0, 5) == 0);
}
