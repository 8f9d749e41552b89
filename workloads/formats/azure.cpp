#include "workloads/formats/azure.hpp"

#include <limits>

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

class AzureReader final : public CsvRows {
 public:
  explicit AzureReader(const TraceFile& file)
      : CsvRows(file, {"TIMESTAMP", "ContextTokens", "GeneratedTokens"}, {"NumImages"}) {}

  std::vector<std::string> remarks() const override {
    auto out = CsvRows::remarks();
    if (zoned_ && zoneless_) out.push_back("some times have a zone and some have none; those without are taken as UTC");
    return out;
  }

 private:
  enum Column : std::size_t { time, input, output, images };

  std::string_view parse(TraceRow& row) override {
    row.has_time = true;
    if (trimmed(field(time)).empty()) return "missing_field";
    bool zoned = false;
    if (!read_wall_clock(field(time), row.time_ns, zoned)) return "bad_time";
    (zoned ? zoned_ : zoneless_) = true;
    if (const auto problem = read_tokens(field(input), row.input_tokens); !problem.empty()) return problem;
    if (const auto problem = read_tokens(field(output), row.output_tokens); !problem.empty()) return problem;
    return has(images) ? read_images(row) : std::string_view{};
  }

  std::string_view read_images(TraceRow& row) {
    std::int64_t count = 0;
    if (trimmed(field(images)).empty()) return {};
    if (!read_tokens(field(images), count).empty() || count > std::numeric_limits<std::int32_t>::max()) {
      return "bad_images";
    }
    row.images = static_cast<std::int32_t>(count);
    return {};
  }

  bool zoned_ = false, zoneless_ = false;
};

}  // namespace

OpenRows read_azure_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<AzureReader>(file); };
}

bool recognise_azure(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"TIMESTAMP", "ContextTokens", "GeneratedTokens"});
}

}  // namespace memwall
