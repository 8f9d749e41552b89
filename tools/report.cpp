// memwall report
#include "tools/report/report.hpp"

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {
namespace {

Options describe_options() {
  Options options;
  options.usage = "report DIR...";
  options.example =
      "memwall run scenarios/quickstart.json --out results/quickstart && memwall report results/quickstart";
  options.words = "folder";
  return options;
}

}  // namespace

Options report_options() { return describe_options(); }

int report_verb(const std::vector<std::string>& words) {
  const Options options = describe_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> folders = given->list("folder");
  if (folders.empty()) throw InputError("a folder of results is wanted; usage: memwall " + options.usage);
  page::require_pages();
  for (const std::string& path : folders) {
    const report::RunFolder folder = report::open_folder(path);
    report::RunRows rows = report::read_rows(folder);
    fmt::print("wrote {}\n", report::write_page(path, report::run_page(folder.facts, rows)));
  }
  return exit_done;
}

}  // namespace memwall::tools
