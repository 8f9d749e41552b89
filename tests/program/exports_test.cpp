// result.json, metrics.prom and trace.json, read by readers that know the formats and not the writer.
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "sim/config/json.hpp"
#include "tests/catch.hpp"
#include "tests/program/program.hpp"
#include "tests/program/tables.hpp"

using namespace memwall;
using namespace memwall::test;

namespace {

const std::string scenario = "scenarios/quickstart.json";

const Path& results() {
  static const Path folder = [] {
    Path made = scratch("exports");
    const Ended ended = run_program({"run", scenario, "--quiet", "--out", made.string(), "--save-detailed",
                                     "--perfetto", "--set", "/workload/requests=300"});
    REQUIRE(ended.err == "");
    REQUIRE(ended.code == 0);
    return made;
  }();
  return folder;
}

json::Node load(const char* file) { return json::parse(read_text(results() / file), file).root; }

std::vector<double> numbers(const json::Node& list) {
  std::vector<double> out;
  for (const json::Node& item : list.items) out.push_back(item.number);
  return out;
}

/// numpy.percentile with its default, linear interpolation.
double percentile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double rank = p / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (rank - static_cast<double>(below));
}
double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
/// numpy.std: of the population.
double deviation(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += (value - mean(values)) * (value - mean(values));
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

TEST_CASE("result.json has the keys of vllm bench serve, in its order and its types") {
  const json::Node root = load("result.json");
  const std::vector<std::string> wanted = {"date",
                                           "endpoint_type",
                                           "backend",
                                           "label",
                                           "model_id",
                                           "tokenizer_id",
                                           "num_prompts",
                                           "request_rate",
                                           "burstiness",
                                           "max_concurrency",
                                           "duration",
                                           "completed",
                                           "failed",
                                           "total_input_tokens",
                                           "total_output_tokens",
                                           "request_throughput",
                                           "request_goodput",
                                           "output_throughput",
                                           "total_token_throughput",
                                           "max_output_tokens_per_s",
                                           "max_concurrent_requests",
                                           "rtfx",
                                           "mean_ttft_ms",
                                           "median_ttft_ms",
                                           "std_ttft_ms",
                                           "p99_ttft_ms",
                                           "mean_tpot_ms",
                                           "median_tpot_ms",
                                           "std_tpot_ms",
                                           "p99_tpot_ms",
                                           "mean_itl_ms",
                                           "median_itl_ms",
                                           "std_itl_ms",
                                           "p99_itl_ms",
                                           "mean_e2el_ms",
                                           "median_e2el_ms",
                                           "std_e2el_ms",
                                           "p99_e2el_ms",
                                           "input_lens",
                                           "output_lens",
                                           "ttfts",
                                           "itls",
                                           "start_times",
                                           "generated_texts",
                                           "errors"};
  std::vector<std::string> found;
  const std::set<std::string> ours = {"tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size",
                                      "itls_spread_evenly"};
  for (const json::Member& member : root.members) {
    if (ours.count(member.key) == 0) found.push_back(member.key);
  }
  CHECK(found == wanted);
  CHECK(root.find("date")->text.size() == 15);
  CHECK(root.find("date")->text[8] == '-');
  for (const char* text : {"endpoint_type", "backend", "model_id", "tokenizer_id"}) {
    CHECK(root.find(text)->kind == json::Kind::text);
  }
  for (const char* whole : {"num_prompts", "completed", "failed", "total_input_tokens", "max_concurrent_requests"}) {
    CHECK(root.find(whole)->integer.has_value());
  }
  CHECK(root.find("max_concurrency")->kind == json::Kind::null);
}

TEST_CASE("the aggregates of result.json are those of its own lists, by vLLM's definitions") {
  const json::Node root = load("result.json");
  const auto at = [&](const std::string& key) { return root.find(key)->number; };
  const std::vector<double> inputs = numbers(*root.find("input_lens"));
  const std::vector<double> outputs = numbers(*root.find("output_lens"));
  const std::vector<double> ttfts = numbers(*root.find("ttfts"));
  const std::vector<double> starts = numbers(*root.find("start_times"));
  const auto& itls = root.find("itls")->items;
  REQUIRE(inputs.size() == 300);
  REQUIRE(itls.size() == 300);
  REQUIRE(at("completed") == 300);
  CHECK(at("itls_spread_evenly") == 0);
  std::vector<double> ttft, tpot, itl, e2el;
  std::map<std::int64_t, double> tokens_in, active_in;
  for (std::size_t i = 0; i < itls.size(); ++i) {
    const std::vector<double> gaps = numbers(itls[i]);
    REQUIRE(gaps.size() + 1 == static_cast<std::size_t>(outputs[i]));
    const double decode = std::accumulate(gaps.begin(), gaps.end(), 0.0);
    ttft.push_back(ttfts[i] * 1000);
    e2el.push_back((ttfts[i] + decode) * 1000);
    if (!gaps.empty()) tpot.push_back(decode / static_cast<double>(gaps.size()) * 1000);
    double now = starts[i] + ttfts[i];
    ++tokens_in[static_cast<std::int64_t>(now)];
    for (const double gap : gaps) {
      itl.push_back(gap * 1000);
      now += gap;
      ++tokens_in[static_cast<std::int64_t>(now)];
    }
    for (auto s = static_cast<std::int64_t>(starts[i]); s <= static_cast<std::int64_t>(now); ++s) ++active_in[s];
  }
  const auto agrees = [&](const std::string& name, const std::vector<double>& values, double within) {
    INFO(name);
    CHECK(at("mean_" + name + "_ms") == Approx(mean(values)).epsilon(1e-9));
    CHECK(at("std_" + name + "_ms") == Approx(deviation(values)).epsilon(within));
    CHECK(at("median_" + name + "_ms") == Approx(percentile(values, 50)).epsilon(within));
    CHECK(at("p99_" + name + "_ms") == Approx(percentile(values, 99)).epsilon(within));
  };
  agrees("ttft", ttft, 1e-9);
  agrees("tpot", tpot, 1e-9);
  agrees("e2el", e2el, 1e-9);
  // From the histogram, whose buckets are 0.4 % wide.
  agrees("itl", itl, 0.004);
  const double input = std::accumulate(inputs.begin(), inputs.end(), 0.0);
  const double output = std::accumulate(outputs.begin(), outputs.end(), 0.0);
  CHECK(at("total_input_tokens") == input);
  CHECK(at("total_output_tokens") == output);
  CHECK(at("request_throughput") == Approx(300 / at("duration")));
  CHECK(at("output_throughput") == Approx(output / at("duration")));
  CHECK(at("total_token_throughput") == Approx((input + output) / at("duration")));
  const auto most = [](const std::map<std::int64_t, double>& by_second) {
    double best = 0;
    for (const auto& [second, count] : by_second) best = std::max(best, count);
    return best;
  };
  CHECK(at("max_output_tokens_per_s") == most(tokens_in));
  CHECK(at("max_concurrent_requests") == most(active_in));
  // The lists are those of requests.csv, by id.
  for (const TableRow& row : table_of(read_text(results() / "requests.csv"))) {
    const auto id = static_cast<std::size_t>(integer(row, "id"));
    CHECK(inputs[id] == static_cast<double>(integer(row, "input_tokens")));
    CHECK(ttfts[id] == Approx(static_cast<double>(picoseconds(row, "ttft_s")) * 1e-12).epsilon(1e-12));
  }
}

TEST_CASE("without --save-detailed result.json has the same aggregates and no lists") {
  const Path folder = scratch("exports_plain");
  REQUIRE(run_program({"run", scenario, "--quiet", "--out", folder.string(), "--set", "/workload/requests=300"}).code ==
          0);
  const json::Node plain = json::parse(read_text(folder / "result.json"), "result.json").root;
  const json::Node detailed = load("result.json");
  for (const json::Member& member : plain.members) {
    INFO(member.key);
    CHECK(member.value.kind != json::Kind::list);
    CHECK(json::describe(*detailed.find(member.key)) == json::describe(member.value));
  }
  CHECK(plain.members.size() == detailed.members.size() - 8);
}

TEST_CASE("metrics.prom is what Prometheus reads, and adds up") {
  const std::string text = read_text(results() / "metrics.prom");
  std::map<std::string, std::string> types;
  std::map<std::string, double> samples;
  std::map<std::string, double> last_bucket;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.rfind("# TYPE ", 0) == 0) {
      std::istringstream words(line.substr(7));
      std::string name, type;
      words >> name >> type;
      CHECK(types.emplace(name, type).second);
      continue;
    }
    if (line.rfind("# HELP ", 0) == 0) continue;
    const std::size_t open = line.find('{');
    const std::size_t close = line.find("} ");
    REQUIRE(open != std::string::npos);
    REQUIRE(close != std::string::npos);
    const std::string name = line.substr(0, open);
    const double value = std::stod(line.substr(close + 2));
    CHECK(line.find("model_name=\"") == open + 1);
    samples[name] = value;
    if (name.size() > 7 && name.substr(name.size() - 7) == "_bucket") {
      CHECK(value >= last_bucket[name]);
      last_bucket[name] = value;
    }
  }
  for (const auto& [bucket, count] : last_bucket) {
    INFO(bucket);
    const std::string base = bucket.substr(0, bucket.size() - 7);
    CHECK(samples.at(base + "_count") == count);
    CHECK(types.at(base) == "histogram");
  }
  const json::Node result = load("result.json");
  CHECK(samples.at("vllm:generation_tokens_total") == result.find("total_output_tokens")->number);
  CHECK(samples.at("vllm:time_to_first_token_seconds_count") == 300);
  CHECK(samples.at("vllm:time_to_first_token_seconds_sum") == Approx(result.find("mean_ttft_ms")->number * 0.3));
  CHECK(samples.at("vllm:inter_token_latency_seconds_count") == result.find("total_output_tokens")->number - 300);
  CHECK(samples.at("vllm:inter_token_latency_seconds_sum") ==
        Approx(result.find("mean_itl_ms")->number / 1000 * samples.at("vllm:inter_token_latency_seconds_count")));
  // Every name that the shipped dashboards ask for.
  for (const char* name :
       {"num_requests_running", "num_requests_waiting", "kv_cache_usage_perc", "prompt_tokens_total",
        "generation_tokens_total", "request_success_total", "iteration_tokens_total_count",
        "time_to_first_token_seconds_count", "inter_token_latency_seconds_count", "e2e_request_latency_seconds_count",
        "request_prompt_tokens_count", "request_generation_tokens_count", "request_max_num_generation_tokens_sum",
        "request_queue_time_seconds_sum", "request_prefill_time_seconds_sum", "request_decode_time_seconds_sum"}) {
    INFO(name);
    CHECK(samples.count(std::string("vllm:") + name) == 1);
  }
}

