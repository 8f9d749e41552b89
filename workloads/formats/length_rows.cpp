#include "workloads/formats/length_rows.hpp"

#include <optional>

#include "sim/base/random.hpp"
#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

class LengthRows final : public CsvRows {
 public:
  LengthRows(const TraceFile& file, const TraceDraws& draws, std::optional<double> rate)
      : CsvRows(file, {"num_prefill_tokens", "num_decode_tokens"}, {"num_total_tokens", "pd_ratio"}),
        draws_(draws),
        rate_(rate) {}

  std::vector<std::string> remarks() const override {
    auto out = CsvRows::remarks();
    if (!rate_) out.emplace_back("rows have no times, so all arrive at once; give `rate` or `concurrency`");
    return out;
  }

 private:
  enum Column : std::size_t { input, output, total, ratio };

  std::string_view parse(TraceRow& row) override {
    row.has_time = true;
    row.time_ns = arrival(row.place.row);
    if (const auto problem = read_tokens(field(input), row.input_tokens); !problem.empty()) return problem;
    if (const auto problem = read_tokens(field(output), row.output_tokens); !problem.empty()) return problem;
    std::int64_t sum = 0;
    if (has(total) && (!read_tokens(field(total), sum).empty() || sum != row.input_tokens + row.output_tokens)) {
      row.warnings.push_back("total_mismatch");
    }
    return {};
  }

  /// The gap before a row is drawn for that row alone; after a jump back the sum begins anew.
  std::int64_t arrival(std::int64_t row) {
    if (!rate_) return 0;
    if (row < summed_) summed_ = 0, clock_s_ = 0;
    for (; summed_ <= row; ++summed_) {
      clock_s_ += random_exponential(
                      {draws_.seed, draws_.workload, static_cast<std::uint64_t>(summed_), Purpose::arrival_gap}) /
                  *rate_;
    }
    std::int64_t ns = 0;
    return ticks(clock_s_, 1'000'000'000, ns) ? ns : 0;
  }

  TraceDraws draws_;
  std::optional<double> rate_;
  std::int64_t summed_ = 0;
  double clock_s_ = 0;
};

}  // namespace

OpenRows read_lengths_keys(Reader& reader) {
  const auto rate = reader.optional_quantity<PerSecond>(
      "rate", "arrivals are a Poisson process of this rate, because rows have no times; absent: all at once");
  if (rate && !(rate->value >= 1e-9 && rate->value <= 1e9)) {
    reader.fault("rate", "is a rate of arrivals above 0, such as \"2 /s\"");
  }
  return [rate](const TraceFile& file, const TraceDraws& draws) {
    return std::make_unique<LengthRows>(file, draws, rate ? std::optional(rate->value) : std::nullopt);
  };
}

bool recognise_lengths(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"num_prefill_tokens", "num_decode_tokens"}) && !header_has(beginning, {"arrived_at"});
}

}  // namespace memwall
