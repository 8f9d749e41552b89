// memwall trace
#include <fmt/format.h>

#include "tools/options.hpp"
#include "tools/table.hpp"
#include "tools/verbs.hpp"
#include "workloads/trace_format.hpp"
#include "workloads/trace_source.hpp"
#include "workloads/trace_stats.hpp"

namespace memwall::tools {
namespace {

void print_lengths(std::string_view name, const LengthStats& lengths) {
  fmt::print("  {:<8}mean {:.1f}, max {}; quantiles", name, lengths.mean, lengths.max);
  for (std::size_t i = 0; i < lengths.levels.size(); ++i) {
    fmt::print(" {:g} %: {:.0f}", lengths.levels[i] * 100, lengths.quantiles[i]);
  }
  fmt::print("\n");
}

void print_stats(const TraceStats& s) {
  fmt::print("  rows    {} read, {} kept\n", s.notes.rows_read, s.notes.rows_kept);
  for (const auto& [reason, rows] : s.notes.dropped) {
    fmt::print("          {} dropped: {}, first at {}\n", rows, reason, s.notes.first_drop.at(reason));
  }
  for (const auto& [warning, rows] : s.notes.warnings) fmt::print("          {} odd but kept: {}\n", rows, warning);
  fmt::print("  time    {}, {:.4g} requests/s, CV of gaps {:.4g}, IDC at 1 s {:.3g}, 10 s {:.3g}, 60 s {:.3g}\n",
             time_text(s.duration_s), s.rate_per_s, s.gap_cv, s.dispersion[0], s.dispersion[1], s.dispersion[2]);
  fmt::print("  tokens  {} in, {} out\n", s.input_tokens, s.output_tokens);
  print_lengths("input", s.input);
  print_lengths("output", s.output);
  if (s.prefix.blocks > 0) {
    fmt::print(
        "  prefix  {} blocks, {} distinct; an unbounded cache would hold {:.1f} % of blocks, {:.1f} % of tokens\n",
        s.prefix.blocks, s.prefix.distinct, s.prefix.block_share() * 100, s.prefix.token_share() * 100);
  }
  for (const std::string& remark : s.notes.remarks) fmt::print("  note    {}\n", remark);
}

}  // namespace

int trace_verb(const std::vector<std::string>& words) {
  Options options;
  options.usage = "trace stats FORMAT FILE";
  options.example = "memwall trace stats azure workloads/traces/azure_like_conversation.csv";
  options.words = "words";
  const std::optional<Arguments> arguments = options.parse(words);
  if (!arguments) return exit_done;
  const std::vector<std::string> given = arguments->list("words");
  if (given.size() != 3 || given[0] != "stats") throw InputError("usage: memwall " + options.usage);
  SourceContext context;
  TraceOptions trace;
  trace.file = locate_trace(given[2], context);
  trace.format = trace_format(given[1]).plain();
  fmt::print("{}\n", given[2]);
  print_stats(trace_stats(trace));
  return exit_done;
}

}  // namespace memwall::tools
