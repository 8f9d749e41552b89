#include "workloads/formats/own_trace.hpp"

#include <charconv>
#include <deque>
#include <limits>

#include "sim/base/error.hpp"
#include "sim/config/utf8.hpp"
#include "workloads/formats/json_rows.hpp"

namespace memwall {
namespace {

constexpr std::int64_t version = 1;
/// Numbers of rows beyond it are mistakes, and those below can be counted on from.
constexpr std::int64_t most_rows = std::int64_t{1} << 60;

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_text(std::string& out, std::string_view text) {
  if (first_non_utf8(text) != text.size())
    throw InputError("a name in the trace is not UTF-8, which JSON needs; convert the file first");
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

/// Members of one object, one behind the other.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_ += '{'; }
  void number(std::string_view key, std::int64_t value) {
    name(key);
    append_number(out_, value);
  }
  void number_unless(std::string_view key, std::int64_t value, std::int64_t neutral) {
    if (value != neutral) number(key, value);
  }
  void text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    name(key);
    append_text(out_, value);
  }
  void truth(std::string_view key) {
    name(key);
    out_ += "true";
  }
  template <class List, class Append>
  void list(std::string_view key, const List& values, Append append) {
    if (values.empty()) return;
    name(key);
    out_ += '[';
    bool first = true;
    for (const auto& value : values) {
      if (!std::exchange(first, false)) out_ += ',';
      append(value);
    }
    out_ += ']';
  }
  void end() { out_ += "}\n"; }

 private:
  void name(std::string_view key) {
    if (!std::exchange(first_, false)) out_ += ',';
    append_text(out_, key);
    out_ += ':';
  }
  std::string& out_;
  bool first_ = true;
};

class OwnReader final : public JsonRows {
 public:
  explicit OwnReader(const TraceFile& file) : JsonRows(file) {
    TraceRow row;
    const auto header = next_line(row) ? object() : std::nullopt;
    const auto said = header ? header->member("memwall_trace") : std::nullopt;
    if (!said || said->whole() != version) {
      throw InputError(
          {Fault{file.label, 1, "/memwall_trace",
                 "the first line of memwall's own format is {\"memwall_trace\": 1}; name the file's format, "
                 "or let it be found"}});
    }
    rows_ = 0;
  }

  bool next(TraceRow& row) override {
    if (!JsonRows::next(row)) return false;
    // Rows are known again by their numbers, so these rise.
    if (row.problem.empty() && row.place.row < rows_ - 1) row.problem = "bad_row_number";
    if (row.problem.empty()) rows_ = row.place.row + 1;
    return true;
  }

