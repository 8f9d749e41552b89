// Tables of measurements as their files give them: rows of serving runs, or logs of single requests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "workloads/formats/line_reader.hpp"

namespace memwall::accuracy {

/// One measured serving run. Texts are as written; a number that the row does not give is absent.
struct MeasuredRow {
  std::int64_t line = 0;
  std::string id;
  std::string quality;  ///< "C" = its source says not to score against it
  std::string device;
  std::string engine;
  std::string engine_version;
  std::string model;
  std::string weights;
  std::string kv;
  std::string lengths;  ///< how prompts and answers are distributed, in words
  std::string load_mode;
  std::string load_value;
  std::string speculation;
  std::string source;
  std::string notes;
  std::optional<double> devices;  ///< in all
  std::optional<double> tensor;
  std::optional<double> pipeline;
  std::optional<double> expert;
  std::optional<double> data;
  std::optional<double> input_tokens;
  std::optional<double> output_tokens;
  std::map<std::string, std::string> settings;  ///< columns other_metric and other_value, taken apart
  std::map<std::string, double> measured;       ///< by column: those that this build compares
};

/// One request of a logged run. Times are in seconds from an origin that the requests of a run share.
struct LoggedRequest {
  std::int64_t line = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  double queued_s = 0;
  double first_token_s = 0;
  double last_token_s = 0;
};

/// What a file holds: one of the two lists is filled.
struct MeasuredTable {
  std::vector<MeasuredRow> rows;
  std::map<std::string, std::vector<LoggedRequest>> runs;  ///< by the run's name, in order of queueing
  std::vector<std::string> not_compared;                   ///< columns of measurements that nothing is compared with
};

/// Reads a file whose header names the columns of either kind; a cell may be quoted as RFC 4180 has it. Throws
/// InputError with every fault: columns of no known kind, missing columns, cells that are no numbers.
[[nodiscard]] MeasuredTable read_measured_table(const TraceFile& file);

}  // namespace memwall::accuracy
