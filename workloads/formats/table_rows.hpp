// Rows of traces that are documents, not lines: read whole, kept small, handed out one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "workloads/formats/trace_format.hpp"

namespace memwall {

/// Successive ids: `first`, `first + 1`, ...
struct IdRun {
  std::uint64_t first = 0;
  std::int64_t count = 0;
};

/// One row, as TraceRow describes it. Rows are named by their position, and `after` holds positions.
struct StoredRow {
  std::string_view problem;                ///< a literal
  std::vector<std::string_view> warnings;  ///< literals
  std::int64_t line = 0;
  bool has_time = true;
  std::int64_t time_ns = 0;
  std::int64_t service_ns = -1;
  std::int64_t first_token_ns = -1;
  std::int64_t fixed_tokens = -1;
  bool after_session = false;
  std::vector<std::int64_t> after;
  bool has_delay = false;
  std::int64_t delay_ns = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t output_limit = 0;
  std::string session;
  std::string service_class;
  std::vector<IdRun> ids;  ///< ids of prompt blocks, block by block
  std::int64_t block_tokens = 0;
  std::uint64_t id_key = 0;        ///< keeps the ids of one session apart from those of others; 0 = ids are global
  std::int64_t common_blocks = 0;  ///< so many leading blocks are those of every row with the same `common_key`
  std::uint64_t common_key = 0;
};

struct RowTable {
  std::vector<StoredRow> rows;
  std::vector<std::string> remarks;
};

/// Adds an id to a list of runs.
void append_id(std::vector<IdRun>& runs, std::uint64_t id);

/// Hands out the rows of a table.
[[nodiscard]] std::unique_ptr<RowReader> table_rows(std::shared_ptr<const RowTable> table);

/// Reads a document once, although a trace is opened several times.
[[nodiscard]] OpenRows rows_of_document(std::function<RowTable(const TraceFile&)> read);

}  // namespace memwall
