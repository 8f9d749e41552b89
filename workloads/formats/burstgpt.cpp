#include "workloads/formats/burstgpt.hpp"

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

constexpr std::int64_t second = 1'000'000'000;

class BurstGptReader final : public CsvRows {
 public:
  explicit BurstGptReader(const TraceFile& file)
      : CsvRows(file, {"Timestamp", "Model", "Request tokens", "Response tokens"},
                {"Session ID", "Elapsed time", "Total tokens", "Log Type"}) {}

 private:
  enum Column : std::size_t { time, model, input, output, session, elapsed, total, log };

  std::string_view parse(TraceRow& row) override {
    if (trimmed(field(time)).empty()) return "missing_field";
    row.has_time = true;
    if (!read_ticks(field(time), second, row.time_ns)) return "bad_time";
    if (const auto problem = read_tokens(field(input), row.input_tokens); !problem.empty()) return problem;
    if (const auto problem = read_tokens(field(output), row.output_tokens); !problem.empty()) return problem;
    row.tenant = trimmed(field(model));
    row.service_class = trimmed(field(log));
    row.session = trimmed(field(session));  // API calls have none
    row.after_session = !row.session.empty();
    // From end to end, not to the first token (HPMLL/BurstGPT, README).
    if (has(elapsed) && !(read_ticks(field(elapsed), second, row.service_ns) && row.service_ns >= 0)) {
      row.service_ns = -1;
      row.warnings.push_back("bad_elapsed");
    }
    std::int64_t sum = 0;
    if (has(total) && (!read_tokens(field(total), sum).empty() || sum != row.input_tokens + row.output_tokens)) {
      row.warnings.push_back("total_mismatch");
    }
    return {};
  }
};

}  // namespace

OpenRows read_burstgpt_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<BurstGptReader>(file); };
}

bool recognise_burstgpt(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"Timestamp", "Model", "Request tokens", "Response tokens"});
}

}  // namespace memwall
