// Prefix hits of a trace with block ids, against a count that knows nothing of the engine.
#include <fmt/format.h>

#include <fstream>
#include <map>

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

}  // namespace

TEST_CASE("with room for everything, cached tokens of the Mooncake-like trace are what a count by ids gives") {
  check_hits(project_file("workloads/traces/mooncake_like_conversation.jsonl"));
}

TEST_CASE("with room for everything, cached tokens of the Mooncake conversation trace are what a count by ids gives") {
  const auto folder = shared("prefix hits of the Mooncake trace");
  if (!folder) return;
  check_hits((*folder / "traces/mooncake_fast25/conversation_trace.part1.jsonl").string());
}
