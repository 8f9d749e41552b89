// The models against measured kernels that took no part in their calibration. The bound of each regime is what was
// measured here, rounded up by about a quarter: a change that makes a regime worse must say why.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/devices/catalogue.hpp"
#include "tests/devices/csv_cells.hpp"
#include "tests/shared.hpp"

using namespace memwall;

namespace {

using Row = std::map<std::string, std::string>;

/// The rows of a table of kernels that `keep` wants and that are set aside for validation.
std::vector<Row> validation_rows(const std::filesystem::path& path, const std::function<bool(const Row&)>& keep) {
  std::ifstream file(path);
  REQUIRE(file.good());
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = test::csv_cells(line);
  std::vector<Row> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = test::csv_cells(line);
    REQUIRE(cells.size() == names.size());
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = cells[i];
    if (row.at("use") == "validate" && keep(row)) rows.push_back(row);
  }
  return rows;
}

double number(const Row& row, const std::string& column) { return std::stod(row.at(column)); }
bool holds(const Row& row, const std::string& column, const std::string& part) {
  return row.at(column).find(part) != std::string::npos;
}

/// Relative errors by regime, and the bound of each regime's median.
class Errors {
 public:
  explicit Errors(std::string what) : what_(std::move(what)) {}

  void add(const std::string& regime, double predicted, double measured) {
    errors_[regime].push_back(predicted / measured - 1);
  }

  /// Prints and checks every regime against its bound; a regime without rows or without a bound fails.
  void check(const std::map<std::string, double>& bounds) {
    REQUIRE(errors_.size() == bounds.size());
    for (auto& [regime, errors] : errors_) {
      const double bias = median(errors);
      for (double& error : errors) error = std::abs(error);
      const double absolute = median(errors);
      std::printf("%-34s %-22s %4zu rows  bias %+6.1f %%  median error %5.1f %%\n", what_.c_str(), regime.c_str(),
                  errors.size(), bias * 100, absolute * 100);
      INFO(what_ << ", " << regime);
      REQUIRE(bounds.count(regime) == 1);
      CHECK(absolute <= bounds.at(regime));
    }
  }

 private:
  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }

  std::string what_;
  std::map<std::string, std::vector<double>> errors_;
};

std::optional<std::filesystem::path> kernels() {
  const auto shared = test::shared("the accuracy of kernels");
  if (!shared) return std::nullopt;
  return *shared / "reference" / "kernels";
}

std::string by_rows(double rows) { return rows < 128 ? "m < 128" : rows < 512 ? "m 128..511" : "m >= 512"; }

std::string by_bytes(double bytes) {
  return bytes < 1e6     ? "a) < 1 MB"
         : bytes < 8e6   ? "b) 1..8 MB"
         : bytes < 64e6  ? "c) 8..64 MB"
         : bytes < 512e6 ? "d) 64..512 MB"
                         : "e) > 512 MB";
}

void check_gemm(const std::string& device, const std::string& file, const std::string& source, const std::string& type,
                Precision format, const std::map<std::string, double>& bounds) {
  const auto folder = kernels();
  if (!folder) return;
  const HbmGpu gpu = test::gpu(device);
  Errors errors("GEMM " + device + " " + type);
  const auto wanted = [&](const Row& row) { return holds(row, "source", source) && row.at("dtype") == type; };
  for (const Row& row : validation_rows(*folder / file, wanted)) {
    const double m = number(row, "m"), n = number(row, "n"), k = number(row, "k"), wide = bytes_per_weight(format);
    const Gemm gemm{"",     Bytes{n * k * wide},       Bytes{k * wide + 2 * n}, Flops{2 * n * k},
                    format, gpu.compute_format(format)};
    errors.add(by_rows(m), gpu.gemm(gemm, m).total().value, number(row, "latency_ms") * 1e-3);
  }
  errors.check(bounds);
}

void check_decode(const std::string& device, const std::string& file, const std::string& source, Precision cache,
                  const std::map<std::string, double>& bounds) {
  const auto folder = kernels();
  if (!folder) return;
  const HbmGpu gpu = test::gpu(device);
  const std::string type = cache == Precision::bf16 ? "bfloat16" : "fp8";
  Errors errors("decode attention " + device + " " + type);
  const auto wanted = [&](const Row& row) { return holds(row, "source", source) && row.at("kv_cache_dtype") == type; };
  for (const Row& row : validation_rows(*folder / file, wanted)) {
    const double batch = number(row, "batch_size"), context = number(row, "past_kv") + 1;
    const double wide = number(row, "head_dim");
    const double per_token = 2 * number(row, "num_key_value_heads") * wide * bytes_per_weight(cache);
    const Flops pair{4 * number(row, "num_heads") * wide};
    const Attention attention{"", Bytes{per_token}, pair, pair, cache, Precision::bf16};
    const Cost cost = gpu.decode_attention(attention, batch, Affine{batch * context, batch});
    errors.add(by_bytes(batch * context * per_token), cost.total().value, number(row, "latency_ms") * 1e-3);
  }
  errors.check(bounds);
}

