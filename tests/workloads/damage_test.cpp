// Damaged files: whatever was cut off or overwritten, reading ends in requests or in an InputError, and rows add up.
#include <fstream>
#include <iterator>

#include "sim/base/error.hpp"
#include "sim/base/random.hpp"
#include "tests/catch.hpp"
#include "tests/workloads/trace_files.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

std::string content(const TraceFile& file) {
  std::ifstream stream(file.path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Whether a replay works or is refused as an input error, with consistent counts.
bool survives(const std::string& text, std::string_view format) {
  const auto options = trace(written("damaged", text), format);
  try {
    const auto source = replay_trace(options, {});
    const auto requests = drained(*source, Duration{1000});
    const SourceNotes notes = source->notes();
    std::int64_t rows = notes.rows_kept;
    for (const auto& [reason, count] : notes.dropped) rows += count;
    return rows == notes.rows_read && static_cast<std::int64_t>(requests.size()) == notes.rows_kept;
  } catch (const InputError&) {
    return true;
  }
}

}  // namespace

TEST_CASE("files cut off anywhere or with any byte overwritten are read or refused") {
  const std::vector<std::pair<std::string, std::string>> files = {{"azure_forms.csv", "azure"},
                                                                  {"azure_bad_rows.csv", "azure"},
                                                                  {"mooncake_forms.jsonl", "mooncake"},
                                                                  {"mooncake_turns.jsonl", "mooncake"}};
  for (const auto& [name, format] : files) {
    INFO(name);
    const std::string whole = content(data_file(name));
    int broken = 0;
    for (std::size_t length = 0; length < whole.size(); length += 3) {
      broken += survives(whole.substr(0, length), format) ? 0 : 1;
    }
    for (std::uint64_t i = 0; i < 400; ++i) {
      std::string text = whole;
      for (std::uint64_t j = 0; j < 1 + i % 3; ++j) {
        const auto at = random_integer({.seed = 5, .stream = j, .request = i, .purpose = Purpose::test}, 0,
                                       static_cast<std::int64_t>(text.size()) - 1);
        const std::string bytes = "\"\\,{}[]:0-9.en\n\r\t \xff";
        text[static_cast<std::size_t>(at)] =
            bytes[static_cast<std::size_t>(random_bits({.seed = i, .request = j}) % bytes.size())];
      }
      broken += survives(text, format) ? 0 : 1;
    }
    CHECK(broken == 0);
  }
}
