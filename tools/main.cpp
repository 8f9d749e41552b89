// The `memwall` program: picks the verb, and turns what goes wrong into an exit code.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

constexpr Verb verbs[] = {
    {"run", "SCENARIO [--out DIR] ...", "simulate a scenario", run_verb, run_options},
    {"validate", "SCENARIO...", "all faults of scenario files, without running them", validate_verb, validate_options},
    {"explain", "SCENARIO [--json]", "where every derived number comes from", explain_verb, explain_options},
    {"model", "NAME|config.json [--json]", "parameters, bytes, KV per token, FLOPs per token", model_verb,
     model_options},
    {"device", "[NAME] [--json|--roofline]", "the catalogue; one device; its roofline", device_verb, device_options},
    {"trace", "stats FILE | convert IN OUT", "what a trace holds; its conversion", trace_verb, trace_options},
    {"compare", "A B... [--replications N]", "the same requests on each; who wins, and why", compare_verb,
     compare_options},
    {"sweep", "SCENARIO --vary POINTER=A,B", "a scenario at many points, on threads or MPI", sweep_verb, sweep_options},
    {"plan", "SCENARIO [--devices A,B]", "the cheapest fleet that meets the SLOs", plan_verb, plan_options},
    {"price", "SCENARIO... [--contexts ...]", "cost per token against context length; thresholds", price_verb,
     price_options},
    {"check", "SCENARIO|DIR...", "scenarios against expectations; what moved, why", check_verb, check_options},
    {"report", "DIR...", "the HTML page of a result folder", report_verb, report_options},
    {"accuracy", "FILE.csv [--out DIR]", "measured serving rows against simulation", accuracy_verb, accuracy_options},
    {"completion", "bash|zsh", "a script that completes its words in a shell", completion_verb, completion_options},
    {"man", "", "the manual page", man_verb, man_options},
};

void print_help() {
  fmt::print("memwall {}: simulates LLM-inference hardware and serving, and names the tier that held it back\n\n",
             version);
  for (const Verb& verb : verbs) fmt::print("  memwall {:<11}{:<28}{}\n", verb.name, verb.usage, verb.summary);
  fmt::print("\nmemwall VERB --help tells the options of a verb. Example:\n  memwall run scenarios/quickstart.json\n");
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "help" || words[0] == "-h") {
    print_help();
    return words.empty() ? exit_input : exit_done;
  }
  if (words[0] == "--version") {
    fmt::print("memwall {}\n", version);
    return exit_done;
  }
  std::vector<std::string> known;
  for (const Verb& verb : verbs) {
    if (verb.name == words[0]) return verb.call({words.begin() + 1, words.end()});
    known.emplace_back(verb.name);
  }
  throw InputError("there is no verb \"" + words[0] + "\"; " + suggestion(words[0], known));
}

}  // namespace

std::span<const Verb> all_verbs() { return verbs; }

}  // namespace memwall::tools

int main(int argc, char** argv) {
  using namespace memwall;
  // A file that would grow beyond what this process may write is told like a full disk, and does not kill it.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return tools::dispatch({argv + 1, argv + argc});
  } catch (const InputError& error) {
    for (const Fault& fault : error.faults()) fmt::print(stderr, "memwall: {}\n", fault.text());
    return tools::exit_input;
  } catch (const std::exception& error) {
    fmt::print(stderr, "memwall: a defect of ours: {}\n", error.what());
    return tools::exit_defect;
  }
}
