#include "workloads/formats/otel.hpp"

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "workloads/formats/json_documents.hpp"
#include "workloads/formats/numbers.hpp"
#include "workloads/formats/table_rows.hpp"

namespace memwall {
namespace {

/// The first of the named attributes that a span has.
std::optional<JsonValue> any_of(JsonValue attributes, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = attributes.member(name);
    if (value && !value->null()) return value;
  }
  return std::nullopt;
}

/// Nanoseconds since 1970 as a number or text, or a wall clock.
bool read_moment(JsonValue span, std::initializer_list<std::string_view> names, std::int64_t& ns) {
  const auto value = any_of(span, names);
  if (!value) return false;
  bool zoned = false;
  if (const auto text = value->text(); text && read_wall_clock(*text, ns, zoned)) return true;
  return value->ticks(1, ns);
}

class Spans {
 public:
  explicit Spans(double characters_per_token) : characters_per_token_(characters_per_token) {}

  void document(JsonValue document, std::int64_t line) {
    const auto spans = document.list() ? std::optional(document) : document.member("spans");
    const std::string fallback = "document " + std::to_string(line);
    if (!spans) {
      if (document.member("attributes")) span(document, fallback, line);  // a span a line
      return;
    }
    spans->each([&](JsonValue each) {
      span(each, fallback, line);
      return true;
    });
  }

  RowTable table() {
    // A document may list its spans in any order, and a call waits for calls before it.
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const StoredRow& a, const StoredRow& b) { return a.time_ns < b.time_ns; });
    RowTable out;
    out.rows = std::move(rows_);
    if (others_ > 0) {
      out.remarks.push_back(std::to_string(others_) + " spans are no calls to a language model and no rows");
    }
    return out;
  }

 private:
  void span(JsonValue span, const std::string& fallback, std::int64_t line) {
    const auto attributes = span.member("attributes");
    bool calls_model = false;
    if (attributes) {
      attributes->each_member([&](std::string_view key, JsonValue) {
        calls_model = key.starts_with("gen_ai.");
        return !calls_model;
      });
    }
    if (!calls_model) {
      ++others_;
      return;
    }
    StoredRow row;
    row.line = line;
    row.session = fallback;
    std::string number;
    if (const auto id = any_of(*attributes, {"exgentic.session.id", "session.id", "gen_ai.conversation.id"})) {
      row.session = id->name(number);
    } else if (const auto trace = any_of(span, {"trace_id", "traceId"})) {
      row.session = trace->name(number);
    }
    if (row.session.empty()) row.session = fallback;
    row.after_session = true;
    row.problem = read(span, *attributes, row);
    rows_.push_back(std::move(row));
  }

  std::string_view read(JsonValue span, JsonValue attributes, StoredRow& row) const {
    if (!read_moment(span, {"start_time", "start_time_unix_nano", "startTimeUnixNano"}, row.time_ns)) return "bad_time";
    std::int64_t end = 0;
    if (read_moment(span, {"end_time", "end_time_unix_nano", "endTimeUnixNano"}, end) && end >= row.time_ns &&
        __builtin_sub_overflow(end, row.time_ns, &row.service_ns)) {
      row.service_ns = -1;
    }
    if (const auto limit = any_of(attributes, {"gen_ai.request.max_tokens"})) {
      if (!limit->tokens(row.output_limit).empty()) row.output_limit = 0;
    }
    const auto input = any_of(attributes, {"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"});
    const auto output = any_of(attributes, {"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"});
    if (input && output) {
      const auto problem = input->tokens(row.input_tokens);
      return problem.empty() ? output->tokens(row.output_tokens) : problem;
    }
    return estimate(attributes, row);
  }

  /// Spans that kept their texts and not their counts.
  std::string_view estimate(JsonValue attributes, StoredRow& row) const {
    const auto input = any_of(attributes, {"gen_ai.input.messages", "gen_ai.prompt"});
    const auto output = any_of(attributes, {"gen_ai.output.text", "gen_ai.output.messages", "gen_ai.completion"});
    if (characters_per_token_ == 0 || !input || !output || !input->text() || !output->text()) return "no_tokens";
    row.input_tokens = tokens(*input->text());
    row.output_tokens = tokens(*output->text());
    row.warnings.emplace_back("tokens_from_text");
    return {};
  }

  std::int64_t tokens(std::string_view text) const {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(text.size()) / characters_per_token_));
  }

  double characters_per_token_;
  std::vector<StoredRow> rows_;
  std::int64_t others_ = 0;
};

}  // namespace

OpenRows read_otel_keys(Reader& reader) {
  const double characters =
      reader.number("characters_per_token", {.fallback = 4.0, .low = 0.0, .high = 1000.0},
                    "where a span has texts and no token counts, a token is so many bytes of them (an estimate; such "
                    "rows are counted as `tokens_from_text`); 0 drops them");
  return rows_of_document([characters](const TraceFile& file) {
    Spans spans(characters);
    each_document(file, [&](JsonValue document, std::int64_t line) { spans.document(document, line); });
    return spans.table();
  });
}

bool recognise_otel(std::string_view, std::string_view beginning) {
  return beginning.find("\"gen_ai.") != std::string_view::npos &&
         (beginning.find("\"spans\"") != std::string_view::npos ||
          beginning.find("\"attributes\"") != std::string_view::npos);
}

}  // namespace memwall