void check_prefill(const std::string& type, Precision cache, const std::map<std::string, double>& bounds) {
  const auto folder = kernels();
  if (!folder) return;
  const HbmGpu gpu = test::gpu("h100_sxm");
  Errors errors("prefill attention h100_sxm " + type);
  const auto wanted = [&](const Row& row) {
    return holds(row, "source", "vllm") && row.at("kv_cache_dtype") == type && row.at("attn_dtype") == "bfloat16";
  };
  for (const Row& row : validation_rows(*folder / "h100_attn_prefill.csv", wanted)) {
    const double batch = number(row, "batch_size"), length = number(row, "isl"), wide = number(row, "head_dim");
    const double prior = number(row, "past_kv");
    const Flops pair{4 * number(row, "num_heads") * wide};
    const double per_token = 2 * number(row, "num_key_value_heads") * wide * bytes_per_weight(cache);
    const Attention attention{"", Bytes{per_token}, pair, pair, cache, Precision::bf16};
    const PrefillWork amount{batch * length, batch * length * (prior + (length + 1) / 2), batch * (prior + length)};
    const std::string regime = length < 512    ? "a) < 512"
                               : length < 2048 ? "b) 512..2047"
                               : length < 8192 ? "c) 2K..8K"
                                               : "d) >= 8K";
    errors.add(regime, gpu.prefill_attention(attention, amount).total().value, number(row, "latency_ms") * 1e-3);
  }
  errors.check(bounds);
}

}  // namespace

TEST_CASE("GEMM against measured kernels") {
  const auto bounds = [](double few, double some, double many) {
    return std::map<std::string, double>{{"m < 128", few}, {"m 128..511", some}, {"m >= 512", many}};
  };
  const auto check = [&](const std::string& device, const std::string& source, const std::string& type,
                         Precision format, const std::map<std::string, double>& limits) {
    check_gemm(device, source == "vllm" ? "h100_gemm.csv" : "other_gemm.csv", source, type, format, limits);
  };
  check("h100_sxm", "vllm", "bfloat16", Precision::bf16, bounds(0.09, 0.05, 0.05));
  check("h100_sxm", "vllm", "fp8", Precision::fp8, bounds(0.08, 0.05, 0.09));
  // The device files describe vLLM's kernels; the rows of the other chips are of TensorRT-LLM, whose fp8 and nvfp4
  // products of few rows take longer because they include the quantisation of the activations.
  check("h200_sxm", "h200", "bfloat16", Precision::bf16, bounds(0.05, 0.03, 0.08));
  check("h200_sxm", "h200", "fp8", Precision::fp8, bounds(0.22, 0.29, 0.11));
  check("a100_sxm_80", "a100", "bfloat16", Precision::bf16, bounds(0.04, 0.19, 0.03));
  check("b200_sxm", "/b200", "bfloat16", Precision::bf16, bounds(0.10, 0.26, 0.07));
  check("b200_sxm", "/b200", "fp8", Precision::fp8, bounds(0.35, 0.48, 0.06));
  check("b200_sxm", "/b200", "nvfp4", Precision::nvfp4, bounds(0.48, 0.47, 0.16));
  check("gb200", "/gb200", "bfloat16", Precision::bf16, bounds(0.04, 0.21, 0.08));
  check("gb200", "/gb200", "fp8", Precision::fp8, bounds(0.31, 0.46, 0.22));
  check("gb200", "/gb200", "nvfp4", Precision::nvfp4, bounds(0.42, 0.43, 0.13));
}

TEST_CASE("decode attention against measured kernels") {
  const auto bounds = [](double a, double b, double c, double d, double e) {
    return std::map<std::string, double>{
        {"a) < 1 MB", a}, {"b) 1..8 MB", b}, {"c) 8..64 MB", c}, {"d) 64..512 MB", d}, {"e) > 512 MB", e}};
  };
  check_decode("h100_sxm", "h100_attn_decode.csv", "vllm", Precision::bf16, bounds(0.04, 0.08, 0.06, 0.13, 0.05));
  check_decode("h100_sxm", "h100_attn_decode.csv", "vllm", Precision::fp8, bounds(0.08, 0.10, 0.11, 0.19, 0.03));
  check_decode("a100_sxm_80", "other_attn_decode.csv", "a100", Precision::bf16, bounds(0.06, 0.27, 0.14, 0.08, 0.04));
  // These rows are of TensorRT-LLM, whose kernels start faster than vLLM's, which the device file describes.
  check_decode("h200_sxm", "other_attn_decode.csv", "h200", Precision::bf16, bounds(0.40, 0.19, 0.23, 0.32, 0.03));
  check_decode("b200_sxm", "other_attn_decode.csv", "/b200", Precision::bf16, bounds(0.03, 0.06, 0.08, 0.05, 0.02));
  check_decode("b200_sxm", "other_attn_decode.csv", "/b200", Precision::fp8, bounds(0.02, 0.02, 0.07, 0.07, 0.02));
  check_decode("gb200", "other_attn_decode.csv", "/gb200", Precision::bf16, bounds(0.05, 0.09, 0.09, 0.05, 0.03));
  check_decode("gb200", "other_attn_decode.csv", "/gb200", Precision::fp8, bounds(0.07, 0.10, 0.10, 0.08, 0.02));
}

