// The `memwall` program: picks the verb, and turns what goes wrong into an exit code.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "sim/base/error.hpp"
#include "sim/base/suggest.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

struct Verb {
  std::string_view name;
  std::string_view usage;
  std::string_view summary;
  int (*call)(const std::vector<std::string>& words);
};

constexpr Verb verbs[] = {
    {"run", "SCENARIO [--out DIR] ...", "simulate a scenario", run_verb},
    {"validate", "SCENARIO...", "all faults of scenario files, without running them", validate_verb},
    {"explain", "SCENARIO [--json]", "where every derived number comes from, with its basis", explain_verb},
    {"model", "NAME|config.json [--json]", "parameters, bytes, KV per token, FLOPs per token", model_verb},
    {"device", "[NAME] [--json|--roofline]", "the catalogue; one device with its sources; its roofline", device_verb},
    {"trace", "stats FILE | convert IN OUT", "what a trace holds; its conversion", trace_verb},
    {"compare", "A B... [--replications N]", "the same requests on each; who wins, by how much, and why", compare_verb},
    {"sweep", "SCENARIO --vary POINTER=VALUES", "a scenario at many points, on threads or under MPI", sweep_verb},
    {"check", "SCENARIO|DIR...", "scenarios against their expectations; what moved, and why", check_verb},
    {"accuracy", "FILE.csv [--out DIR]", "measured serving rows against simulation", accuracy_verb},
};

void print_help() {
  fmt::print("memwall {}: simulates LLM-inference hardware and serving, and names the tier that held it back\n\n",
             version);
  for (const Verb& verb : verbs) fmt::print("  memwall {:<9}{:<28}{}\n", verb.name, verb.usage, verb.summary);
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

}  // namespace memwall::tools

int main(int argc, char** argv) {
  using namespace memwall;
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
