#include "workloads/formats/mooncake.hpp"

#include <deque>
#include <utility>

#include "workloads/formats/json_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

constexpr std::int64_t millisecond = 1'000'000;

class MooncakeReader final : public JsonRows {
 public:
  MooncakeReader(const TraceFile& file, MooncakeOptions options) : JsonRows(file), options_(options) {}

 private:
  /// What one row may say at most once each.
  struct Seen {
    bool time = false, input = false, output = false, blocks = false, session = false, delay = false, wait = false;
  };

  std::string_view parse(JsonValue object, TraceRow& row) override {
    Seen seen;
    std::string_view problem;
    row.block_tokens = options_.block_tokens;
    names_.clear();
    object.each_member([&](std::string_view key, JsonValue value) {
      problem = parse(key, value, seen, row);
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (!seen.input || !seen.output) return "missing_field";
    row.has_delay = seen.delay;
    if (!row.after.empty()) {
      row.has_time = false;  // it starts when they have ended, whatever its time
      return count_blocks(row);
    }
    row.has_time = seen.time;
    row.after_session = seen.session && !seen.time;
    if (!seen.time && !seen.session) return "missing_time";
    if (seen.time && seen.delay) row.warnings.push_back("delay_beside_timestamp");
    return count_blocks(row);
  }

  std::string_view count_blocks(TraceRow& row) const {
    const std::int64_t needed = (row.input_tokens + options_.block_tokens - 1) / options_.block_tokens;
    const auto given = static_cast<std::int64_t>(row.blocks.size());
    if (given == 0) {
      row.warnings.push_back("no_hash_ids");
    } else if (given < needed) {
      row.warnings.push_back("hash_ids_short");
    } else if (given > needed) {
      row.warnings.push_back("hash_ids_long");
      row.blocks.resize(static_cast<std::size_t>(needed));
    }
    return {};
  }

  std::string_view parse(std::string_view key, JsonValue value, Seen& seen, TraceRow& row) {
    const auto once = [](bool& flag) { return !std::exchange(flag, true); };
    if (key == "timestamp" || key == "created_time") {
      if (value.null()) return {};
      if (!once(seen.time)) return "double_field";
      return parse_time(value, row.time_ns) ? "" : "bad_time";
    }
    if (key == "input_length" || key == "input_tokens") {
      return once(seen.input) ? value.tokens(row.input_tokens) : "double_field";
    }
    if (key == "output_length" || key == "output_tokens") {
      return once(seen.output) ? value.tokens(row.output_tokens) : "double_field";
    }
    if (key == "hash_ids") {
      if (!once(seen.blocks)) return "double_field";
      return value.null() || value.ids(row.blocks) ? "" : "bad_hash_ids";
    }
    if (key == "session_id") {
      if (value.null()) return {};
      if (!once(seen.session)) return "double_field";
      row.session = value.name(session_);
      return row.session.empty() ? "bad_session_id" : "";
    }
    if (key == "delay" || key == "delay_ms") {
      return once(seen.delay) ? add_delay(value, row) : "double_field";
    }
    if (key == "tool_wait_ms") {
      if (value.null()) return {};
      return once(seen.wait) ? add_delay(value, row) : "double_field";
    }
    return parse_relations(key, value, row);
  }

  std::string_view parse_relations(std::string_view key, JsonValue value, TraceRow& row) {
    if (key == "request_id") {
      row.name = value.name(name_);
      return row.name.empty() && !value.null() ? "bad_request_id" : "";
    }
    if (key == "wait_for") {
      if (value.null()) return {};
      const auto wait = [&](JsonValue one) {
        row.after.push_back(one.name(names_.emplace_back()));
        return !row.after.back().empty();
      };
      return (value.list() ? value.each(wait) : wait(value)) ? "" : "bad_wait_for";
    }
    if (key == "priority") {
      if (const auto whole = value.whole()) row.priority = *whole;
      return value.whole() || value.null() ? "" : "bad_priority";
    }
    if (key == "policy_class") {
      row.service_class = value.name(class_);
      return {};
    }
    unused(key);
    return {};
  }

  std::string_view add_delay(JsonValue value, TraceRow& row) const {
    std::int64_t ns = 0;
    if (!value.ticks(millisecond, ns) || ns < 0) return "bad_delay";
    return __builtin_add_overflow(row.delay_ns, ns, &row.delay_ns) ? "bad_delay" : "";
  }

  bool parse_time(JsonValue value, std::int64_t& ns) {
    if (options_.ns_per_unit == 0) options_.ns_per_unit = unit_of(value);
    return value.ticks(options_.ns_per_unit, ns);
  }

  /// 10^17 ns after 1970 is 1973, and 10^17 us is the year 5138; 10^14 us is 1973, and 10^14 ms the year 5138.
  static std::int64_t unit_of(JsonValue value) {
    std::int64_t number = 0;
    if (!value.ticks(1, number)) return millisecond;
    return number >= 100'000'000'000'000'000 ? 1 : number >= 100'000'000'000'000 ? 1000 : millisecond;
  }

  MooncakeOptions options_;
  std::string session_, name_, class_;
  std::deque<std::string> names_;  ///< numbers that name other rows, as texts
};

}  // namespace

OpenRows mooncake_rows(MooncakeOptions options) {
  return
      [options](const TraceFile& file, const TraceDraws&) { return std::make_unique<MooncakeReader>(file, options); };
}

OpenRows read_mooncake_keys(Reader& reader) {
  MooncakeOptions options;
  options.block_tokens = reader.integer("block_size", {.fallback = 512, .low = 1, .high = 1 << 20},
                                        "tokens of the prompt that one block id stands for");
  static constexpr std::int64_t ns_per_unit[] = {0, 1'000'000'000, 1'000'000, 1'000, 1};
  const std::size_t unit =
      reader.choice("time_unit",
                    {{"auto",
                      "milliseconds, as in the published traces, unless the first timestamp is so large that "
                      "only microseconds or nanoseconds since 1970 make sense"},
                     {"s", "timestamps are in seconds"},
                     {"ms", "timestamps are in milliseconds"},
                     {"us", "timestamps are in microseconds"},
                     {"ns", "timestamps are in nanoseconds"}},
                    0, "unit of the timestamps; delays are always in milliseconds");
  options.ns_per_unit = ns_per_unit[unit];
  return mooncake_rows(options);
}

bool recognise_mooncake(std::string_view, std::string_view beginning) {
  const bool input = object_has(beginning, {"input_length"}) || object_has(beginning, {"input_tokens"});
  const bool output = object_has(beginning, {"output_length"}) || object_has(beginning, {"output_tokens"});
  const bool time = object_has(beginning, {"timestamp"}) || object_has(beginning, {"created_time"}) ||
                    object_has(beginning, {"wait_for"}) || object_has(beginning, {"request_id"}) ||
                    object_has(beginning, {"session_id", "hash_ids"});
  return input && output && time;
}

}  // namespace memwall
