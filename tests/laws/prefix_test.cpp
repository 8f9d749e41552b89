// Prefix hits of a trace with block ids, against a count that knows nothing of the engine.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <optional>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/laws/runs.hpp"
#include "tests/shared.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

constexpr std::int64_t trace_block = 512;  ///< tokens that an id of the trace stands for
constexpr std::int64_t block = 16;         ///< tokens of a block of the engine
constexpr std::int64_t longest = 131072;   ///< context of Llama-3.1-70B

struct Row {
  std::int64_t input;
  std::int64_t output;
  std::vector<std::int64_t> ids;
};

std::vector<Row> rows_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    const json::Tree tree = json::parse(line, path);
    Row row{*tree.root.find("input_length")->integer, *tree.root.find("output_length")->integer, {}};
    for (const json::Node& id : tree.root.find("hash_ids")->items) row.ids.push_back(*id.integer);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Every prompt seen so far as a tree of ids. With room for everything, a request finds what any request before it has
/// in common with it from the start on: whole blocks of the engine, and never its last token, which must be computed.
class Seen {
 public:
  std::int64_t cached_tokens(const Row& row) const {
    std::int64_t common = 0;
    std::size_t node = 0;
    for (std::size_t k = 0; k < row.ids.size(); ++k) {
      const auto child = nodes_[node].children.find(row.ids[k]);
      if (child == nodes_[node].children.end()) break;
      node = child->second;
      const std::int64_t mine = tokens_of(row, k);
      common += std::min(mine, nodes_[node].tokens) / block * block;
      if (nodes_[node].tokens < mine) break;
    }
    return std::min(common, (row.input - 1) / block * block);
  }

  void add(const Row& row) {
    std::size_t node = 0;
    for (std::size_t k = 0; k < row.ids.size(); ++k) {
      const auto [child, is_new] = nodes_[node].children.try_emplace(row.ids[k], nodes_.size());
      node = child->second;
      if (is_new) nodes_.emplace_back();
      nodes_[node].tokens = std::max(nodes_[node].tokens, tokens_of(row, k));
    }
  }

 private:
  struct Node {
    std::map<std::int64_t, std::size_t> children;
    std::int64_t tokens = 0;  ///< of this id, in the longest prompt that has it
  };
  static std::int64_t tokens_of(const Row& row, std::size_t k) {
    return std::min(trace_block, row.input - static_cast<std::int64_t>(k) * trace_block);
  }
  std::vector<Node> nodes_{1};
};

void check_hits(const std::string& path) {
  const std::vector<Row> rows = rows_of(path);
  Seen seen;
  std::vector<std::int64_t> expected;
  std::int64_t blocks = 1;
  for (const Row& row : rows) {
    const bool refused = row.input + row.output > longest;
    expected.push_back(refused ? 0 : seen.cached_tokens(row));
    if (refused) continue;
    seen.add(row);
    blocks += (row.input + row.output + block - 1) / block + 1;
  }
  const std::string text = fmt::format(
      R"({{
    "schema": 1,
    "model": {{ "config": "meta-llama/Llama-3.1-70B", "weights": "fp8", "kv_cache": "fp8" }},
    "pools": [ {{ "device": "h100_sxm", "parallelism": {{ "tensor": 4 }},
                 "engine": {{ "kind": "vllm", "num_gpu_blocks_override": {} }} }} ],
    "interconnect": "hgx_h100",
    "workload": {{ "source": "trace", "format": "mooncake", "path": "{}" }} }})",
      std::max<std::int64_t>(blocks, longest / block + 2), path);
  const auto records = by_id(run_records(scenario_of(text)).requests);
  REQUIRE(records.size() == rows.size());
  std::int64_t total = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO("row " << i + 1 << " of " << path);
    REQUIRE(records[i].input_tokens == rows[i].input);
    CHECK((records[i].status == Status::rejected) == (rows[i].input + rows[i].output > longest));
    CHECK(records[i].cached_tokens == expected[i]);
    total += expected[i];
  }
  CHECK(total > 0);
}

/// A cache of so many blocks of the trace's size that lets the block go which was free for longest, the tail of a
/// prompt before its head. One request at a time takes what it finds, computes the rest in blocks that it takes from
/// the cache, and leaves all of them behind: blocks of whole prompts and answers at the end of the line, a block that
/// is not full in front of it.
class Line {
 public:
  Line(std::int64_t blocks, std::int64_t tokens) : tokens_(tokens), held_(static_cast<std::size_t>(blocks)) {
    for (std::size_t i = 0; i < held_.size(); ++i) where_.push_back(line_.insert(line_.end(), i));
  }

  /// Tokens that the request finds.
  std::int64_t serve(const Row& row) {
    std::vector<std::size_t> mine;
    const std::int64_t most = (row.input - 1) / tokens_;
    while (static_cast<std::int64_t>(mine.size()) < most && mine.size() < row.ids.size()) {
      const auto known = by_id_.find(row.ids[mine.size()]);
      if (known == by_id_.end()) break;
      mine.push_back(known->second.front());
      line_.erase(where_[mine.back()]);
    }
    const auto found = static_cast<std::int64_t>(mine.size());
    // The last token of an answer is never put into the cache.
    const std::int64_t computed = row.input + row.output - 1;
    for (std::int64_t k = found; k < (computed + tokens_ - 1) / tokens_; ++k) {
      mine.push_back(line_.front());
      line_.pop_front();
      forget(mine.back());
      // Blocks with a part of an answer are nobody else's, and still take room when they are full.
      const bool prompt = (k + 1) * tokens_ <= row.input;
      if (prompt) remember(mine.back(), row.ids[static_cast<std::size_t>(k)]);
    }
    const auto full = static_cast<std::size_t>(computed / tokens_);
    for (std::size_t i = mine.size(); i-- > 0;) {
      where_[mine[i]] = line_.insert(i < full ? line_.end() : line_.begin(), mine[i]);
    }
    return found * tokens_;
  }

