#include "workloads/formats/vtc.hpp"

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

class VtcReader final : public CsvRows {
 public:
  explicit VtcReader(const TraceFile& file)
      : CsvRows(file, {"req_id", "adapter_dir", "prompt_len", "output_len", "req_time"}) {}

 private:
  enum Column : std::size_t { id, adapter, input, output, time };

  std::string_view parse(TraceRow& row) override {
    if (trimmed(field(time)).empty()) return "missing_field";
    row.has_time = true;
    if (!read_ticks(field(time), 1'000'000'000, row.time_ns)) return "bad_time";
    // Each tenant of that paper has an adapter of its own, and is known by it.
    row.tenant = row.adapter = trimmed(field(adapter));
    if (const auto problem = read_tokens(field(input), row.input_tokens); !problem.empty()) return problem;
    return read_tokens(field(output), row.output_tokens);
  }
};

}  // namespace

OpenRows read_vtc_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<VtcReader>(file); };
}

bool recognise_vtc(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"adapter_dir", "prompt_len", "output_len", "req_time"});
}

}  // namespace memwall