TEST_CASE("promtool reads metrics.prom, where it is installed") {
  if (std::system("command -v promtool >/dev/null") != 0) {
    WARN("skipped: promtool (Debian package prometheus) is not installed");
    return;
  }
  const Path told = results() / "promtool.txt";
  const std::string command =
      "promtool check metrics <" + (results() / "metrics.prom").string() + " >" + told.string() + " 2>&1";
  const int status = std::system(command.c_str());
  // 1 is a file that cannot be read, 3 are remarks on style; vLLM's own names earn those two and no other.
  CHECK((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3));
  std::istringstream lines(read_text(told));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    const bool of_names = line.find("metric names should not contain ':'") != std::string::npos ||
                          line.find("non-counter metrics should not have \"_total\" suffix") != std::string::npos;
    CHECK(of_names);
  }
}

TEST_CASE("trace.json has every cycle and every request of a small run, and its slices nest") {
  const json::Node root = load("trace.json");
  std::int64_t cycles = 0;
  double end_us = 0;
  std::map<std::int64_t, std::vector<std::string>> open;
  std::set<std::int64_t> requests;
  for (const json::Node& event : root.find("traceEvents")->items) {
    const std::string& phase = event.find("ph")->text;
    if (phase == "X" && event.find("args") != nullptr) {
      cycles += *event.find("args")->find("cycles")->integer;
      CHECK(event.find("ts")->number >= end_us - 1e-6);
      end_us = event.find("ts")->number + event.find("dur")->number;
    } else if (phase == "b") {
      open[*event.find("id")->integer].push_back(event.find("name")->text);
      requests.insert(*event.find("id")->integer);
    } else if (phase == "e") {
      auto& names = open[*event.find("id")->integer];
      REQUIRE(!names.empty());
      CHECK(names.back() == event.find("name")->text);
      names.pop_back();
    } else {
      CHECK((phase == "M" || phase == "C"));
    }
  }
  for (const auto& [id, names] : open) CHECK(names.empty());
  CHECK(requests.size() == 300);
  CHECK(cycles == *load("summary.json").find("cycles")->find("count")->integer);
  CHECK(root.find("otherData")->find("complete")->boolean);
}

TEST_CASE("transfers of caches are flows from where they were made to where they are used") {
  const Path folder = scratch("exports_flows");
  REQUIRE(run_program({"run", "scenarios/disaggregation/push.json", "--quiet", "--perfetto", "--out", folder.string()})
              .code == 0);
  std::map<std::int64_t, std::int64_t> from, to;
  const json::Node root = json::parse(read_text(folder / "trace.json"), "trace.json").root;
  for (const json::Node& event : root.find("traceEvents")->items) {
    if (event.find("ph")->text == "s") from[*event.find("id")->integer] = *event.find("pid")->integer;
    if (event.find("ph")->text == "f") to[*event.find("id")->integer] = *event.find("pid")->integer;
  }
  std::size_t transfers = 0;
  for (const TableRow& row : table_of(read_text(folder / "requests.csv"))) {
    if (row.at("kv_transfer_s").empty() || row.at("kv_transfer_s") == "0") continue;
    ++transfers;
    const std::int64_t id = integer(row, "id");
    CHECK(from.at(id) == integer(row, "prefill_replica"));
    CHECK(to.at(id) == integer(row, "decode_replica"));
  }
  CHECK(transfers > 0);
  CHECK(from.size() == transfers);
}
