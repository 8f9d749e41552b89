#include "workloads/formats/json_documents.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "sim/base/error.hpp"
#include "workloads/formats/numbers.hpp"

namespace memwall {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = std::size_t{1} << 30;

class Documents {
 public:
  explicit Documents(const std::function<void(JsonValue, std::int64_t)>& visit) : visit_(visit) {}

  void file(const TraceFile& file) {
    std::string text = whole_content(file, most_bytes);
    const std::size_t size = text.size();
    text.append(JsonParser::padding, '\0');
    std::string_view content(text.data(), size);
    if (content.starts_with("\xef\xbb\xbf")) content.remove_prefix(3);
    if (content.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      throw InputError({Fault{file.label, 0, "", "is empty; a trace needs at least one request"}});
    }
    if (const auto whole = parser_.parse(content)) return visit_(*whole, ++line_);
    lines(file, content);
  }

 private:
  void lines(const TraceFile& file, std::string_view content) {
    std::int64_t number = 0;
    std::int64_t documents = 0;
    while (!content.empty()) {
      const std::size_t end = std::min(content.find('\n'), content.size());
      std::string_view line = content.substr(0, end);
      content.remove_prefix(std::min(end + 1, content.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++number;
      if (trimmed(line).empty()) continue;
      const auto document = parser_.parse(line);
      if (!document) {
        throw InputError({Fault{file.label, static_cast<int>(documents > 0 ? number : 0), "",
                                "is neither one JSON document nor one in each line"}});
      }
      ++documents;
      visit_(*document, ++line_);
    }
  }

  const std::function<void(JsonValue, std::int64_t)>& visit_;
  JsonParser parser_;
  std::int64_t line_ = 0;
};

}  // namespace

void each_document(const TraceFile& file, const std::function<void(JsonValue, std::int64_t)>& visit) {
  Documents documents(visit);
  std::error_code error;
  if (!fs::is_directory(file.path, error)) return documents.file(file);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(file.path, error)) {
    const std::string name = plain_name({entry.path().string(), ""});
    if (name.ends_with(".json") || name.ends_with(".jsonl")) names.push_back(entry.path().filename().string());
  }
  if (names.empty()) {
    throw InputError({Fault{file.label, 0, "", "is a folder without files that end in .json or .jsonl"}});
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    documents.file({(fs::path(file.path) / name).string(), (fs::path(file.label) / name).string()});
  }
}

}  // namespace memwall
