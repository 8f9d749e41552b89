#include "workloads/formats/bailian.hpp"

#include <map>

#include "workloads/formats/json_rows.hpp"

namespace memwall {
namespace {

constexpr std::int64_t second = 1'000'000'000;

/// Chat -> the chat with which its session began. Kept over all passes, because later ones jump to single rows.
struct Roots {
  std::string path;
  std::map<std::string, std::string, std::less<>> of;
};

class BailianReader final : public JsonRows {
 public:
  BailianReader(const TraceFile& file, std::int64_t block_tokens, std::shared_ptr<Roots> roots)
      : JsonRows(file), block_tokens_(block_tokens), roots_(std::move(roots)) {}

 private:
  std::string_view parse(JsonValue object, TraceRow& row) override {
    std::string_view problem;
    bool chat = false, time = false, input = false, output = false;
    object.each_member([&](std::string_view key, JsonValue value) {
      if (key == "chat_id") {
        row.name = value.name(chat_);
        chat = !row.name.empty();
      } else if (key == "parent_chat_id") {
        const std::string_view parent = value.name(parent_);
        if (!parent.empty() && parent != "-1") row.after.push_back(parent);
      } else if (key == "timestamp") {
        time = row.has_time = value.ticks(second, row.time_ns);
        if (!time) problem = "bad_time";
      } else if (key == "input_length") {
        input = true;
        problem = value.tokens(row.input_tokens);
      } else if (key == "output_length") {
        output = true;
        problem = value.tokens(row.output_tokens);
      } else if (key == "type") {
        row.service_class = value.name(class_);
      } else if (key == "hash_ids") {
        if (!value.null() && !value.ids(row.blocks)) problem = "bad_hash_ids";
      } else if (key != "turn") {
        unused(key);
      }
      return problem.empty();
    });
    if (!problem.empty()) return problem;
    if (!chat || !time || !input || !output) return "missing_field";
    row.session = root_of(row);
    count_blocks(row);
    return {};
  }

  /// A chat whose parent is not in the file begins a session of its own.
  std::string_view root_of(const TraceRow& row) {
    auto& roots = roots_->of;
    if (const auto known = roots.find(row.name); known != roots.end()) return known->second;
    const auto parent = row.after.empty() ? roots.end() : roots.find(row.after.front());
    const std::string root = parent == roots.end() ? std::string(row.name) : parent->second;
    return roots.emplace(row.name, root).first->second;
  }

  void count_blocks(TraceRow& row) const {
    row.block_tokens = block_tokens_;
    const std::int64_t needed = (row.input_tokens + block_tokens_ - 1) / block_tokens_;
    const auto given = static_cast<std::int64_t>(row.blocks.size());
    if (given == 0) {
      row.warnings.push_back("no_hash_ids");
    } else if (given > needed) {
      row.warnings.push_back("hash_ids_long");
      row.blocks.resize(static_cast<std::size_t>(needed));
    } else if (given < needed) {
      row.warnings.push_back("hash_ids_short");
    }
  }

  std::int64_t block_tokens_;
  std::shared_ptr<Roots> roots_;
  std::string chat_, parent_, class_;
};

}  // namespace

OpenRows read_bailian_keys(Reader& reader) {
  const std::int64_t block = reader.integer("block_size", {.fallback = 16, .low = 1, .high = 1 << 20},
                                            "tokens of the prompt that one block id stands for");
  return [block, kept = std::make_shared<std::shared_ptr<Roots>>()](const TraceFile& file, const TraceDraws&) {
    if (!*kept || (*kept)->path != file.path) *kept = std::make_shared<Roots>(Roots{file.path, {}});
    return std::make_unique<BailianReader>(file, block, *kept);
  };
}

bool recognise_bailian(std::string_view, std::string_view beginning) {
  return object_has(beginning, {"chat_id", "parent_chat_id", "timestamp", "input_length"});
}

}  // namespace memwall