 private:
  std::string_view parse(JsonValue object, TraceRow& row) override {
    std::string_view problem;
    bool input = false, output = false;
    names_.clear();
    const auto tokens = [&](JsonValue value, std::int64_t& out) { problem = value.tokens(out); };
    const auto length = [&](JsonValue value, std::int64_t& out) {
      if (!value.ticks(1, out) || out < 0) problem = "bad_delay";
    };
    object.each_member([&](std::string_view key, JsonValue value) {
      if (key == "row") {
        const auto number = value.whole();
        if (!number || *number < 0 || *number > most_rows) problem = "bad_row_number";
        if (number) row.place.row = *number;
      } else if (key == "time_ns") {
        row.has_time = value.ticks(1, row.time_ns);
        if (!row.has_time) problem = "bad_time";
      } else if (key == "service_ns") {
        length(value, row.service_ns);
      } else if (key == "first_token_ns") {
        length(value, row.first_token_ns);
      } else if (key == "delay_ns") {
        row.has_delay = true;
        length(value, row.delay_ns);
      } else if (key == "wait_after_ns") {
        length(value, row.wait_after_ns);
      } else if (key == "deadline_ns") {
        length(value, row.deadline_ns);
      } else if (key == "after_session") {
        row.after_session = value.truth().value_or(false);
      } else if (key == "after") {
        const bool good = value.each([&](JsonValue one) {
          row.after.push_back(one.name(names_.emplace_back()));
          return !row.after.back().empty();
        });
        if (!good || !value.list()) problem = "bad_after";
      } else if (key == "input_tokens") {
        input = true;
        tokens(value, row.input_tokens);
      } else if (key == "output_tokens") {
        output = true;
        tokens(value, row.output_tokens);
      } else if (key == "output_limit") {
        tokens(value, row.output_limit);
      } else if (key == "fixed_tokens") {
        tokens(value, row.fixed_tokens);
      } else if (key == "prefix_tokens") {
        tokens(value, row.prefix_tokens);
      } else if (key == "block_tokens") {
        tokens(value, row.block_tokens);
      } else if (key == "blocks") {
        if (!value.ids(row.blocks)) problem = "bad_hash_ids";
      } else {
        problem = parse_labels(key, value, row);
      }
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (!input || !output) return "missing_field";
    if (!row.blocks.empty() && row.block_tokens < 1) return "missing_block_tokens";
    if (!row.has_time && !row.after_session && row.after.empty()) return "missing_time";
    return {};
  }

  std::string_view parse_labels(std::string_view key, JsonValue value, TraceRow& row) {
    std::int64_t number = 0;
    if (key == "priority") {
      if (!value.whole()) return "bad_priority";
      row.priority = *value.whole();
    } else if (key == "images") {
      if (!value.tokens(number).empty() || number > std::numeric_limits<std::int32_t>::max()) return "bad_images";
      row.images = static_cast<std::int32_t>(number);
    } else if (key == "session") {
      row.session = value.name(session_);
    } else if (key == "id") {
      row.name = value.name(id_);
    } else if (key == "tenant") {
      row.tenant = value.name(tenant_);
    } else if (key == "class") {
      row.service_class = value.name(class_);
    } else if (key == "adapter") {
      row.adapter = value.name(adapter_);
    } else {
      unused(key);
    }
    return {};
  }

  std::string session_, id_, tenant_, class_, adapter_;
  std::deque<std::string> names_;
};

}  // namespace

std::string own_trace_header(std::string_view source_format) {
  std::string out;
  Members members(out);
  members.number("memwall_trace", version);
  members.text("source", source_format);
  members.end();
  return out;
}

void append_own_trace_row(const TraceRow& row, std::string& out) {
  Members members(out);
  members.number("row", row.place.row);
  if (row.has_time) members.number("time_ns", row.time_ns);
  members.number_unless("service_ns", row.service_ns, -1);
  members.number_unless("first_token_ns", row.first_token_ns, -1);
  members.text("session", row.session);
  if (row.after_session) members.truth("after_session");
  members.text("id", row.name);
  members.list("after", row.after, [&](std::string_view name) { append_text(out, name); });
  if (row.has_delay) members.number("delay_ns", row.delay_ns);
  members.number_unless("wait_after_ns", row.wait_after_ns, -1);
  members.number("input_tokens", row.input_tokens);
  members.number("output_tokens", row.output_tokens);
  members.number_unless("output_limit", row.output_limit, 0);
  members.number_unless("fixed_tokens", row.fixed_tokens, -1);
  members.number_unless("prefix_tokens", row.prefix_tokens, -1);
  if (!row.blocks.empty()) members.number("block_tokens", row.block_tokens);
  members.list("blocks", row.blocks, [&](std::uint64_t id) { append_number(out, static_cast<std::int64_t>(id)); });
  members.text("tenant", row.tenant);
  members.text("class", row.service_class);
  members.text("adapter", row.adapter);
  members.number_unless("priority", row.priority, 0);
  members.number_unless("deadline_ns", row.deadline_ns, -1);
  members.number_unless("images", row.images, 0);
  members.end();
}

Converted convert_trace(const OpenRows& open, const TraceFile& file, const TraceDraws& draws,
                        std::string_view source_format, const std::function<void(std::string_view)>& sink) {
  constexpr std::size_t piece = std::size_t{1} << 16;
  const auto rows = open(file, draws);
  Converted done;
  std::string text = own_trace_header(source_format);
  TraceRow row;
  while (rows->next(row)) {
    if (!row.problem.empty()) {
      ++done.unreadable;
      continue;
    }
    append_own_trace_row(row, text);
    ++done.written;
    if (text.size() < piece) continue;
    sink(text);
    text.clear();
  }
  sink(text);
  return done;
}

OpenRows read_own_trace_keys(Reader&) {
  return [](const TraceFile& file, const TraceDraws&) { return std::make_unique<OwnReader>(file); };
}

bool recognise_own_trace(std::string_view, std::string_view beginning) {
  return object_has(beginning, {"memwall_trace"});
}

}  // namespace memwall
