#include "workloads/mooncake.hpp"

#include <simdjson.h>

#include <set>

#include "workloads/numbers.hpp"

namespace memwall {
namespace {

namespace dom = simdjson::dom;

std::string_view parse_tokens(dom::element value, std::int64_t& tokens) {
  if (std::int64_t whole = 0; value.get(whole) == simdjson::SUCCESS) {
    if (whole < 0) return "negative";
    if (whole > most_tokens) return "too_large";
    tokens = whole;
    return {};
  }
  if (value.is_uint64()) return "too_large";
  if (double number = 0; value.get(number) == simdjson::SUCCESS) return whole_tokens(number, tokens);
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return read_tokens(text, tokens);
  return value.is_null() ? "missing_field" : "not_a_number";
}

bool parse_ticks(dom::element value, std::int64_t ns_per_unit, std::int64_t& ns) {
  if (std::int64_t whole = 0; value.get(whole) == simdjson::SUCCESS) {
    return !__builtin_mul_overflow(whole, ns_per_unit, &ns);
  }
  if (double number = 0; value.get(number) == simdjson::SUCCESS) return ticks(number, ns_per_unit, ns);
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) return read_ticks(text, ns_per_unit, ns);
  return false;
}

bool parse_blocks(dom::element value, std::vector<std::uint64_t>& blocks) {
  if (value.is_null()) return true;
  dom::array ids;
  if (value.get(ids) != simdjson::SUCCESS) return false;
  for (const dom::element id : ids) {
    std::int64_t number = 0;
    std::uint64_t big = 0;
    if (id.get(number) == simdjson::SUCCESS) {
      blocks.push_back(static_cast<std::uint64_t>(number));
    } else if (id.get(big) == simdjson::SUCCESS) {
      blocks.push_back(big);
    } else {
      return false;
    }
  }
  return true;
}

class MooncakeReader final : public RowReader {
 public:
  MooncakeReader(const TraceFile& file, MooncakeOptions options) : lines_(file), options_(options) {}

  bool next(TraceRow& row) override {
    std::string_view line;
    do {
      if (!lines_.next(line)) return false;
    } while (trimmed(line).empty());
    row.place = {lines_.line_offset(), lines_.line_number(), rows_++};
    row.warning = {};
    row.problem = parse(line, row);
    return true;
  }

  void seek(const RowPlace& place) override {
    lines_.seek(place.offset, place.line);
    rows_ = place.row;
  }

  std::int64_t block_tokens() const override { return options_.block_tokens; }

  std::vector<std::string> remarks() const override {
    if (unused_.empty()) return {};
    std::string names;
    for (const std::string& name : unused_) names += (names.empty() ? "" : ", ") + name;
    return {"keys that are not used: " + names + (unused_.size() == most_unused ? ", ..." : "")};
  }

 private:
  static constexpr std::size_t most_unused = 16;

  /// The lengths, time and ids that one row may give at most once each.
  struct Seen {
    bool time = false, input = false, output = false, blocks = false, session = false, delay = false;
  };

  std::string_view parse(std::string_view line, TraceRow& row) {
    row.has_time = false;
    row.session = {};
    row.delay_ns = 0;
    row.blocks.clear();
    dom::object object;
    // The line reader keeps readable bytes behind the line, so the parser need not copy it.
    static_assert(LineReader::padding >= simdjson::SIMDJSON_PADDING);
    if (parser_.parse(line.data(), line.size(), false).get(object) != simdjson::SUCCESS) return "parse_error";
    Seen seen;
    for (const dom::key_value_pair field : object) {
      if (const std::string_view problem = parse(field.key, field.value, seen, row); !problem.empty()) return problem;
    }
    if (!seen.input || !seen.output) return "missing_field";
    row.has_time = seen.time;
    if (!seen.time && !seen.session) return "missing_time";
    const std::int64_t needed = (row.input_tokens + options_.block_tokens - 1) / options_.block_tokens;
    const auto given = static_cast<std::int64_t>(row.blocks.size());
    if (given == 0) {
      row.warning = "no_hash_ids";
    } else if (given < needed) {
      row.warning = "hash_ids_short";
    } else if (given > needed) {
      row.warning = "hash_ids_long";
      row.blocks.resize(static_cast<std::size_t>(needed));
    } else if (seen.time && seen.delay) {
      row.warning = "delay_beside_timestamp";
    }
    return {};
  }

