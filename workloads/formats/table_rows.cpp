#include "workloads/formats/table_rows.hpp"

#include "sim/base/hash.hpp"

namespace memwall {
namespace {

class TableRows final : public RowReader {
 public:
  explicit TableRows(std::shared_ptr<const RowTable> table) : table_(std::move(table)) {}

  bool next(TraceRow& row) override {
    if (next_ == static_cast<std::int64_t>(table_->rows.size())) return false;
    const StoredRow& stored = table_->rows[static_cast<std::size_t>(next_)];
    row.clear();
    row.place = {next_, stored.line, next_, 0};
    row.problem = stored.problem;
    row.warnings = stored.warnings;
    row.has_time = stored.has_time;
    row.time_ns = stored.time_ns;
    row.service_ns = stored.service_ns;
    row.first_token_ns = stored.first_token_ns;
    row.fixed_tokens = stored.fixed_tokens;
    row.session = stored.session;
    row.after_session = stored.after_session;
    row.has_delay = stored.has_delay;
    row.delay_ns = stored.delay_ns;
    row.input_tokens = stored.input_tokens;
    row.output_tokens = stored.output_tokens;
    row.output_limit = stored.output_limit;
    row.service_class = stored.service_class;
    name_ = std::to_string(next_);
    row.name = name_;
    after_.clear();
    for (const std::int64_t position : stored.after) after_.push_back(std::to_string(position));
    row.after.assign(after_.begin(), after_.end());
    fill_blocks(stored, row);
    ++next_;
    return true;
  }

  void seek(const RowPlace& place) override { next_ = place.row; }
  std::vector<std::string> remarks() const override { return table_->remarks; }

 private:
  static void fill_blocks(const StoredRow& stored, TraceRow& row) {
    row.block_tokens = stored.block_tokens;
    for (const IdRun& run : stored.ids) {
      for (std::int64_t i = 0; i < run.count; ++i) {
        const std::uint64_t id = run.first + static_cast<std::uint64_t>(i);
        const auto position = static_cast<std::int64_t>(row.blocks.size());
        if (position < stored.common_blocks) {
          row.blocks.push_back(combine(stored.common_key, static_cast<std::uint64_t>(position)));
        } else {
          row.blocks.push_back(stored.id_key == 0 ? id : combine(stored.id_key, id));
        }
      }
    }
  }

  std::shared_ptr<const RowTable> table_;
  std::int64_t next_ = 0;
  std::string name_;
  std::vector<std::string> after_;
};

}  // namespace

void append_id(std::vector<IdRun>& runs, std::uint64_t id) {
  if (!runs.empty() && runs.back().first + static_cast<std::uint64_t>(runs.back().count) == id) {
    ++runs.back().count;
  } else {
    runs.push_back({id, 1});
  }
}

std::unique_ptr<RowReader> table_rows(std::shared_ptr<const RowTable> table) {
  return std::make_unique<TableRows>(std::move(table));
}

OpenRows rows_of_document(std::function<RowTable(const TraceFile&)> read) {
  struct Kept {
    std::string path;
    std::shared_ptr<const RowTable> table;
  };
  return [read = std::move(read), kept = std::make_shared<Kept>()](const TraceFile& file, const TraceDraws&) {
    if (!kept->table || kept->path != file.path) *kept = {file.path, std::make_shared<RowTable>(read(file))};
    return table_rows(kept->table);
  };
}

}  // namespace memwall
