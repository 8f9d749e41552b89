// The example traces of workloads/traces, made here from published statistics alone: no row comes from a real trace.
// The tests hold the files to this generator; with MEMWALL_WRITE_EXAMPLES=1 in the environment they are written anew.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "sim/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"
#include "workloads/replay/trace_stats.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

/// Draws of one file: `stream` is the column, as purposes are for the simulator's own decisions.
DrawKey key(std::uint64_t column, std::uint64_t row) {
  return {.seed = 2026, .stream = column, .request = row, .purpose = Purpose::test};
}

/// Quantiles at 1, 5, 25, 50, 75, 90, 95, 99 % and the maximum; nothing is published below the first.
std::int64_t from_grid(const std::array<double, 9>& quantiles, std::uint64_t column, std::uint64_t row) {
  static constexpr std::array<double, 10> levels = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};
  std::array<double, 10> values{};
  values[0] = quantiles[0];
  std::copy(quantiles.begin(), quantiles.end(), values.begin() + 1);
  return static_cast<std::int64_t>(random_empirical(key(column, row), levels, values) + 0.5);
}

/// Lengths and burstiness of the Azure 2023 conversation trace; 5 requests a second where that has 5.5.
std::string azure_like() {
  static constexpr std::array<double, 9> inputs = {29, 181, 396, 1020, 1189, 2734, 4083, 4142, 14050};
  static constexpr std::array<double, 9> outputs = {16, 41, 85, 129, 395, 424, 451, 601, 1000};
  std::string out = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  double seconds = 0;
  for (std::uint64_t row = 0; row < 300; ++row) {
    seconds += random_gamma(key(0, row), 1.094) / 5;
    const auto ticks = static_cast<long long>(seconds * 1e7);  // of 100 ns
    std::array<char, 80> line{};
    std::snprintf(line.data(), line.size(), "2025-01-01 09:%02lld:%02lld.%07lld,%lld,%lld\n", ticks / 600'000'000,
                  ticks / 10'000'000 % 60, ticks % 10'000'000, static_cast<long long>(from_grid(inputs, 1, row)),
                  static_cast<long long>(from_grid(outputs, 2, row)));
    out += line.data();
  }
  return out;
}

/// Lengths and 3 s bins of the Mooncake conversation trace. Every prompt begins with one common block; two of five
/// continue an earlier prompt for a uniform part of its full blocks, which gives about the published third of shared
/// tokens.
std::string mooncake_like() {
  static constexpr std::array<double, 9> inputs = {894, 901, 2306, 6909, 15367, 27367, 39550, 85400, 126195};
  static constexpr std::array<double, 9> outputs = {3, 10, 156, 350, 472, 597, 698, 1119, 2000};
  std::vector<std::vector<std::int64_t>> chains;
  std::int64_t fresh = 1;
  double seconds = 0;
  std::ostringstream out;
  for (std::uint64_t row = 0; row < 120; ++row) {
    seconds += random_exponential(key(10, row)) / 3.4;
    const std::int64_t input = from_grid(inputs, 11, row);
    const auto blocks = static_cast<std::size_t>((input + 511) / 512);
    std::vector<std::int64_t> chain = {0};
    if (row > 0 && random_uniform(key(13, row)) < 0.4) {
      const auto& parent =
          chains[static_cast<std::size_t>(random_integer(key(14, row), 0, static_cast<std::int64_t>(row) - 1))];
      const auto whole = static_cast<std::int64_t>(std::min(parent.size(), blocks)) - 1;  // the last may be partial
      const std::int64_t shared = random_integer(key(15, row), std::min<std::int64_t>(1, whole), whole);
      for (std::int64_t i = 1; i < shared; ++i) chain.push_back(parent[static_cast<std::size_t>(i)]);
    }
    while (chain.size() < blocks) chain.push_back(fresh++);
    out << "{\"timestamp\": " << static_cast<std::int64_t>(seconds / 3) * 3000 << ", \"input_length\": " << input
        << ", \"output_length\": " << from_grid(outputs, 12, row) << ", \"hash_ids\": [";
    for (std::size_t i = 0; i < chain.size(); ++i) out << (i == 0 ? "" : ", ") << chain[i];
    out << "]}\n";
    chains.push_back(std::move(chain));
  }
  return out.str();
}

/// The file of that name, rewritten first where that was asked for.
std::string content_of(const std::string& name, const std::string& generated) {
  const std::string path = std::string(MEMWALL_SOURCE_DIR) + "/workloads/traces/" + name;
  if (std::getenv("MEMWALL_WRITE_EXAMPLES") != nullptr) std::ofstream(path, std::ios::binary) << generated;
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TraceStats stats_of(const std::string& name, std::string_view format) {
  return trace_stats(trace({std::string(MEMWALL_SOURCE_DIR) + "/workloads/traces/" + name, name}, format));
}

}  // namespace

TEST_CASE("the Azure-like example is what its generator makes, and resembles its model") {
  const std::string generated = azure_like();
  CHECK((content_of("azure_like_conversation.csv", generated) == generated));
  const TraceStats stats = stats_of("azure_like_conversation.csv", "azure");
  CHECK(stats.rows == 300);
  CHECK(stats.notes.dropped.empty());
  CHECK(stats.arrivals.duration_s == Approx(60).margin(12));  // 300 gaps of cv 1.1: 3 standard errors
  CHECK(stats.arrivals.gap_cv == Approx(1.094).epsilon(0.25));
  CHECK(stats.input.mean == Approx(1154.7).margin(3 * 1100 / std::sqrt(300.0)));
  CHECK(stats.output.mean == Approx(211.1).margin(3 * 165 / std::sqrt(300.0)));
}

TEST_CASE("the Mooncake-like example is what its generator makes, and resembles its model") {
  const std::string generated = mooncake_like();
  CHECK((content_of("mooncake_like_conversation.jsonl", generated) == generated));
  const TraceStats stats = stats_of("mooncake_like_conversation.jsonl", "mooncake");
  CHECK(stats.rows == 120);
  CHECK(stats.notes.dropped.empty());
  CHECK(stats.notes.warnings.empty());  // one id for every 512 tokens, in order of time
  CHECK(stats.prefix.requests_with_hit == 119);
  CHECK(stats.prefix.token_share() > 0.1);
  CHECK(stats.prefix.token_share() < 0.4);
  CHECK(stats.input.mean == Approx(12035).margin(3 * 16000 / std::sqrt(120.0)));
}
