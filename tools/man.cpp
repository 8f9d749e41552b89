// memwall man
#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

/// Text of a roff page: a dash is not a hyphen, and a line must not begin like a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

void add_options(std::string& out, const Options& options) {
  out += fmt::format(".PP\n.B memwall {}\n", roff(options.usage));
  for (const Option& option : options.options) {
    const bool flag = option.kind == Option::Kind::flag;
    out += fmt::format(".TP\n.B \\-\\-{}{}\n{}\n", roff(option.name), flag ? "" : " \\fIX\\fR", roff(option.help));
  }
  out += fmt::format(".PP\nExample:\n.PP\n.EX\n{}\n.EE\n", roff(options.example));
}

std::string page() {
  std::string out = fmt::format(
      ".TH MEMWALL 1 \"\" \"memwall {}\" \"User Commands\"\n.SH NAME\nmemwall \\- simulate LLM inference and name the "
      "tier that "
      "held it back\n.SH SYNOPSIS\n.B memwall\n.I verb\n.RI [ options ]\n.SH DESCRIPTION\nA discrete\\-event simulator "
      "of "
      "LLM\\-inference hardware and serving: what would this traffic do on that machine, what would it cost, and which "
      "part of the memory problem would hold it back?\n.SH VERBS\n",
      roff(version));
  for (const Verb& verb : all_verbs()) {
    out += fmt::format(".SS {}\n{}\n", verb.name, roff(verb.summary));
    if (verb.describe == nullptr) continue;
    const Options options = verb.describe();
    if (options.parts.empty()) {
      add_options(out, options);
    } else {
      for (const Options& part : options.parts) add_options(out, part);
    }
  }
  out +=
      ".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\nthe run is done but misses what was asked\n.TP\n.B 2\nthe input is "
      "wrong; "
      "every fault is listed\n.TP\n.B 3\na defect of ours\n.SH ENVIRONMENT\n.TP\n.B NO_COLOR\nset and not empty: "
      "nothing is "
      "coloured on a terminal\n";
  return out;
}

}  // namespace

Options man_options() {
  Options options;
  options.usage = "man";
  options.example = "memwall man | man -l -";
  options.words = "none";
  return options;
}

int man_verb(const std::vector<std::string>& words) {
  const Options options = man_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  if (given->has("none")) throw InputError("no words are wanted; usage: memwall " + options.usage);
  fmt::print("{}", page());
  return exit_done;
}

}  // namespace memwall::tools
