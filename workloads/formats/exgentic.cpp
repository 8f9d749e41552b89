#include "workloads/formats/exgentic.hpp"

#include "workloads/formats/json_rows.hpp"

namespace memwall {
namespace {

constexpr std::int64_t second = 1'000'000'000;

class ExgenticReader final : public JsonRows {
 public:
  explicit ExgenticReader(const TraceFile& file) : JsonRows(file) {}

 private:
  std::string_view parse(JsonValue object, TraceRow& row) override {
    std::string_view problem;
    bool input = false, output = false, start = false, end = false, failed = false;
    std::int64_t end_ns = 0;
    object.each_member([&](std::string_view key, JsonValue value) {
      if (key == "session_id") {
        row.session = value.name(session_);
      } else if (key == "start_time_s") {
        start = row.has_time = value.ticks(second, row.time_ns);
        if (!start) problem = "bad_time";
      } else if (key == "end_time_s") {
        end = value.ticks(second, end_ns);
      } else if (key == "input_tokens") {
        input = !value.null();
        if (input) problem = value.tokens(row.input_tokens);
      } else if (key == "output_tokens") {
        output = !value.null();
        if (output) problem = value.tokens(row.output_tokens);
      } else if (key == "is_error") {
        failed = value.truth().value_or(false);
      } else if (key == "benchmark") {
        row.tenant = value.name(tenant_);
      } else {
        unused(key);
      }
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (!input || !output) return failed ? "failed_span" : "missing_field";
    if (row.session.empty() || !start) return "missing_field";
    row.after_session = true;
    if (end && end_ns >= row.time_ns && __builtin_sub_overflow(end_ns, row.time_ns, &row.service_ns)) {
      row.service_ns = -1;
    }
    return {};
  }

  std::string session_, tenant_;
};

}  // namespace

OpenRows read_exgentic_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<ExgenticReader>(file); };
}

bool recognise_exgentic(std::string_view, std::string_view beginning) {
  return object_has(beginning, {"session_id", "start_time_s", "end_time_s"});
}

}  // namespace memwall