TEST_CASE("prefill attention against measured kernels") {
  const auto bounds = [](double a, double b, double c, double d) {
    return std::map<std::string, double>{{"a) < 512", a}, {"b) 512..2047", b}, {"c) 2K..8K", c}, {"d) >= 8K", d}};
  };
  check_prefill("bfloat16", Precision::bf16, bounds(0.06, 0.07, 0.06, 0.05));
  check_prefill("fp8", Precision::fp8, bounds(0.10, 0.12, 0.06, 0.02));
}

TEST_CASE("decode over one cache for all heads (MLA) against measured kernels") {
  const auto folder = kernels();
  if (!folder) return;
  const HbmGpu gpu = test::gpu("h100_sxm");
  Errors errors("MLA decode h100_sxm");
  const auto wanted = [](const Row& row) { return row.at("phase") == "decode_core"; };
  for (const Row& row : validation_rows(*folder / "h100_mla.csv", wanted)) {
    const Precision cache = row.at("kv_cache_dtype") == "fp8" ? Precision::fp8 : Precision::bf16;
    const double batch = number(row, "batch_size"), context = number(row, "past_kv") + 1,
                 heads = number(row, "num_heads");
    // 512 latent and 64 rotary numbers a token; every head takes their product with its query and sums the latent ones.
    const double per_token = 576 * bytes_per_weight(cache);
    const Flops pair{2 * heads * (576 + 512)};
    const Attention attention{"", Bytes{per_token}, pair, pair, cache, Precision::bf16};
    const Cost cost = gpu.decode_attention(attention, batch, Affine{batch * context, batch});
    const std::string kind = heads >= 64 ? "heads >= 64" : "fewer heads";
    errors.add(kind + (batch * context * per_token < 64e6 ? ", < 64 MB" : ", >= 64 MB"), cost.total().value,
               number(row, "latency_ms") * 1e-3);
  }
  errors.check({{"heads >= 64, < 64 MB", 0.14},
                {"heads >= 64, >= 64 MB", 0.04},
                {"fewer heads, < 64 MB", 0.11},
                {"fewer heads, >= 64 MB", 0.02}});
}

TEST_CASE("mixture-of-experts layers against measured kernels") {
  const auto folder = kernels();
  if (!folder) return;
  const HbmGpu gpu = test::gpu("h100_sxm");
  for (const std::string type : {"bfloat16", "fp8_block"}) {
    Errors errors("experts h100_sxm " + type);
    const auto wanted = [&](const Row& row) { return holds(row, "source", "vllm") && row.at("moe_dtype") == type; };
    const Precision format = type == "bfloat16" ? Precision::bf16 : Precision::fp8;
    for (const Row& row : validation_rows(*folder / "h100_moe.csv", wanted)) {
      const double hidden = number(row, "hidden_size"), inner = number(row, "inter_size") / number(row, "moe_tp_size");
      const double tokens = number(row, "num_tokens"), ep = number(row, "moe_ep_size");
      const Experts experts{"",
                            number(row, "num_experts") / ep,
                            number(row, "topk") / ep,
                            Bytes{3 * hidden * inner * bytes_per_weight(format)},
                            Bytes{4 * hidden + 6 * inner},
                            Flops{6 * hidden * inner},
                            2,
                            format,
                            gpu.compute_format(format)};
      const std::string routing = row.at("distribution") == "balanced" ? "balanced" : "skewed";
      errors.add(routing + (tokens < 512 ? ", < 512 tokens" : ", >= 512 tokens"),
                 gpu.experts(experts, tokens).total().value, number(row, "latency_ms") * 1e-3);
    }
    errors.check({{"balanced, < 512 tokens", 0.12},
                  {"balanced, >= 512 tokens", 0.16},
                  {"skewed, < 512 tokens", 0.10},
                  {"skewed, >= 512 tokens", 0.22}});
  }
}

TEST_CASE("all-reduce against measured collectives") {
  const auto folder = kernels();
  if (!folder) return;
  const Interconnect h100 = test::interconnect("hgx_h100");
  Errors errors("all-reduce hgx_h100");
  const auto wanted = [](const Row& row) {
    return row.at("collective") == "all_reduce" && holds(row, "source", "aic/h100") && holds(row, "n_nodes", "1");
  };
  for (const Row& row : validation_rows(*folder / "h100_comm.csv", wanted)) {
    const double bytes = number(row, "size_bytes");
    const bool same = row.at("impl") == "vLLM_custom_graph";
    // Another library's algorithm says something about the table only where the links limit both.
    const bool comparable = row.at("impl") == "NCCL" && bytes >= 128e6;
    if (!same && !comparable) continue;
    const Cost cost = h100.all_reduce(static_cast<int>(number(row, "n_gpus")), Bytes{bytes});
    errors.add(same ? "vLLM, the table's own" : "NCCL, >= 128 MB", cost.total().value, number(row, "time_us") * 1e-6);
  }
  errors.check({{"vLLM, the table's own", 0.01}, {"NCCL, >= 128 MB", 0.01}});
}
