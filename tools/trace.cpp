// memwall trace
#include <fmt/format.h>

#include "sim/base/atomic_file.hpp"
#include "sim/config/json_reader.hpp"
#include "tools/options.hpp"
#include "tools/table.hpp"
#include "tools/verbs.hpp"
#include "workloads/formats/own_trace.hpp"
#include "workloads/replay/trace_source.hpp"
#include "workloads/replay/trace_stats.hpp"

namespace memwall::tools {
namespace {

Option format_option() { return {"format", Option::Kind::value, "the format, where it is not to be found by content"}; }
Option key_option() {
  return {"set", Option::Kind::repeated,
          "key=value: a key of a `trace` workload (docs/traces.md), such as block_size=16"};
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// The options of a replay with the keys of the command line, read as those of a scenario are.
TraceOptions trace_options(const std::string& path, const Arguments& arguments, std::string& format) {
  const TraceFile file = locate_trace(path, {});
  format = arguments.text("format").value_or("");
  if (format.empty()) format = detect_format(file).name;
  Document document =
      Document::parse("{\"path\": " + json_text(path) + ", \"format\": " + json_text(format) + "}", path);
  std::vector<std::string> edits;
  for (const std::string& pair : arguments.list("set")) edits.push_back(pair.starts_with('/') ? pair : "/" + pair);
  document.set(edits);
  TraceOptions options;
  document.read([&](Reader& reader) { options = read_trace_options(reader); });
  options.file = file;
  return options;
}

void print_lengths(std::string_view name, const LengthStats& lengths) {
  fmt::print("  {:<10}mean {:.1f}; quantiles", name, lengths.mean);
  for (std::size_t i = 0; i < lengths.levels.size(); ++i) {
    fmt::print("{} {:.0f}", i == 0 ? "" : " /", lengths.quantiles[i]);
  }
  fmt::print("; max {}; lognormal {:.3f}, {:.3f}\n", lengths.max, lengths.log_mean, lengths.log_deviation);
}

void print_arrivals(const ArrivalStats& a) {
  if (a.duration_s == 0) return;
  fmt::print(
      "  arrivals  {:.1f} s, {:.4g} requests/s, CV of gaps {:.4g}, IDC at 1 s {:.3g}, 10 s {:.3g}, 60 s {:.3g}\n",
      a.duration_s, a.rate_per_s, a.gap_cv, a.dispersion[0], a.dispersion[1], a.dispersion[2]);
  fmt::print("            per minute {} / {:.1f} / {} (least, mean, most); {} at the time of the one before\n",
             a.minute_least, a.minute_mean, a.minute_most, a.repeated_times);
}

void print_prefixes(const PrefixStats& p) {
  if (p.blocks > 0) {
    fmt::print(
        "  prefixes  {} blocks, {} distinct; an unbounded cache holds {:.3f} of blocks, {:.3f} of tokens, for {:.3f} "
        "of requests\n",
        p.blocks, p.distinct, p.block_share(), p.token_share(), PrefixStats::share(p.requests_with_hit, p.requests));
    fmt::print(
        "            used once {:.3f}, uses of the top 1 % {:.3f}, log-log slope {:.2f}, reuse gap {:.0f} / {:.0f} / "
        "{:.0f} s (10, 50, 90 %)\n",
        p.once_share, p.top_share, p.slope, p.reuse_gap_s[0], p.reuse_gap_s[1], p.reuse_gap_s[2]);
    fmt::print("            least recently used, of blocks:");
    for (std::size_t i = 0; i < p.capacities.size(); ++i) {
      fmt::print(" {:.3f} at {}k{}", PrefixStats::share(p.hit_blocks_bounded[i], p.blocks), p.capacities[i] / 1000,
                 i + 1 < p.capacities.size() ? "," : "\n");
    }
  } else if (p.hit_tokens > 0) {
    fmt::print("  prefixes  recorded: {:.3f} of tokens, for {:.3f} of requests\n", p.token_share(),
               PrefixStats::share(p.requests_with_hit, p.requests));
  }
}

/// One line of quantiles behind the word that says of what; nothing of no values.
void print_spread(std::string_view what, const Spread& s, std::string_view unit, int digits) {
  if (s.count == 0) return;
  fmt::print("            {:<22}", what);
  for (std::size_t i = 0; i < s.levels.size(); ++i)
    fmt::print("{}{:.{}f}", i == 0 ? "" : " / ", s.quantiles[i], digits);
  fmt::print("{}{}; of {}\n", unit.empty() ? "" : " ", unit, s.count);
}

void print_sessions(const SessionStats& s, std::int64_t followers) {
  if (s.sessions == 0) return;
  fmt::print(
      "  sessions  {} with {} requests, {} of which wait for others; requests a session {:.0f} / {:.0f} / {:.0f} "
      "(10, 50, 90 %), most {}\n",
      s.sessions, s.rows, followers, s.calls[0], s.calls[1], s.calls[2], s.most_calls);
  fmt::print("            (quantiles 1, 25, 50, 75, 90, 99 %)\n");
  print_spread("first prompt", s.first_prompt, "tokens", 0);
  print_spread("last prompt", s.last_prompt, "tokens", 0);
  print_spread("tools and system", s.fixed_tokens, "tokens", 0);
  print_spread("new in a call", s.new_tokens, "tokens", 0);
  print_spread("reuse in a session", s.reuse, "of blocks", 2);
  print_spread("delay before a call", s.delay_s, "s", 1);
  if (s.agents > 0) fmt::print("            {} requests of subagents or other kinds\n", s.agents);
  if (s.overlaps > 0) {
    fmt::print("            {} of {} successive calls arrived before the one before had ended\n", s.overlaps,
               s.successions);
  }
}

void print_server(const SessionStats& s) {
  if (s.service_s.count + s.first_token_s.count == 0) return;
  fmt::print("  recorded  (quantiles 1, 25, 50, 75, 90, 99 %)\n");
  print_spread("time on the server", s.service_s, "s", 1);
  print_spread("first token", s.first_token_s, "s", 1);
}

void print_stats(const TraceStats& s) {
  fmt::print("  rows      {} read, {} kept\n", s.notes.rows_read, s.notes.rows_kept);
  for (const auto& [reason, rows] : s.notes.dropped) {
    fmt::print("            {} dropped: {}, first at {}\n", rows, reason, s.notes.first_drop.at(reason));
  }
  for (const auto& [warning, rows] : s.notes.warnings) fmt::print("            {} odd: {}\n", rows, warning);
  print_arrivals(s.arrivals);
  fmt::print("  tokens    {} in, {} out", s.input_tokens, s.output_tokens);
  if (s.images > 0) fmt::print("; {} images", s.images);
  fmt::print("\n");
  print_lengths("input", s.input);
  print_lengths("output", s.output);
  fmt::print("            (quantiles 1, 5, 25, 50, 75, 90, 95, 99 %); Pearson {:.3f}, Spearman {:.3f}\n",
             s.pairing.pearson, s.pairing.spearman);
  print_prefixes(s.prefix);
  if (s.beyond.rows > 0) {
    fmt::print("  long      {:.1f} % of requests with {:.1f} % of the input are above {} tokens\n",
               100 * PrefixStats::share(s.beyond.rows, s.rows),
               100 * PrefixStats::share(s.beyond.tokens, s.input_tokens), s.beyond.length);
  }
  print_sessions(s.sessions, s.rows - s.open_rows);
  print_server(s.sessions);
  if (s.tenants + s.classes + s.adapters > 0) {
    fmt::print("  labels    {} tenants, {} classes, {} adapters\n", s.tenants, s.classes, s.adapters);
  }
  for (const std::string& remark : s.notes.remarks) fmt::print("  note      {}\n", remark);
}

Options stats_options() {
  Options options;
  options.usage = "trace stats FILE [--format F] [--set key=value]...";
  options.example = "memwall trace stats workloads/traces/azure_like_conversation.csv";
  options.words = "files";
  options.options = {format_option(), key_option()};
  return options;
}

int stats(const std::vector<std::string>& words) {
  const Options options = stats_options();
  const std::optional<Arguments> arguments = options.parse(words);
  if (!arguments) return exit_done;
  const std::vector<std::string> files = arguments->list("files");
  if (files.size() != 1) throw InputError("one file is wanted; usage: memwall " + options.usage);
  std::string format;
  const TraceOptions trace = trace_options(files[0], *arguments, format);
  const TraceStats found = trace_stats(trace);
  fmt::print("{} ({})\n", files[0], format);
  print_stats(found);
  return exit_done;
}

Options convert_options() {
  Options options;
  options.usage = "trace convert IN OUT [--format F] [--set key=value]...";
  options.example = "memwall trace convert workloads/traces/azure_like_conversation.csv results/conversation.jsonl";
  options.words = "files";
  options.options = {format_option(), key_option(), {"seed", Option::Kind::value, "of formats whose rows are drawn"}};
  return options;
}

int convert(const std::vector<std::string>& words) {
  const Options options = convert_options();
  const std::optional<Arguments> arguments = options.parse(words);
  if (!arguments) return exit_done;
  const std::vector<std::string> files = arguments->list("files");
  if (files.size() != 2) throw InputError("two files are wanted; usage: memwall " + options.usage);
  std::string format;
  TraceOptions trace = trace_options(files[0], *arguments, format);
  trace.draws.seed = static_cast<std::uint64_t>(arguments->whole_number("seed").value_or(1));
  AtomicFile out(files[1]);
  const Converted done =
      convert_trace(trace.open, trace.file, trace.draws, format, [&](std::string_view bytes) { out.append(bytes); });
  out.commit();
  fmt::print("{}: {} rows of {} ({}) written, {} that cannot be read left out\n", files[1], done.written, files[0],
             format, done.unreadable);
  return exit_done;
}

}  // namespace

Options trace_options() {
  Options options;
  options.usage = "trace stats FILE | trace convert IN OUT | trace generate SCENARIO --out FILE";
  options.example = stats_options().example;
  options.parts = {stats_options(), convert_options(), trace_generate_options()};
  return options;
}

int trace_verb(const std::vector<std::string>& words) {
  struct Part {
    std::string_view name;
    int (*run)(const std::vector<std::string>&);
  };
  constexpr Part parts[] = {{"stats", stats}, {"convert", convert}, {"generate", trace_generate}};
  const std::string first = words.empty() ? "" : words.front();
  for (const Part& part : parts) {
    if (part.name == first) return part.run({words.begin() + 1, words.end()});
  }
  if (first == "-h" || first == "--help") {
    fmt::print("{}", trace_options().help());
    return exit_done;
  }
  throw InputError(
      "usage: memwall trace stats FILE | memwall trace convert IN OUT | memwall trace generate SCENARIO --out FILE");
}

}  // namespace memwall::tools
