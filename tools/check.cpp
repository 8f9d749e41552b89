// memwall check
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <thread>

#include "sim/scenario/run.hpp"
#include "sim/scenario/summary.hpp"
#include "tools/check/expectation.hpp"
#include "tools/check/folders.hpp"
#include "tools/check/judge.hpp"
#include "tools/check/verdict.hpp"
#include "tools/jobs.hpp"
#include "tools/options.hpp"
#include "tools/results/files.hpp"
#include "tools/results/scenario_files.hpp"
#include "tools/results/summary_view.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

using namespace check;

constexpr std::size_t most_moves = 3;

Options describe_options() {
  Options options;
  options.usage = "check SCENARIO|DIR... [--update] [--jobs N] [--junit FILE] [--markdown FILE] | --against OLD NEW";
  options.example = "memwall check scenarios/devices";
  options.words = "path";
  using Kind = Option::Kind;
  options.options = {
      {"update", Kind::flag, "bring NAME.expect.json up to the results, or write a first one; shows each change"},
      {"against", Kind::value, "compare two folders of results: this one, and the folder that is named without a dash"},
      {"jobs", Kind::value, "scenarios at a time; by default as many as the machine has cores"},
      {"junit", Kind::value, "write the verdicts there as JUnit XML"},
      {"markdown", Kind::value, "write them there as Markdown"},
      search_option(),
  };
  return options;
}

/// The summary of a run of the scenario, or nothing where it was refused, with the refusal.
std::optional<SummaryView> results_of(const std::string& path, const Catalogue& catalogue, std::string& refusal) {
  try {
    const LoadedScenario loaded = load_scenario(path, catalogue, {});
    const Outcome outcome = run(loaded.scenario, catalogue, loaded.build, {});
    return SummaryView(summary_json(loaded, outcome, version), path);
  } catch (const InputError& error) {
    refusal = error.what();
    return std::nullopt;
  }
}

void explain(Verdict& verdict, const std::optional<Snapshot>& before, const Snapshot& now) {
  if (!before) return;
  verdict.cause = cause(*before, now);
  verdict.moved = moved_tiers(*before, now, most_moves);
}

Verdict judge_refusal(const std::string& path, const Expectations& expected, bool refused, const std::string& refusal) {
  Verdict verdict{path, 1, {}, {}, {}, {}, false};
  if (!refused) {
    verdict.broken.push_back("must be refused with \"" + expected.refused + "\", and ran");
  } else if (refusal.find(expected.refused) == std::string::npos) {
    verdict.broken.push_back("must be refused with \"" + expected.refused + "\", and was with: " + refusal);
  }
  return verdict;
}

Verdict judge_results(const std::string& path, const Expectations& expected, const SummaryView& summary) {
  Verdict verdict{path, expected.all.size(), broken(expected, summary), {}, {}, {}, false};
  explain(verdict, expected.seen, summary.snapshot());
  return verdict;
}

/// Writes the expectations anew where the results differ from what they say; the verdict tells each change.
void update(Verdict& verdict, const Expectations& expected, const SummaryView& summary, const std::string& file) {
  const Expectations fresh = brought_up(expected, summary);
  verdict.changes = changed_values(expected, fresh);
  verdict.broken = broken(fresh, summary);
  const std::string text = expectations_json(fresh);
  if (text == expectations_json(expected)) return;
  write_file(file, text);
  verdict.note = file + " brought up";
}

Verdict check_one(const std::string& path, const Catalogue& catalogue, bool updating) {
  const std::string file = expectation_path(path);
  const bool known = std::filesystem::exists(file);
  if (!known && !updating) return Verdict{path, 0, {}, {}, {}, {}, true};
  Expectations expected;
  if (known) expected = load_expectations(file);

  std::string refusal;
  const std::optional<SummaryView> summary = results_of(path, catalogue, refusal);
  if (!expected.refused.empty()) return judge_refusal(path, expected, !summary, refusal);
  if (!summary) {
    Verdict verdict{path, expected.all.size(), {"was refused: " + refusal}, {}, {}, {}, false};
    return verdict;
  }
  if (!known) {
    const Expectations first = first_expectations(*summary);
    write_file(file, expectations_json(first));
    Verdict verdict = judge_results(path, first, *summary);
    verdict.note = file + " written";
    return verdict;
  }
  Verdict verdict = judge_results(path, expected, *summary);
  if (updating) update(verdict, expected, *summary, file);
  return verdict;
}

