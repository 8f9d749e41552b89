#include "tools/report/folder.hpp"

#include <filesystem>
#include <vector>

#include "sim/base/error.hpp"
#include "tools/results/files.hpp"

namespace memwall::tools::report {

RunFolder open_folder(const std::string& path) {
  const std::filesystem::path folder(path);
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(path + ": no such folder; name one that memwall run --out has written");
  }
  std::vector<Fault> missing;
  for (const char* file : {"summary.json", "machine.json", "requests.csv"}) {
    if (std::filesystem::exists(folder / file)) continue;
    missing.push_back(
        {(folder / file).string(), 0, "", "is missing; memwall run SCENARIO --out " + path + " writes it"});
  }
  if (!missing.empty()) throw InputError(missing);
  const auto text = [&](const char* file) { return read_file((folder / file).string()); };
  const bool has_cycles = std::filesystem::exists(folder / "cycles.csv");
  return {{SummaryView(text("summary.json"), (folder / "summary.json").string()), json::load(folder / "machine.json")},
          text("requests.csv"),
          has_cycles ? text("cycles.csv") : std::string(),
          path};
}

}  // namespace memwall::tools::report
