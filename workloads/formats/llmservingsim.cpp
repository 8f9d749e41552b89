#include "workloads/formats/llmservingsim.hpp"

#include <deque>

#include "workloads/formats/json_rows.hpp"

namespace memwall {
namespace {

/// A line is one request, or a session whose requests stand in it one behind the other.
class LlmServingSimReader final : public JsonRows {
 public:
  explicit LlmServingSimReader(const TraceFile& file) : JsonRows(file) {}

  bool next(TraceRow& row) override {
    if (part_ >= static_cast<std::int64_t>(calls_.size())) {
      if (!next_line(row)) return false;
      place_ = row.place;
      part_ = 0;
      const auto value = object();
      row.problem = value ? parse(*value, row) : "parse_error";
      if (!row.problem.empty()) calls_.clear();
      if (calls_.empty()) return true;
    }
    row.clear();
    take_call(row);
    return true;
  }

  void seek(const RowPlace& place) override {
    // Another call of the line that is at hand needs no reading: a long session would be parsed for each of them.
    const bool at_hand = !calls_.empty() && place_.offset == place.offset;
    if (!at_hand) {
      calls_.clear();
      part_ = 0;
      JsonRows::seek({place.offset, place.line, place.row - place.part, 0});
      if (place.part == 0) return;
      TraceRow row;
      static_cast<void>(next(row));
    }
    part_ = place.part;
  }

 private:
  struct Call {
    std::int64_t input = 0, output = 0, wait_ns = 0;
    std::string_view problem;
  };

  std::string_view parse(JsonValue object, TraceRow& row) override {
    calls_.clear();
    session_.clear();
    const auto time = object.member("arrival_time_ns");
    if (!time || !time->ticks(1, time_ns_)) return time ? "bad_time" : "missing_time";
    std::string_view problem;
    std::optional<JsonValue> calls;
    object.each_member([&](std::string_view key, JsonValue value) {
      if (key == "session_id") {
        std::string number;
        session_ = value.name(number);
      } else if (key == "sub_requests") {
        calls = value;
      } else if (key == "input_toks") {
        problem = value.tokens(row.input_tokens);
      } else if (key == "output_toks") {
        problem = value.tokens(row.output_tokens);
      } else if (key != "arrival_time_ns") {
        unused(key);
      }
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (!calls) {
      const bool whole = object.member("input_toks") && object.member("output_toks");
      row.has_time = true;
      row.time_ns = time_ns_;
      return whole ? "" : "missing_field";
    }
    if (session_.empty()) return "missing_field";
    // Sessions of one name are told apart by their lines.
    session_ += "@" + std::to_string(row.place.line);
    calls->each([&](JsonValue call) {
      calls_.push_back(read_call(call));
      return true;
    });
    return calls_.empty() ? "empty_session" : "";
  }

  static Call read_call(JsonValue value) {
    Call call;
    const auto input = value.member("input_toks");
    const auto output = value.member("output_toks");
    call.problem = !input || !output ? "missing_field" : input->tokens(call.input);
    if (call.problem.empty()) call.problem = output->tokens(call.output);
    const auto wait = value.member("tool_duration_ns");
    if (call.problem.empty() && wait && !wait->null() && !(wait->ticks(1, call.wait_ns) && call.wait_ns >= 0)) {
      call.problem = "bad_delay";
    }
    return call;
  }

  void take_call(TraceRow& row) {
    const Call& call = calls_[static_cast<std::size_t>(part_)];
    row.place = place_;
    row.place.part = part_;
    row.place.row = place_.row + part_;
    rows_ = row.place.row + 1;
    row.problem = call.problem;
    row.input_tokens = call.input;
    row.output_tokens = call.output;
    row.wait_after_ns = call.wait_ns;
    row.session = session_;
    row.after_session = part_ > 0;
    row.has_time = part_ == 0;
    row.time_ns = part_ == 0 ? time_ns_ : 0;
    ++part_;
  }

  RowPlace place_;
  std::int64_t part_ = 0;
  std::vector<Call> calls_;
  std::string session_;
  std::int64_t time_ns_ = 0;
};

}  // namespace

OpenRows read_llmservingsim_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<LlmServingSimReader>(file); };
}

bool recognise_llmservingsim(std::string_view, std::string_view beginning) {
  return object_has(beginning, {"arrival_time_ns"}) &&
         (object_has(beginning, {"input_toks"}) || object_has(beginning, {"sub_requests"}));
}

}  // namespace memwall
