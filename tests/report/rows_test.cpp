// Reading results back, and putting them into bins and pieces without losing any time.
#include "tools/report/rows.hpp"

#include "sim/base/error.hpp"
#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/metrics/spans.hpp"
#include "tools/report/csv_table.hpp"
#include "tools/report/pieces.hpp"
#include "tools/report/timeline.hpp"

using namespace memwall;
using namespace memwall::tools::report;
using memwall::test::Draws;

namespace {

std::string message(const std::function<void()>& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing";
}

/// Rows of several replicas without gap or overlap, as cycles.csv has them.
std::vector<CycleRow> random_rows(Draws& draws, std::int64_t replicas, std::int64_t end_ps) {
  std::vector<CycleRow> out;
  for (std::int64_t replica = 0; replica < replicas; ++replica) {
    for (std::int64_t at = 0; at < end_ps;) {
      CycleRow row;
      row.pool = "p";
      row.replica = replica;
      row.start_ps = at;
      row.duration_ps = std::min(draws.between(1, end_ps / (draws.once_in(8) ? 3 : 200)), end_ps - at);
      row.lane = 0;
      row.cycles = draws.between(1, 50);
      row.sequences = draws.between(1, 9);
      row.prefill_tokens = draws.between(0, 100);
      row.decode_tokens = draws.between(0, 100);
      row.kv_blocks = draws.between(0, 1000);
      row.bottleneck = tier_at(static_cast<std::size_t>(draws.between(0, 3)));
      row.limit = static_cast<Limit>(draws.between(0, 5));
      const std::int64_t part = draws.between(0, row.duration_ps);
      row.tier_ps[row.bottleneck] = row.duration_ps - part;
      row.tier_ps[Tier::launch] += part;
      at += row.duration_ps;
      out.push_back(row);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("cells of a table are exact, and quotes are taken off") {
  CsvTable table("a,b,c\n1,\"x, \"\"y\"\"\",0.000000000001\n-7,\"z\",12.5\n", "t.csv", {"c", "a", "b"});
  REQUIRE(table.next());
  CHECK(table.picoseconds(0) == 1);
  CHECK(table.integer(1) == 1);
  CHECK(table.text(2) == "x, \"y\"");
  REQUIRE(table.next());
  CHECK(table.picoseconds(0) == 12'500'000'000'000);
  CHECK(table.integer(1) == -7);
  CHECK(table.text(2) == "z");
  CHECK(!table.next());
}

TEST_CASE("a damaged table is told with file and line") {
  const auto read = [](const std::string& text) {
    return message([&] {
      CsvTable table(text, "t.csv", {"a", "b"});
      while (table.next()) static_cast<void>(table.integer(0)), static_cast<void>(table.picoseconds(1));
    });
  };
  CHECK(read("a,b\n1,2\n") == "nothing");
  CHECK(read("") == "t.csv: is empty; a header with the names of columns is wanted");
  CHECK(read("a,c\n") == "t.csv:1: has no column b; is it a file of memwall run?");
  CHECK(read("a,b\n1,2\n3\n") == "t.csv:3: has 1 cells and the header 2; the file may be cut off");
  CHECK(read("a,b\n1,2") == "t.csv:2: the last line does not end; the file may be cut off");
  CHECK(read("a,b\n1,\"2\n") == "t.csv:2: a quote is never closed; the file may be cut off");
  CHECK(read("a,b\nx,2\n") == "t.csv:2: a: \"x\" is no whole number");
  CHECK(read("a,b\n1,-2\n") == "t.csv:2: b: \"-2\" is no time in seconds with at most 12 decimals");
  CHECK(read("a,b\n1,0.1234567890123\n") ==
        "t.csv:2: b: \"0.1234567890123\" is no time in seconds with at most 12 decimals");
  CHECK(read("a,b\n1,99999999999\n") == "t.csv:2: b: \"99999999999\" is no time in seconds with at most 12 decimals");
}

TEST_CASE("bins hold all the time and all the tokens of their rows, however many bins there are") {
  Draws draws(7);
  for (int round = 0; round < 20; ++round) {
    const std::int64_t end_ps = draws.between(1'000'000'000, 5'000'000'000'000);
    const auto rows = random_rows(draws, draws.between(1, 4), end_ps);
    Timeline timeline(static_cast<std::size_t>(draws.between(1, 300)));
    TierArray<double> tiers;
    double tokens = 0;
    std::int64_t most = 0;
    for (const CycleRow& row : rows) {
      timeline.add(row);
      for (std::size_t t = 0; t < tier_count; ++t) tiers.at[t] += static_cast<double>(row.tier_ps.at[t]) * 1e-12;
      tokens += static_cast<double>(row.decode_tokens);
      most = std::max(most, row.kv_blocks);
    }
    TierArray<double> found;
    double found_tokens = 0;
    double bottlenecks = 0;
    double limits = 0;
    for (std::size_t i = 0; i < timeline.used(); ++i) {
      const TimeBin& bin = timeline.bin(i);
      for (std::size_t t = 0; t < tier_count; ++t) found.at[t] += bin.critical_s.at[t];
      for (const double seconds : bin.bottleneck_s.at) bottlenecks += seconds;
      limits += bin.limited_s();
      found_tokens += bin.decode_tokens;
    }
    double all = 0;
    for (std::size_t t = 0; t < tier_count; ++t) {
      CHECK(found.at[t] == Approx(tiers.at[t]).epsilon(1e-9).margin(1e-12));
      all += tiers.at[t];
    }
    CHECK(bottlenecks == Approx(all).epsilon(1e-9));
    CHECK(limits == Approx(all).epsilon(1e-9));
    CHECK(found_tokens == Approx(tokens).epsilon(1e-9));
    std::int64_t found_most = 0;
    for (const auto& [replica, use] : timeline.caches()) {
      for (const std::int64_t blocks : use.blocks) found_most = std::max(found_most, blocks);
    }
    CHECK(found_most == most);
    CHECK(static_cast<double>(timeline.used()) * timeline.width_s() >= static_cast<double>(end_ps) * 1e-12);
    CHECK(static_cast<double>(timeline.used() - 1) * timeline.width_s() < static_cast<double>(end_ps) * 1e-12);
  }
}

TEST_CASE("pieces are the rows while they are few, and keep time, cycles and tokens when they are joined") {
  Draws draws(9);
  const std::int64_t end_ps = 3'000'000'000'000;
  const auto rows = random_rows(draws, 3, end_ps);
  std::int64_t cycles = 0;
  std::int64_t decode = 0;
  for (const CycleRow& row : rows) {
    cycles += row.cycles;
    decode += row.decode_tokens;
  }
  for (const std::size_t most : {rows.size(), std::size_t{50}, std::size_t{7}}) {
    Pieces pieces(most);
    for (const CycleRow& row : rows) pieces.add(row);
    const std::string text = pieces.json(
        {3, 1, "s"}, {Tier::compute, Tier::vector, Tier::sram, Tier::hbm},
        {Limit::no_demand, Limit::kv_capacity, Limit::max_seqs, Limit::token_budget, Limit::pipeline, Limit::policy},
        "rows");
    const json::Node root = json::parse(text, "pieces").root;
    std::size_t count = 0;
    std::int64_t found_cycles = 0;
    std::int64_t found_decode = 0;
    for (const json::Node& lane : root.find("lanes")->items) {
      std::int64_t length_ns = 0;
      for (const json::Node& each : lane.find("length_ns")->items) length_ns += *each.integer;
      for (const json::Node& each : lane.find("cycles")->items) found_cycles += *each.integer;
      for (const json::Node& each : lane.find("decode")->items) found_decode += *each.integer;
      CHECK(length_ns == end_ps / 1000);
      CHECK(lane.find("gap_ns") == nullptr);
      count += lane.find("length_ns")->items.size();
    }
    CHECK(found_cycles == cycles);
    CHECK(found_decode == decode);
    CHECK(root.find("lanes")->items.size() == 3);
    if (most == rows.size()) {
      CHECK(count == rows.size());
      CHECK(*root.find("joined")->integer == 1);
    } else {
      CHECK(count <= most);
      CHECK(*root.find("joined")->integer > 1);
    }
  }
}