 private:
  void remember(std::size_t place, std::int64_t id) {
    held_[place] = id;
    by_id_[id].push_back(place);
  }
  void forget(std::size_t place) {
    if (!held_[place]) return;
    std::vector<std::size_t>& same = by_id_[*held_[place]];
    std::erase(same, place);
    if (same.empty()) by_id_.erase(*held_[place]);
    held_[place].reset();
  }

  std::int64_t tokens_;  ///< of a block
  std::vector<std::optional<std::int64_t>> held_;
  std::list<std::size_t> line_;
  std::vector<std::list<std::size_t>::iterator> where_;
  std::map<std::int64_t, std::vector<std::size_t>> by_id_;  ///< in the order in which they were remembered
};

/// One conversation of an agent, whose calls wait for each other.
std::vector<Row> calls_of(const std::string& path) {
  const json::Tree tree = json::load(path);
  std::vector<Row> rows;
  for (const json::Node& request : tree.root.find("requests")->items) {
    REQUIRE(request.find("type")->text != "subagent");
    Row row{*request.find("in")->integer, *request.find("out")->integer, {}};
    for (const json::Node& id : request.find("hash_ids")->items) row.ids.push_back(*id.integer);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// A format of traces, and its rows read in a way of this test's own.
struct Published {
  const char* format;
  std::int64_t block;  ///< tokens that an id stands for
  std::vector<Row> (*rows)(const std::string& path);
};
constexpr Published mooncake = {"mooncake", trace_block, rows_of};
constexpr Published weka = {"weka", 64, calls_of};

/// Hits of all rows in a cache of so many blocks, one request at a time, as a share of the blocks of prompts.
double check_bounded(const std::string& path, const Published& kind, std::int64_t capacity) {
  const std::vector<Row> rows = kind.rows(path);
  const std::string text = fmt::format(
      R"({{
    "schema": 1,
    "model": {{ "config": "meta-llama/Llama-3.1-70B", "weights": "fp8", "kv_cache": "fp8" }},
    "pools": [ {{ "device": "h100_sxm", "parallelism": {{ "tensor": 4 }},
                 "engine": {{ "kind": "vllm", "block_size": {}, "num_gpu_blocks_override": {} }} }} ],
    "interconnect": "hgx_h100",
    "workload": {{ "source": "trace", "format": "{}", "path": "{}", "concurrency": 1 }} }})",
      kind.block, capacity + 1, kind.format, path);
  const auto records = by_id(run_records(scenario_of(text)).requests);
  REQUIRE(records.size() == rows.size());
  Line line(capacity, kind.block);
  std::int64_t hits = 0, blocks = 0, others = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (records[i].status == Status::rejected) continue;
    const std::int64_t expected = line.serve(rows[i]);
    others += records[i].cached_tokens == expected ? 0 : 1;
    hits += expected / kind.block;
    blocks += static_cast<std::int64_t>(rows[i].ids.size());
  }
  INFO(capacity << " blocks, " << path);
  CHECK(others == 0);
  return static_cast<double>(hits) / static_cast<double>(blocks);
}

}  // namespace

TEST_CASE("with room for everything, cached tokens of the Mooncake-like trace are what a count by ids gives") {
  check_hits(project_file("workloads/traces/mooncake_like_conversation.jsonl"));
}

TEST_CASE("with room for everything, cached tokens of the Mooncake conversation trace are what a count by ids gives") {
  const auto folder = shared("prefix hits of the Mooncake trace");
  if (!folder) return;
  check_hits((*folder / "traces/mooncake_fast25/conversation_trace.part1.jsonl").string());
}

TEST_CASE("in a cache of any size, cached tokens are what a line of blocks by hand gives") {
  const std::string path = project_file("workloads/traces/mooncake_like_conversation.jsonl");
  double before = 0;
  for (const std::int64_t capacity : {300, 1'000, 5'000}) {
    const double share = check_bounded(path, mooncake, capacity);
    CHECK(share >= before);
    before = share;
  }
  CHECK(before > 0);
}

TEST_CASE(
    "in caches of the sizes of the survey, cached tokens of the Mooncake traces are what a line of blocks gives") {
  const auto folder = shared("prefix hits of the Mooncake traces in small caches");
  if (!folder) return;
  for (const char* part :
       {"mooncake_fast25/conversation_trace.part1.jsonl", "mooncake_arxiv/mooncake_trace_1000.jsonl"}) {
    const std::string path = (*folder / "traces" / part).string();
    for (const std::int64_t capacity : {1'000, 5'000, 20'000, 50'000, 100'000})
      (void)check_bounded(path, mooncake, capacity);
  }
}

TEST_CASE("in caches of the sizes of the survey, cached tokens of an agent are what a line of blocks gives") {
  const auto folder = shared("prefix hits of an agent in small caches");
  if (!folder) return;
  const auto path = *folder / "traces/weka_kv_cache_tester/trace_0001.json";
  if (!std::filesystem::exists(path)) return;
  for (const std::int64_t capacity : {2'100, 5'000, 20'000, 50'000, 100'000}) {
    CHECK(check_bounded(path.string(), weka, capacity) > 0);
  }
}
