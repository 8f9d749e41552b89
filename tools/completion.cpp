// memwall completion
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

/// Every option of a verb and of its parts, in the order of the help, once each.
std::vector<std::string> option_words(const Options& options) {
  std::vector<std::string> words;
  const auto add = [&](const Options& some) {
    for (const Option& option : some.options) {
      const std::string word = "--" + option.name;
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  };
  add(options);
  for (const Options& part : options.parts) add(part);
  words.emplace_back("--help");
  return words;
}

/// First words of a verb's parts: "trace stats FILE" has "stats".
std::vector<std::string> part_words(const Options& options) {
  std::vector<std::string> words;
  for (const Options& part : options.parts) {
    const std::size_t begin = part.usage.find(' ') + 1;
    words.push_back(part.usage.substr(begin, part.usage.find(' ', begin) - begin));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string bash_script() {
  std::string verbs;
  std::string cases;
  for (const Verb& verb : all_verbs()) {
    verbs += (verbs.empty() ? "" : " ") + std::string(verb.name);
    if (verb.describe == nullptr) continue;
    const Options options = verb.describe();
    cases += fmt::format("    {}) options=\"{}\"; parts=\"{}\" ;;\n", verb.name, joined(option_words(options)),
                         joined(part_words(options)));
  }
  return fmt::format(R"(# Completion of memwall for bash. In ~/.bashrc: source <(memwall completion bash)
_memwall() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" options="" parts=""
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "{0} --help --version" -- "$current")
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{1}  esac
  if [[ "$current" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif ((COMP_CWORD == 2)) && [[ -n "$parts" ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$parts" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _memwall memwall
)",
                     verbs, cases);
}

std::string zsh_quoted(std::string text) {
  for (std::size_t at = text.find_first_of("'[]:"); at != std::string::npos; at = text.find_first_of("'[]:", at)) {
    const std::string instead = text[at] == '\'' ? "'\\''" : std::string("\\") + text[at];
    text.replace(at, 1, instead);
    at += instead.size();
  }
  return text;
}

std::string zsh_script() {
  std::string verbs;
  std::string cases;
  for (const Verb& verb : all_verbs()) {
    verbs += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(std::string(verb.summary)));
    if (verb.describe == nullptr) continue;
    const Options options = verb.describe();
    std::string words;
    const auto add = [&](const Options& some) {
      for (const Option& option : some.options) {
        const bool flag = option.kind == Option::Kind::flag;
        words += fmt::format(" \\\n        '*--{}[{}]{}'", option.name, zsh_quoted(option.help),
                             flag ? "" : ":value:_files");
      }
    };
    add(options);
    for (const Options& part : options.parts) add(part);
    cases += fmt::format("    {})\n      _arguments{} \\\n        '*:file:_files' ;;\n", verb.name, words);
  }
  return fmt::format(R"(#compdef memwall
# Completion of memwall for zsh. Save it as _memwall in a folder of $fpath.
_memwall() {{
  local -a verbs
  verbs=(
{}  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb="$words[2]"
  shift words
  ((CURRENT--))
  case "$verb" in
{}  esac
}}
_memwall "$@"
)",
                     verbs, cases);
}

}  // namespace

Options completion_options() {
  Options options;
  options.usage = "completion bash|zsh";
  options.example = "memwall completion bash";
  options.words = "shell";
  return options;
}

int completion_verb(const std::vector<std::string>& words) {
  const Options options = completion_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> shells = given->list("shell");
  if (shells.size() != 1) throw InputError("one shell is wanted; usage: memwall " + options.usage);
  if (shells.front() == "bash") {
    fmt::print("{}", bash_script());
  } else if (shells.front() == "zsh") {
    fmt::print("{}", zsh_script());
  } else {
    const std::vector<std::string> known = {"bash", "zsh"};
    throw InputError("completion " + shells.front() + ": " + suggestion(shells.front(), known));
  }
  return exit_done;
}

}  // namespace memwall::tools
