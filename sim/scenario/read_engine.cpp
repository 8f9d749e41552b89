#include "sim/scenario/read_engine.hpp"

namespace memwall {
namespace {

/// Thresholds are those of vLLM's `parallel.py`; the share is VLLM_DBO_COMM_SMS, 20 of the 132 of an H100.
DualBatchOverlap read_overlap(Reader& r) {
  DualBatchOverlap overlap;
  overlap.decode_token_threshold = r.integer("decode_token_threshold", {.fallback = 32, .low = 0, .high = 1 << 24},
                                             "tokens from which on a cycle of decodes alone is split");
  overlap.prefill_token_threshold = r.integer("prefill_token_threshold", {.fallback = 512, .low = 0, .high = 1 << 24},
                                              "tokens from which on a cycle with prompts is split");
  overlap.communication_share =
      r.number("communication_share", {.fallback = 0.15, .low = 0, .high = 0.9},
               "share of the device's multiprocessors that communication has while a batch is split; 0 where its "
               "kernels need none");
  return overlap;
}

void read_vllm(Reader& r, EngineKeys& keys) {
  VllmConfig& c = keys.scheduler;
  c.block_size = r.integer("block_size", {.fallback = 16, .low = 1, .high = 1024}, "tokens in a KV block");
  keys.max_num_seqs = r.optional_integer("max_num_seqs", {.low = 1, .high = 1 << 20},
                                         "running sequences at most; absent: vLLM's default for the device");
  keys.max_num_batched_tokens =
      r.optional_integer("max_num_batched_tokens", {.low = 1, .high = 1 << 24},
                         "tokens of a cycle at most; absent: vLLM's default for the device (API server)");
  keys.max_model_len = r.optional_integer("max_model_len", {.low = 2, .high = std::int64_t{1} << 32},
                                          "prompt and generated tokens at most; absent: the model's longest position");
  keys.num_gpu_blocks_override =
      r.optional_integer("num_gpu_blocks_override", {.low = 2, .high = std::int64_t{1} << 31},
                         "KV blocks, the null block included; absent: what fits beside the weights");
  keys.gpu_memory_utilization = r.number("gpu_memory_utilization", {.fallback = 0.92, .low = 0.01, .high = 1},
                                         "share of the device's memory that the engine may use");
  c.enable_prefix_caching = r.boolean("enable_prefix_caching", true, "let requests share the KV of equal prefixes");
  c.enable_chunked_prefill = r.boolean("enable_chunked_prefill", true, "let a prompt be computed over several cycles");
  c.watermark = r.number("watermark", {.fallback = 0, .low = 0, .high = 0.99},
                         "share of the KV blocks that an admission beside running sequences must leave free");
  c.scheduler_reserve_full_isl =
      r.boolean("scheduler_reserve_full_isl", true, "admit a request only when its whole prompt would fit now");
  c.long_prefill_token_threshold = r.integer("long_prefill_token_threshold", {.fallback = 0, .low = 0, .high = 1 << 24},
                                             "tokens of one sequence in a cycle at most; 0 = no limit of its own");
  c.policy = static_cast<QueuePolicy>(
      r.choice("policy", {{"fcfs", "first come, first served"}, {"priority", "by request priority, then by arrival"}},
               0, "order of the queue, and who is preempted"));
  c.async_scheduling = r.boolean("async_scheduling", true, "plan a cycle while the one before it runs");
  keys.cuda_graphs = r.optional_boolean(
      "cuda_graphs",
      "small batches run, and pay for, the next captured graph size; absent: where a host launches kernels");
  keys.schedule_time = r.optional_quantity<Seconds>(
      "schedule_time",
      "host time to schedule a cycle; absent: 0.3 ms beside the device with async_scheduling, else 1.5 ms before it; "
      "nothing on a machine that no host drives");
  keys.sampling_time_per_sequence =
      r.optional_quantity<Seconds>("sampling_time_per_sequence",
                                   "device and host time for each sequence that gets a token; absent: what the "
                                   "device's file says, else 60 us; nothing on a machine that no host drives");
  if (r.has("dual_batch_overlap")) {
    r.object("dual_batch_overlap", false,
             "two halves of a batch take turns, so that collectives of one hide behind the work of the other; weights "
             "are read for each half; absent: batches are not split",
             [&keys](Reader& overlap) { keys.overlap = read_overlap(overlap); });
  }
}

}  // namespace

EngineKeys read_engine(Reader& reader) {
  EngineKeys keys;
  for (const std::string_view engine : {"sglang", "tensorrt_llm"}) {
    reader.reserve("kind", engine, "this engine is planned and not built yet; write \"vllm\"");
  }
  reader.variant("kind", {{"vllm", "vLLM V1", [&keys](Reader& r) { read_vllm(r, keys); }}}, 0, "the serving engine");
  return keys;
}

Slo read_slo(Reader& reader) {
  static constexpr struct {
    const char* key;
    LatencyMetric metric;
    const char* doc;
  } metrics[] = {{"ttft", LatencyMetric::ttft, "time to first token"},
                 {"tpot", LatencyMetric::tpot, "time per output token after the first, of a request"},
                 {"itl", LatencyMetric::itl, "gaps between tokens, pooled over all requests"},
                 {"e2e", LatencyMetric::e2e, "arrival to last token"},
                 {"queue", LatencyMetric::queue, "arrival to first being scheduled"}};
  static constexpr struct {
    const char* key;
    double percentile;
  } percentiles[] = {{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"max", 100}};
  Slo slo;
  for (const auto& metric : metrics) {
    reader.object(metric.key, false, metric.doc, [&](Reader& r) {
      for (const auto& percentile : percentiles) {
        const auto limit = r.optional_quantity<Seconds>(percentile.key, "at most this");
        if (limit) slo.bounds.push_back({metric.metric, percentile.percentile, Duration::from(*limit)});
      }
    });
  }
  return slo;
}

std::optional<Precision> read_precision(Reader& reader, std::string_view key, std::string_view doc) {
  const auto picked = reader.optional_choice(key,
                                             {{"fp32", "32-bit float"},
                                              {"bf16", "16-bit brain float"},
                                              {"fp16", "16-bit float"},
                                              {"fp8", "8-bit float"},
                                              {"int8", "8-bit integer"},
                                              {"mxfp4", "4-bit float, a scale for 32 values"},
                                              {"nvfp4", "4-bit float, a scale for 16 values"},
                                              {"int4", "4-bit integer, a scale for 128 values"},
                                              {"int4_g32", "4-bit integer, a scale for 32 values"},
                                              {"ternary", "-1, 0 or 1, four to a byte"},
                                              {"mxint8", "8-bit integer, an exponent for 32 values"},
                                              {"mxint4", "4-bit integer, an exponent for 32 values"}},
                                             doc);
  return picked ? std::optional(static_cast<Precision>(*picked)) : std::nullopt;
}

}  // namespace memwall
