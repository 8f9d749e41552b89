#include "tools/check/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/results/markup.hpp"

namespace memwall::tools::check {
namespace {

struct Counts {
  std::size_t held = 0, failed = 0, skipped = 0;
};

Counts count(const std::vector<Verdict>& verdicts) {
  Counts out;
  for (const Verdict& v : verdicts) ++(v.skipped ? out.skipped : v.holds() ? out.held : out.failed);
  return out;
}

std::string_view word(const Verdict& v) { return v.skipped ? "-" : v.holds() ? "ok" : "FAIL"; }

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : std::string(between)) + part;
  return out;
}

/// Marks of Markdown tables and of HTML lose their meaning.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '\n') {
      out += ' ';
    } else {
      if (c == '|' || c == '`' || c == '*' || c == '_') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string reasons(const Verdict& v, std::string_view indent) {
  std::string out;
  for (const std::string& reason : v.broken) out += fmt::format("{}{}\n", indent, reason);
  if (!v.cause.empty()) out += fmt::format("{}changed: {}\n", indent, v.cause);
  if (!v.moved.empty()) out += fmt::format("{}tiers: {}\n", indent, joined(v.moved, "; "));
  return out;
}

}  // namespace

std::string terminal_text(const std::vector<Verdict>& verdicts) {
  std::size_t width = 20;
  for (const Verdict& v : verdicts) width = std::max(width, v.name.size());
  std::string out;
  for (const Verdict& v : verdicts) {
    const std::string detail = v.skipped ? "no expectations" : fmt::format("{} statements", v.statements);
    out += fmt::format("{:<5} {:<{}}  {}{}\n", word(v), v.name, width, detail, v.note.empty() ? "" : "; " + v.note);
    for (const std::string& change : v.changes) out += fmt::format("      {}\n", change);
    if (!v.holds() || !v.cause.empty()) out += reasons(v, "      ");
  }
  const Counts counts = count(verdicts);
  out += fmt::format("{} held, {} failed, {} without expectations\n", counts.held, counts.failed, counts.skipped);
  return out;
}

std::string junit_xml(const std::vector<Verdict>& verdicts) {
  const Counts counts = count(verdicts);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites>\n  <testsuite name=\"memwall check\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
                     verdicts.size(), counts.failed, counts.skipped);
  for (const Verdict& v : verdicts) {
    out += fmt::format("    <testcase classname=\"memwall\" name=\"{}\">\n", escaped(v.name));
    if (v.skipped) out += "      <skipped message=\"no expectations\"/>\n";
    if (!v.holds()) {
      out += fmt::format("      <failure message=\"{}\">{}</failure>\n", escaped(v.broken.front()),
                         escaped(reasons(v, "")));
    }
    out += "    </testcase>\n";
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

std::string markdown(const std::vector<Verdict>& verdicts) {
  const Counts counts = count(verdicts);
  std::string out = fmt::format("### memwall check: {} held, {} failed, {} without expectations\n\n", counts.held,
                                counts.failed, counts.skipped);
  out += "| | scenario | changed | tiers that moved |\n|---|---|---|---|\n";
  for (const Verdict& v : verdicts) {
    out += fmt::format("| {} | {} | {} | {} |\n", word(v), plain(v.name), plain(v.cause), plain(joined(v.moved, "; ")));
  }
  for (const Verdict& v : verdicts) {
    if (v.holds()) continue;
    out += fmt::format("\n**{}**\n\n", plain(v.name));
    for (const std::string& reason : v.broken) out += fmt::format("- {}\n", plain(reason));
  }
  return out;
}

}  // namespace memwall::tools::check
