#include "tools/report/rows.hpp"

#include <algorithm>
#include <vector>

#include "tools/report/csv_table.hpp"

namespace memwall::tools::report {
namespace {

template <class Names>
std::size_t position(const Names& names, const CsvTable& table, std::size_t column, const char* what) {
  const auto at = std::find(names.begin(), names.end(), table.text(column));
  if (at == names.end()) table.refuse(column, what);
  return static_cast<std::size_t>(at - names.begin());
}

}  // namespace

void read_cycles(std::string_view text, const std::string& name, const std::function<void(const CycleRow&)>& take) {
  enum : std::size_t { pool, replica, lane, cycles, start, duration, prefill, decode, sequences, blocks, tier, limit };
  std::vector<std::string_view> columns = {"pool",      "replica",    "lane",           "cycles",
                                           "start_s",   "duration_s", "prefill_tokens", "decode_tokens",
                                           "sequences", "kv_blocks",  "bottleneck",     "limit"};
  const std::size_t first_tier = columns.size();
  std::array<std::string, tier_count> tier_columns;
  for (std::size_t i = 0; i < tier_count; ++i) {
    tier_columns[i] = std::string(tier_names[i]) + "_s";
    columns.push_back(tier_columns[i]);
  }
  CsvTable table(text, name, columns);
  CycleRow row;
  while (table.next()) {
    row.pool = table.text(pool);
    row.replica = table.integer(replica);
    row.cycles = table.integer(cycles);
    row.start_ps = table.picoseconds(start);
    row.duration_ps = table.picoseconds(duration);
    row.prefill_tokens = table.integer(prefill);
    row.decode_tokens = table.integer(decode);
    row.sequences = table.integer(sequences);
    row.bottleneck = tier_at(position(tier_names, table, tier, "the name of no tier"));
    row.lane = -1;
    row.kv_blocks = 0;
    row.limit.reset();
    if (row.cycles > 0) {
      row.lane = table.integer(lane);
      row.kv_blocks = table.integer(blocks);
      row.limit = static_cast<Limit>(position(limit_names, table, limit, "the name of no limit"));
    }
    for (std::size_t i = 0; i < tier_count; ++i) row.tier_ps.at[i] = table.picoseconds(first_tier + i);
    take(row);
  }
}

void read_requests(std::string_view text, const std::string& name, const std::function<void(const RequestRow&)>& take) {
  enum : std::size_t { id, pool, arrival, input, cached, output, preemptions, queue, ttft, tpot, e2e, status };
  CsvTable table(text, name,
                 {"id", "pool", "arrival_s", "input_tokens", "cached_tokens", "output_tokens", "preemptions", "queue_s",
                  "ttft_s", "tpot_s", "e2e_s", "status"});
  while (table.next()) {
    RequestRow row;
    row.id = table.integer(id);
    row.pool = table.text(pool);
    row.arrival_ps = table.picoseconds(arrival);
    row.input_tokens = table.integer(input);
    row.cached_tokens = table.integer(cached);
    row.output_tokens = table.integer(output);
    row.preemptions = table.integer(preemptions);
    row.queue_ps = table.picoseconds_if_any(queue);
    row.ttft_ps = table.picoseconds_if_any(ttft);
    row.tpot_ps = table.picoseconds_if_any(tpot);
    row.e2e_ps = table.picoseconds_if_any(e2e);
    row.status = table.text(status);
    take(row);
  }
}

}  // namespace memwall::tools::report
