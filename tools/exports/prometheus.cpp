#include "tools/exports/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace memwall::tools::exports {
namespace {

/// Backslash, quote and line feed are escaped in the value of a label.
std::string label(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

class Exposition {
 public:
  explicit Exposition(const std::string& model) : labels_("model_name=\"" + label(model) + "\",engine=\"0\"") {}

  void gauge(std::string_view name, std::string_view help, double value) {
    head(name, help, "gauge");
    text_ += fmt::format("vllm:{}{{{}}} {}\n", name, labels_, value);
  }
  void counter(std::string_view name, std::string_view help, std::int64_t value) {
    head(std::string(name) + "_total", help, "counter");
    text_ += fmt::format("vllm:{}_total{{{}}} {}\n", name, labels_, value);
  }
  void counters(std::string_view name, std::string_view help, std::string_view key,
                const std::vector<std::pair<std::string_view, std::int64_t>>& values) {
    head(std::string(name) + "_total", help, "counter");
    for (const auto& [word, value] : values) {
      text_ += fmt::format("vllm:{}_total{{{},{}=\"{}\"}} {}\n", name, labels_, key, word, value);
    }
  }
  void histogram(std::string_view name, std::string_view help, const Buckets& buckets) {
    head(name, help, "histogram");
    std::int64_t below = 0;
    for (std::size_t i = 0; i < buckets.counts.size(); ++i) {
      below += buckets.counts[i];
      const std::string bound = i < buckets.bounds.size() ? fmt::format("{}", buckets.bounds[i]) : "+Inf";
      text_ += fmt::format("vllm:{}_bucket{{{},le=\"{}\"}} {}\n", name, labels_, bound, below);
    }
    text_ += fmt::format("vllm:{0}_sum{{{1}}} {2}\nvllm:{0}_count{{{1}}} {3}\n", name, labels_, buckets.total(), below);
  }
  std::string take() { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view help, std::string_view type) {
    text_ += fmt::format("# HELP vllm:{0} {1}\n# TYPE vllm:{0} {2}\n", name, help, type);
  }
  std::string labels_;
  std::string text_;
};

}  // namespace

std::string metrics_prom(const VllmTally& tally, const Outcome& outcome, const std::string& model) {
  Exposition out(model);
  double peak = 0;
  for (const PoolResults& pool : outcome.results.pools) peak = std::max(peak, pool.kv_peak);
  out.gauge("num_requests_running", "Requests in the batch at the end of the run.", 0);
  out.gauge("num_requests_waiting", "Requests that wait at the end of the run.",
            static_cast<double>(outcome.results.requests.of(Status::unfinished)));
  out.gauge("kv_cache_usage_perc", "Largest share of its blocks that a replica had in use, 1 being all.", peak);
  out.counter("prompt_tokens", "Prompt tokens of requests that were scheduled.", tally.prompt_tokens);
  out.counter("prompt_tokens_cached", "Of these, tokens found in a cache.", tally.cached_tokens);
  out.counter("generation_tokens", "Tokens generated.", tally.generation_tokens);
  out.counter("prefix_cache_queries", "Prompt tokens looked up in the prefix cache.", tally.prompt_tokens);
  out.counter("prefix_cache_hits", "Prompt tokens found in it or in a tier below.", tally.cached_tokens);
  out.counter("num_preemptions", "Preemptions of requests.", tally.preemptions);
  out.counters("request_success", "Requests by how they ended.", "finished_reason",
               {{"length", tally.length_ends}, {"abort", tally.aborts}, {"error", tally.errors}});
  out.histogram("time_to_first_token_seconds", "From arrival to the first token.", tally.ttft);
  out.histogram("inter_token_latency_seconds", "Gaps between tokens.", tally.itl);
  out.histogram("request_time_per_output_token_seconds", "Mean gap between the tokens of a request.", tally.tpot);
  out.histogram("e2e_request_latency_seconds", "From arrival to the last token.", tally.e2e);
  out.histogram("request_queue_time_seconds", "From arrival to being scheduled.", tally.queue);
  out.histogram("request_inference_time_seconds", "From being scheduled to the last token.", tally.inference);
  out.histogram("request_prefill_time_seconds", "From being scheduled to the first token.", tally.prefill);
  out.histogram("request_decode_time_seconds", "From the first token to the last.", tally.decode);
  out.histogram("request_prompt_tokens", "Prompt tokens of a request.", tally.input);
  out.histogram("request_generation_tokens", "Tokens generated for a request.", tally.output);
  out.histogram("request_max_num_generation_tokens", "Tokens that a request may generate at most.", tally.output);
  out.histogram("iteration_tokens_total", "Tokens computed in a cycle.", tally.iteration);
  return out.take();
}

}  // namespace memwall::tools::exports
