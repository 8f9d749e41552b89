#include "workloads/formats/vidur.hpp"

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

class VidurReader final : public CsvRows {
 public:
  explicit VidurReader(const TraceFile& file)
      : CsvRows(file, {"arrived_at", "num_prefill_tokens", "num_decode_tokens"}) {}

 private:
  std::string_view parse(TraceRow& row) override {
    if (trimmed(field(0)).empty()) return "missing_field";
    row.has_time = true;
    if (!read_ticks(field(0), 1'000'000'000, row.time_ns)) return "bad_time";
    if (const auto problem = read_tokens(field(1), row.input_tokens); !problem.empty()) return problem;
    return read_tokens(field(2), row.output_tokens);
  }
};

}  // namespace

OpenRows read_vidur_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<VidurReader>(file); };
}

bool recognise_vidur(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"arrived_at", "num_prefill_tokens", "num_decode_tokens"});
}

}  // namespace memwall