  std::string_view parse(std::string_view key, dom::element value, Seen& seen, TraceRow& row) {
    const auto once = [](bool& flag) { return !std::exchange(flag, true); };
    if (key == "timestamp" || key == "created_time") {
      if (value.is_null()) return {};
      if (!once(seen.time)) return "double_field";
      return parse_ticks(value, options_.ns_per_unit, row.time_ns) ? "" : "bad_time";
    }
    if (key == "input_length" || key == "input_tokens") {
      return once(seen.input) ? parse_tokens(value, row.input_tokens) : "double_field";
    }
    if (key == "output_length" || key == "output_tokens") {
      return once(seen.output) ? parse_tokens(value, row.output_tokens) : "double_field";
    }
    if (key == "hash_ids") {
      if (!once(seen.blocks)) return "double_field";
      return parse_blocks(value, row.blocks) ? "" : "bad_hash_ids";
    }
    if (key == "session_id") {
      if (value.is_null()) return {};
      if (!once(seen.session)) return "double_field";
      return parse_session(value, row) ? "" : "bad_session_id";
    }
    if (key == "delay" || key == "delay_ms") {
      if (!once(seen.delay)) return "double_field";
      return parse_ticks(value, 1'000'000, row.delay_ns) && row.delay_ns >= 0 ? "" : "bad_delay";
    }
    if (unused_.size() < most_unused && unused_.find(key) == unused_.end()) unused_.emplace(key);
    return {};
  }

  bool parse_session(dom::element value, TraceRow& row) {
    if (value.get(row.session) == simdjson::SUCCESS) return !row.session.empty();
    std::int64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS) return false;
    session_ = std::to_string(number);
    row.session = session_;
    return true;
  }

  LineReader lines_;
  MooncakeOptions options_;
  dom::parser parser_;
  std::string session_;
  std::set<std::string, std::less<>> unused_;
  std::int64_t rows_ = 0;
};

}  // namespace

OpenRows mooncake_rows(MooncakeOptions options) {
  return [options](const TraceFile& file) { return std::make_unique<MooncakeReader>(file, options); };
}

FormatKeys mooncake_keys() { return {mooncake_rows({}), 0}; }

FormatKeys read_mooncake_keys(Reader& reader) {
  MooncakeOptions options;
  options.block_tokens = reader.integer("block_size", {.fallback = 512, .low = 1, .high = 1 << 20},
                                        "tokens of the prompt that one block id stands for");
  static constexpr std::int64_t ns_per_unit[] = {1'000'000'000, 1'000'000, 1'000, 1};
  const std::size_t unit = reader.choice("time_unit",
                                         {{"s", "timestamps are in seconds"},
                                          {"ms", "timestamps are in milliseconds, as in the published traces"},
                                          {"us", "timestamps are in microseconds"},
                                          {"ns", "timestamps are in nanoseconds"}},
                                         1, "unit of the timestamps; delays are always in milliseconds");
  options.ns_per_unit = ns_per_unit[unit];
  FormatKeys keys{mooncake_rows(options), 0};
  const auto spread = reader.optional_quantity<Seconds>(
      "spread_bins",
      "spreads arrivals uniformly over so long a time, where the trace rounds them (3 s in the published ones)");
  if (spread) {
    if (spread->value > 0 && spread->value <= 86400) {
      keys.spread_ns = static_cast<std::int64_t>(spread->value * 1e9 + 0.5);
    } else {
      reader.fault("spread_bins", "is the width of a bin of arrival times, above 0 and at most a day, such as \"3 s\"");
    }
  }
  return keys;
}

}  // namespace memwall
