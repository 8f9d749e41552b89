// memwall accuracy
#include <fmt/format.h>

#include <filesystem>

#include "sim/base/atomic_file.hpp"
#include "tools/accuracy/report.hpp"
#include "tools/options.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {

Options accuracy_options() {
  Options options;
  options.usage = "accuracy FILE.csv [--out DIR] [--json]";
  options.example = "memwall accuracy tests/accuracy/data/made_up_rows.csv --out results/accuracy";
  options.words = "file";
  options.options = {{"out", Option::Kind::value, "write accuracy.csv and accuracy.json there"},
                     {"json", Option::Kind::flag, "print accuracy.json instead of the table"}};
  return options;
}

int accuracy_verb(const std::vector<std::string>& words) {
  const Options options = accuracy_options();
  const std::optional<Arguments> given = options.parse(words);
  if (!given) return exit_done;
  const std::vector<std::string> files = given->list("file");
  if (files.size() != 1) throw InputError("one file of measurements is wanted; usage: memwall " + options.usage);

  const accuracy::Study study = accuracy::study({files.front(), files.front()}, program_catalogue({""}));
  const std::string json = accuracy::study_json(study);
  const bool json_wanted = given->has("json");
  fmt::print("{}", json_wanted ? json : accuracy::table(study));
  if (!given->has("out")) return exit_done;

  const std::filesystem::path folder = *given->text("out");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw InputError(folder.string() + ": cannot be made: " + error.message());
  AtomicFile figures(folder / "accuracy.csv");
  AtomicFile summary(folder / "accuracy.json");
  figures.append(accuracy::figures_csv(study));
  summary.append(json);
  for (AtomicFile* file : {&figures, &summary}) {
    file->commit();
    if (!json_wanted) fmt::print("wrote {}\n", file->path().string());
  }
  return exit_done;
}

}  // namespace memwall::tools
