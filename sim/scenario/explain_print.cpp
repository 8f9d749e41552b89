#include <fmt/format.h>

#include <array>
#include <vector>

#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/scenario/describe_device.hpp"
#include "sim/scenario/explain.hpp"

namespace memwall {
namespace {

struct Part {
  std::string_view name;
  Bytes bytes;
};

std::vector<Part> parts_of(const ExplainedPool& pool) {
  const Footprint& held = pool.held;
  if (pool.feed_forward) {
    return {{"embedding", held.embedding},
            {"head", held.head},
            {"attention", held.attention},
            {"stream mixing", held.streams},
            {"norms", held.norms}};
  }
  return {{"embedding", held.embedding}, {"head", held.head},     {"attention", held.attention},
          {"feed-forward", held.ffn},    {"router", held.router}, {"stream mixing", held.streams},
          {"norms", held.norms}};
}

/// What the sum of the memory rests on: weights are counted, the rest was fitted to engines' logs.
std::string_view basis_of(const MemoryTerm& term) {
  return term.name == "weights" ? "counted from the model's dimensions" : "estimate, docs/models.md";
}

std::string milliseconds(double seconds) { return fmt::format("{:.4g} ms", seconds * 1e3); }
std::string gigabytes(Bytes bytes) { return fmt::format("{:.3f} GB", bytes.value / 1e9); }

std::string amount(std::string_view label, Bytes bytes, std::string_view remark = {}) {
  std::string out = fmt::format("    {:<34}{:>14}", label, gigabytes(bytes));
  return out + (remark.empty() ? "" : fmt::format("   {}", remark)) + "\n";
}

void add_chosen(std::string& out, const ExplainedPool& pool) {
  out += fmt::format("\n  settings\n    {:<28}{:>10}   {}\n", "", "value", "from");
  for (const ChosenValue& each : pool.chosen)
    out += fmt::format("    {:<28}{:>10}   {}\n", each.key, each.value, each.from);
}

void add_memory(std::string& out, const ExplainedPool& pool) {
  out += fmt::format("\n  weights on one of {} devices\n", pool.devices);
  for (const Part& part : parts_of(pool)) {
    if (part.bytes.value > 0) out += amount(part.name, part.bytes);
  }
  out += amount("sum", pool.held.weights(pool.feed_forward ? LayerPart::attention : LayerPart::all));
  out += fmt::format("\n  memory of one device\n");
  out +=
      amount("budget", pool.memory.budget, fmt::format("{} x {:g}", gigabytes(pool.device_memory), pool.utilization));
  for (const MemoryTerm& term : pool.memory.terms) out += amount("- " + term.name, term.bytes, basis_of(term));
  const Bytes left = pool.memory.budget - pool.memory.taken();
  out += amount("= left for the cache", left);
  out += fmt::format("    {:<34}{:>14}   {:.0f} B a token, {} tokens a block\n", "one block",
                     fmt::format("{:.0f} B", pool.memory.block.value),
                     pool.memory.block.value / static_cast<double>(pool.block_size), pool.block_size);
  if (pool.memory.sequence_blocks > 0) {
    out +=
        fmt::format("    {:<34}{:>14}   {} blocks: constant states and full windows\n", "a sequence beside its blocks",
                    fmt::format("{:.0f} B", pool.memory.sequence.value), pool.memory.sequence_blocks);
  }
  out += fmt::format("    {:<34}{:>14}   one is the null block; the others hold {} tokens\n", "blocks", pool.blocks,
                     (pool.blocks - 1) * pool.block_size);
  if (pool.blocks != pool.memory.blocks) {
    out += fmt::format("    {:<34}{:>14}   replaced by num_gpu_blocks_override\n", "blocks by the sum",
                       pool.memory.blocks);
  }
}

void add_feed_forward(std::string& out, const ExplainedPool& pool) {
  if (!pool.feed_forward) return;
  const ExplainedFeedForward& ffn = *pool.feed_forward;
  out += fmt::format("\n  feed-forward parts on {} x {}, weights {}, products in {}\n", ffn.memory.devices, ffn.device,
                     name(ffn.deployment.weights), name(ffn.deployment.compute));
  out += amount("budget", ffn.memory.budget);
  for (const MemoryTerm& term : ffn.memory.terms) out += amount("- " + term.name, term.bytes, basis_of(term));
  out += fmt::format("    {:<34}{:>14}   both ways, all layers\n", "over the link for each token",
                     fmt::format("{:.0f} B", ffn.link_bytes_per_token.value));
}

void add_stages(std::string& out, const ExplainedCycle& cycle) {
  for (const NamedStage& stage : cycle.stages) {
    out += fmt::format("      {:<26}{:>12}   a visit; {} for all {} parts\n", stage.name,
                       milliseconds(stage.visit.value), milliseconds(stage.served.value), stage.parts);
  }
}

void add_cycles(std::string& out, const ExplainedPool& pool) {
  out += fmt::format("\n  price of a cycle ({} tokens behind each decoding sequence)\n", explained_context);
  for (const ExplainedCycle& cycle : pool.cycles) {
    const double total = cycle.cost.total().value;
    out += fmt::format("    {:<28}{:>12}   bottleneck {}", cycle.name, milliseconds(total), name(cycle.bottleneck()));
    if (cycle.lateness.value > 0) out += fmt::format("; its last token {} later", milliseconds(cycle.lateness.value));
    out += "\n";
    add_stages(out, cycle);
    for (std::size_t i = 0; i < tier_count; ++i) {
      const double critical = cycle.cost.critical.at[i].value;
      const double busy = cycle.cost.busy.at[i].value;
      if (busy <= 0) continue;
      out += fmt::format("      {:<26}{:>12}{:>8.1f} %", tier_names[i], milliseconds(critical), 100 * critical / total);
      if (busy > critical) out += fmt::format("   and {} behind slower work", milliseconds(busy - critical));
      out += "\n";
    }
  }
  if (pool.ridge) {
    out += fmt::format(
        "\n  ridge batch {:.0f} tokens: below it, at the device's peaks, weights take longer to read than to "
        "multiply\n",
        *pool.ridge);
  }
}

void write_cycle(JsonWriter& json, const ExplainedCycle& cycle) {
  json.begin_object().member("name", cycle.name).member("sequences", cycle.shape.sampled);
  json.member("decode_tokens", cycle.shape.decode_tokens).member("decode_context", cycle.shape.decode_context);
  json.member("prefill_tokens", cycle.shape.prefill_tokens).member("padded_tokens", cycle.shape.padded);
  json.member("seconds", cycle.cost.total().value).member("bottleneck", name(cycle.bottleneck()));
  json.member("lateness_s", cycle.lateness.value);
  if (!cycle.stages.empty()) {
    json.member("parts", cycle.stages.front().parts).key("stages").begin_list();
    for (const NamedStage& stage : cycle.stages) {
      json.begin_object().member("name", stage.name).member("visit_s", stage.visit.value);
      json.member("served_s", stage.served.value).end_object();
    }
    json.end_list();
  }
  for (const bool critical : {true, false}) {
    json.key(critical ? "critical_s" : "busy_s").begin_object();
    for (std::size_t i = 0; i < tier_count; ++i) {
      const double seconds = (critical ? cycle.cost.critical : cycle.cost.busy).at[i].value;
      if (seconds > 0) json.member(tier_names[i], seconds);
    }
    json.end_object();
  }
  json.end_object();
}

void write_feed_forward(JsonWriter& json, const ExplainedFeedForward& ffn) {
  json.key("ffn").begin_object().member("device", ffn.device).member("devices", ffn.memory.devices);
  json.member("weights", name(ffn.deployment.weights)).member("products_in", name(ffn.deployment.compute));
  json.member("budget_bytes", ffn.memory.budget.value).key("terms").begin_list();
  for (const MemoryTerm& term : ffn.memory.terms) {
    json.begin_object().member("name", term.name).member("bytes", term.bytes.value);
    json.member("basis", basis_of(term)).end_object();
  }
  json.end_list().member("link_bytes_per_token", ffn.link_bytes_per_token.value).end_object();
}

void write_pool(JsonWriter& json, const ExplainedPool& pool) {
  json.begin_object().member("name", pool.name).member("device", pool.device).member("model", pool.model);
  json.member("replicas", pool.replicas).member("devices", pool.devices).key("settings").begin_list();
  for (const ChosenValue& each : pool.chosen) {
    json.begin_object().member("key", each.key).member("value", each.value).member("from", each.from).end_object();
  }
  json.end_list().key("weight_bytes").begin_object();
  for (const Part& part : parts_of(pool)) json.member(part.name, part.bytes.value);
  json.end_object().key("memory").begin_object();
  json.member("device_bytes", pool.device_memory.value).member("utilization", pool.utilization);
  json.member("budget_bytes", pool.memory.budget.value).key("terms").begin_list();
  for (const MemoryTerm& term : pool.memory.terms) {
    json.begin_object().member("name", term.name).member("bytes", term.bytes.value);
    json.member("basis", basis_of(term)).end_object();
  }
  json.end_list().member("kv_bytes_per_token", pool.held.kv_per_token.value);
  json.member("bytes_per_sequence", pool.memory.sequence.value)
      .member("blocks_per_sequence", pool.memory.sequence_blocks);
  json.member("block_bytes", pool.memory.block.value).member("block_size", pool.block_size);
  json.member("blocks", pool.blocks).end_object();
  if (pool.feed_forward) write_feed_forward(json, *pool.feed_forward);
  json.key("ridge_batch_tokens");
  if (pool.ridge) {
    json.value(*pool.ridge);
  } else {
    json.null();
  }
  json.key("cycles").begin_list();
  for (const ExplainedCycle& cycle : pool.cycles) write_cycle(json, cycle);
  json.end_list().end_object();
}

}  // namespace

std::string text(const Explanation& explanation) {
  std::string out;
  for (const ExplainedPool& pool : explanation.pools) {
    out += fmt::format("pool {}: {} {} of {} x {}, {}\n", pool.name, pool.replicas,
                       pool.replicas == 1 ? "replica" : "replicas", pool.devices, pool.device, pool.model);
    add_chosen(out, pool);
    add_memory(out, pool);
    add_feed_forward(out, pool);
    add_cycles(out, pool);
    out += "\n";
  }
  std::array<std::int64_t, basis_names.size()> counts{};
  for (const Provenance& entry : explanation.inputs) ++counts[static_cast<std::size_t>(entry.basis)];
  out += "inputs:";
  for (std::size_t i = counts.size(); i-- > 0;) {
    out += fmt::format(" {} {}{}", counts[i], basis_names[i], i == 0 ? "\n" : ",");
  }
  return out + provenance_table(explanation.inputs);
}

std::string json_text(const Explanation& explanation) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("schema", 1).key("pools").begin_list();
  for (const ExplainedPool& pool : explanation.pools) write_pool(json, pool);
  json.end_list().key("inputs").begin_list();
  for (const Provenance& entry : explanation.inputs) {
    json.begin_object().member("name", entry.name).member("value", entry.value).member("basis", name(entry.basis));
    json.member("source", entry.source).end_object();
  }
  json.end_list().end_object().finish();
  return out;
}

}  // namespace memwall
