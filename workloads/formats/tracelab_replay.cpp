#include "workloads/formats/tracelab_replay.hpp"

#include "workloads/formats/csv_rows.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

constexpr std::int64_t millisecond = 1'000'000;

/// The wait behind a round belongs to the session's next one, which is the next row: so a row is read with a look back.
class TracelabReplayReader final : public CsvRows {
 public:
  TracelabReplayReader(const TraceFile& file, std::int64_t ns_per_unit)
      : CsvRows(file, {"session_id", "round_idx", "prefix_len", "input_len", "output_len", "tool_wait_after_ms"},
                {"arrival_time"}),
        ns_per_unit_(ns_per_unit) {}

 private:
  enum Column : std::size_t { session, round, prefix, added, output, wait, time };

  std::string_view parse(TraceRow& row) override {
    row.session = trimmed(field(session));
    if (row.session.empty()) return "missing_field";
    std::int64_t number = 0;
    if (const auto problem = read_tokens(field(round), number); !problem.empty()) return problem;
    std::int64_t fresh = 0;
    if (const auto problem = read_tokens(field(prefix), row.prefix_tokens); !problem.empty()) return problem;
    if (const auto problem = read_tokens(field(added), fresh); !problem.empty()) return problem;
    if (const auto problem = read_tokens(field(output), row.output_tokens); !problem.empty()) return problem;
    row.input_tokens = row.prefix_tokens + fresh;
    if (!read_ticks(field(wait), millisecond, row.wait_after_ns) || row.wait_after_ns < 0) return "bad_delay";
    row.after_session = number > 0;
    row.has_time = !row.after_session;
    if (row.has_time && !trimmed(field(time)).empty() && !read_ticks(field(time), ns_per_unit_, row.time_ns)) {
      return "bad_time";
    }
    return {};
  }

  std::int64_t ns_per_unit_;
};

}  // namespace

OpenRows read_tracelab_replay_keys(Reader& reader) {
  static constexpr std::int64_t ns_per_unit[] = {1'000'000'000, 1'000'000};
  const std::size_t unit = reader.choice(
      "time_unit",
      {{"s", "arrival times are in seconds"}, {"ms", "arrival times are in milliseconds, like the waits for tools"}}, 1,
      "unit of the arrival times, which the format does not say");
  return [unit](const TraceFile& file, const TraceDraws&) {
    return std::make_unique<TracelabReplayReader>(file, ns_per_unit[unit]);
  };
}

bool recognise_tracelab_replay(std::string_view, std::string_view beginning) {
  return header_has(beginning, {"session_id", "round_idx", "prefix_len", "input_len", "output_len"});
}

}  // namespace memwall
