#include "workloads/formats/tracelab.hpp"

#include <algorithm>

#include "workloads/formats/json_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

class TracelabReader final : public JsonRows {
 public:
  explicit TracelabReader(const TraceFile& file) : JsonRows(file) {}

 private:
  /// The first and last moments of a round. What its user and its tools said stands in front and is its input: the
  /// request is sent when the last of that has come.
  struct Moments {
    std::int64_t sent_ns = 0, last_ns = 0;
    bool input = false, any = false;
  };

  std::string_view parse(JsonValue object, TraceRow& row) override {
    std::string_view problem;
    bool input = false, output = false, prefix = false;
    std::int64_t fresh = -1;
    object.each_member([&](std::string_view key, JsonValue value) {
      if (key == "session_id") {
        row.session = value.name(session_);
      } else if (key == "input_tokens_total") {
        input = true;
        problem = value.tokens(row.input_tokens);
      } else if (key == "prefix_tokens") {
        prefix = true;
        problem = value.tokens(row.prefix_tokens);
      } else if (key == "newly_append_tokens") {
        problem = value.tokens(fresh);
      } else if (key == "output_tokens") {
        output = true;
        problem = value.tokens(row.output_tokens);
      } else if (key == "timing_events") {
        problem = read_moments(value, row);
      } else if (key == "project") {
        row.tenant = value.name(project_);
      } else if (key == "provider") {
        row.service_class = value.name(provider_);
      } else {
        unused(key);
      }
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (row.session.empty() || !input || !output || !prefix) return "missing_field";
    if (!row.has_time) return "missing_time";
    if (fresh >= 0 && row.prefix_tokens + fresh != row.input_tokens) row.warnings.push_back("total_mismatch");
    row.after_session = true;
    return {};
  }

  std::string_view read_moments(JsonValue events, TraceRow& row) {
    Moments moments;
    const bool good = events.each([&](JsonValue event) {
      const auto type = event.member("event_type");
      const auto when = event.member("timestamp");
      std::int64_t ns = 0;
      bool zoned = false;
      if (!when || !when->text() || !read_wall_clock(*when->text(), ns, zoned)) return false;
      const auto kind = type ? type->text() : std::nullopt;
      const bool is_input = kind == "user_message" || kind == "tool_result";
      if (!moments.any || (is_input && moments.input))
        moments.sent_ns = std::max(moments.any ? moments.sent_ns : ns, ns);
      moments.input = is_input && (moments.input || !moments.any);
      moments.last_ns = moments.any ? std::max(moments.last_ns, ns) : ns;
      moments.any = true;
      return true;
    });
    if (!good) return "bad_time";
    if (!moments.any) return {};
    row.has_time = true;
    row.time_ns = moments.sent_ns;
    row.service_ns = std::max<std::int64_t>(0, moments.last_ns - moments.sent_ns);
    return {};
  }

  std::string session_, project_, provider_;
};

}  // namespace

OpenRows read_tracelab_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<TracelabReader>(file); };
}

bool recognise_tracelab(std::string_view, std::string_view beginning) {
  return object_has(beginning, {"round_index", "input_tokens_total", "prefix_tokens"});
}

}  // namespace memwall
