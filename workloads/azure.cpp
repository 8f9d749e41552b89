#include "workloads/azure.hpp"

#include "workloads/csv.hpp"
#include "workloads/numbers.hpp"

namespace memwall {
namespace {

class AzureReader final : public RowReader {
 public:
  explicit AzureReader(const TraceFile& file) : csv_(file) {
    const auto positions = csv_.positions({"TIMESTAMP", "ContextTokens", "GeneratedTokens"});
    time_ = positions[0];
    input_ = positions[1];
    output_ = positions[2];
  }

  bool next(TraceRow& row) override {
    if (!csv_.next()) return false;
    row.place = {csv_.offset(), csv_.line(), rows_++};
    row.warning = {};
    row.has_time = true;
    row.problem = parse(row);
    return true;
  }

  void seek(const RowPlace& place) override {
    csv_.seek(place.offset, place.line);
    rows_ = place.row;
  }

  std::vector<std::string> remarks() const override {
    std::vector<std::string> out;
    std::string unused;
    for (std::size_t i = 0; i < csv_.columns().size(); ++i) {
      if (i != time_ && i != input_ && i != output_) unused += (unused.empty() ? "" : ", ") + csv_.columns()[i];
    }
    if (!unused.empty()) out.push_back("columns that are not used: " + unused);
    if (zoned_ && zoneless_) out.push_back("some times have a zone and some have none; those without are taken as UTC");
    return out;
  }

 private:
  std::string_view parse(TraceRow& row) {
    const std::string_view time = csv_.field(time_);
    if (trimmed(time).empty()) return "missing_field";
    bool zoned = false;
    if (!read_wall_clock(time, row.time_ns, zoned)) return "bad_time";
    (zoned ? zoned_ : zoneless_) = true;
    const std::string_view problem = read_tokens(csv_.field(input_), row.input_tokens);
    return problem.empty() ? read_tokens(csv_.field(output_), row.output_tokens) : problem;
  }

  CsvReader csv_;
  std::size_t time_ = 0, input_ = 0, output_ = 0;
  std::int64_t rows_ = 0;
  bool zoned_ = false, zoneless_ = false;
};

}  // namespace

FormatKeys azure_keys() {
  return {[](const TraceFile& file) { return std::make_unique<AzureReader>(file); }, 0};
}

FormatKeys read_azure_keys(Reader&) { return azure_keys(); }

}  // namespace memwall
