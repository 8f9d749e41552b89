// One cycle worked by hand: Llama-3.1-8B in bf16 on one H100, 8 sequences of 1,000 tokens, decode. The numbers below
// were calculated from the formula with pencil and the published fits; none was copied from the program.
#include <cmath>

#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"

using namespace memwall;

namespace {

constexpr double rows = 8;

Gemm product(double inner, double outer) {
  return {"",
          Bytes{inner * outer * 2},
          Bytes{(inner + outer) * 2},
          Flops{2 * inner * outer},
          Precision::bf16,
          Precision::bf16};
}

struct Row {
  double inner, outer, megabytes, bytes_us, flops_us;
};

constexpr Row qkv{4096, 6144, 50.50, 17.16, 0.51};
constexpr Row out{4096, 4096, 33.69, 11.45, 0.34};
constexpr Row gate_up{4096, 28672, 235.41, 80.02, 2.37};
constexpr Row down{14336, 4096, 117.74, 40.02, 1.19};
constexpr Row head{4096, 128256, 1052.8, 357.9, 10.6};

}  // namespace

TEST_CASE("every GEMM of the worked cycle has its bytes, its launch and its flops") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  for (const Row& line : {qkv, out, gate_up, down, head}) {
    INFO(line.inner << " x " << line.outer);
    const Gemm gemm = product(line.inner, line.outer);
    CHECK((gemm.weights + gemm.activations_per_row * rows).value / 1e6 == Approx(line.megabytes).epsilon(2e-4));
    const Cost cost = h100.gemm(gemm, rows);
    CHECK(cost.critical[Tier::launch].value * 1e6 == Approx(3.64).epsilon(1e-12));
    CHECK(cost.critical[Tier::hbm].value * 1e6 == Approx(line.bytes_us).epsilon(5e-4));
    CHECK(cost.critical[Tier::compute].value == 0);
    CHECK(std::abs(cost.busy[Tier::compute].value * 1e6 - line.flops_us) < 0.055);
    CHECK(cost.total().slope == 0);
    CHECK(cost.horizon == Affine::forever);
  }
}

TEST_CASE("the worked cycle sums to its tiers") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  Cost layer;
  for (const Row& line : {qkv, out, gate_up, down}) layer += h100.gemm(product(line.inner, line.outer), rows);
  Cost gemms = layer.times(32);
  gemms += h100.gemm(product(head.inner, head.outer), rows);
  CHECK(gemms.critical[Tier::hbm].value * 1e3 == Approx(5.115).epsilon(2e-4));
  CHECK(gemms.critical[Tier::launch].value * 1e3 == Approx(0.470).epsilon(2e-3));

  // Two norms, the rotary embedding and the activation: 8 rows are so few that all four are bound by launch.
  const Elementwise small{"", Bytes{2.0 * (2 * 4 * 4096 + 2 * 5120 + 3 * 14336)}, 4};
  const Cost kernels = h100.elementwise(small, rows).times(32);
  CHECK(kernels.critical[Tier::launch].value * 1e3 == Approx(0.320).epsilon(1e-12));
  CHECK(kernels.critical[Tier::hbm].value == 0);
  CHECK(kernels.busy[Tier::hbm].value > 0);
}

TEST_CASE("attention of the worked cycle is its floor and what the table adds") {
  const HbmGpu h100 = test::gpu("h100_sxm");
  const Attention attention{
      "", Bytes{2 * 8 * 128 * 2}, Flops{4.0 * 32 * 128}, Flops{4.0 * 32 * 128}, Precision::bf16, Precision::bf16};
  const Cost cost = h100.decode_attention(attention, rows, Affine{8000, 8});
  CHECK(8000 * attention.kv_per_token.value / 1e6 == Approx(32.77).epsilon(2e-4));
  CHECK(cost.critical[Tier::launch].value * 1e6 == Approx(11.4).epsilon(1e-12));
  // Measured at 33.55 MB with 8 sequences of 1,024: 18.2 us.
  CHECK(cost.total().value * 1e6 == Approx(18.2).epsilon(0.05));
  CHECK(cost.total().slope > 0);
  // 786,432 bytes short of the knot at 32 MiB, which 8 tokens of 4,096 bytes a cycle pass in 24 cycles.
  CHECK(cost.horizon == 24);
}