/// Every number that differs, with how far, largest relative difference first.
std::vector<std::string> differences(const SummaryView& before, const SummaryView& now) {
  struct Difference {
    double by;
    std::string text;
  };
  std::vector<Difference> found;
  const std::map<std::string, double> old = before.numbers();
  const std::map<std::string, double> current = now.numbers();
  for (const auto& [pointer, value] : current) {
    const auto at = old.find(pointer);
    if (at == old.end()) {
      found.push_back({1, pointer + ": new, " + number_text(value)});
    } else if (at->second != value) {
      const double share = at->second == 0 ? 1 : value / at->second - 1;
      found.push_back({std::abs(share), fmt::format("{}: {} to {} ({:+.3g} %)", pointer, number_text(at->second),
                                                    number_text(value), share * 100)});
    }
  }
  for (const auto& [pointer, value] : old) {
    if (current.find(pointer) == current.end()) found.push_back({1, pointer + ": gone, was " + number_text(value)});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.by > b.by; });
  std::vector<std::string> out;
  constexpr std::size_t most_told = 10;
  for (const Difference& each : found) {
    if (out.size() == most_told) {
      out.push_back(fmt::format("and {} more", found.size() - most_told));
      break;
    }
    out.push_back(each.text);
  }
  return out;
}

std::vector<Verdict> compare_folders(const std::string& before, const std::string& now) {
  std::vector<Verdict> out;
  for (const auto& [old, current] : pair_results(before, now)) {
    Verdict verdict;
    verdict.name = current.empty() ? old : current;
    if (old.empty() || current.empty()) {
      verdict.broken.push_back("has no partner in " + (old.empty() ? before : now));
    } else {
      const SummaryView a(read_file(old), old);
      const SummaryView b(read_file(current), current);
      verdict.statements = b.numbers().size();
      verdict.broken = differences(a, b);
      explain(verdict, a.snapshot(), b.snapshot());
    }
    out.push_back(std::move(verdict));
  }
  return out;
}

std::vector<Verdict> check_scenarios(const Arguments& given, const std::vector<std::string>& words) {
  const Catalogue catalogue = program_catalogue(given.list("search"));
  const std::vector<std::string> paths = find_scenarios(words);
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  const std::int64_t jobs = given.whole_number("jobs").value_or(cores);
  if (jobs == 0) throw InputError("--jobs 0: at least one thread is needed");
  std::vector<Verdict> verdicts(paths.size());
  run_jobs(paths.size(), static_cast<std::size_t>(jobs),
           [&](std::size_t i) { verdicts[i] = check_one(paths[i], catalogue, given.has("update")); });
  return verdicts;
}

}  // namespace

Options check_options() { return describe_options(); }

int check_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> paths = given->list("path");
  if (paths.empty()) throw InputError("a scenario or a folder is wanted; usage: memwall " + options.usage);
  std::vector<Verdict> verdicts;
  if (const auto before = given->text("against")) {
    if (paths.size() != 1)
      throw InputError("--against compares one folder with one other; usage: memwall " + options.usage);
    verdicts = compare_folders(*before, paths.front());
  } else {
    verdicts = check_scenarios(*given, paths);
  }
  fmt::print("{}", terminal_text(verdicts));
  if (const auto file = given->text("junit")) write_file(*file, junit_xml(verdicts));
  if (const auto file = given->text("markdown")) write_file(*file, markdown(verdicts));
  const bool all_hold = std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.holds(); });
  return all_hold ? exit_done : exit_missed;
}

}  // namespace memwall::tools
