#include "workloads/formats/splitwise.hpp"

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

/// The type of requests to a language model; splitwise-sim knows no other that it can serve.
constexpr std::int64_t language_model = 2;

class SplitwiseReader final : public CsvRows {
 public:
  explicit SplitwiseReader(const TraceFile& file)
      : CsvRows(file, {"request_id", "request_type", "application_id", "arrival_timestamp", "batch_size", "prompt_size",
                       "token_size"}) {}

 private:
  enum Column : std::size_t { id, type, application, time, batch, input, output };

  std::string_view parse(TraceRow& row) override {
    std::int64_t kind = 0;
    if (const auto problem = read_tokens(field(type), kind); !problem.empty()) return problem;
    if (kind != language_model) return "not_an_llm_request";
    if (trimmed(field(time)).empty()) return "missing_field";
    row.has_time = true;
    if (!read_ticks(field(time), 1'000'000'000, row.time_ns)) return "bad_time";
    std::int64_t requests = 1;
    if (const auto problem = read_tokens(field(batch), requests); !problem.empty()) return problem;
    if (requests != 1) row.warnings.push_back("batch_taken_as_one");
    row.tenant = trimmed(field(application));
    if (const auto problem = read_tokens(field(input), row.input_tokens); !problem.empty()) return problem;
    return read_tokens(field(output), row.output_tokens);
  }
};

}  // namespace

OpenRows read_splitwise_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<SplitwiseReader>(file); };
}

bool recognise_splitwise(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"request_type", "arrival_timestamp", "prompt_size", "token_size"});
}

}  // namespace memwall
