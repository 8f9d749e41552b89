// A scenario of a comparison as a document in memory, and the other scenarios that are made from it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/scenario/run.hpp"

namespace memwall::tools::compare {

/// What a comparison runs. Relative paths inside of the document are looked for beside the file at `path`.
struct Sheet {
  std::string name;  ///< as tables call it
  std::string path;  ///< of the file that it came from
  Document document;
  std::vector<std::string> adapted;  ///< what was changed to make it run, a sentence each
  std::string refusal;               ///< not empty: it could not be made, and why
};

/// Calls work(0) .. work(count - 1), some at a time; what one call does must not depend on another.
using Parallel = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

/// The sheet of a scenario file, with "/json/pointer=value" edits. Throws InputError where the file is no JSON or an
/// edit cannot be made.
[[nodiscard]] Sheet load_sheet(const std::string& path, const std::vector<std::string>& edits);

/// The scenario that a sheet holds. Throws InputError with everything that is wrong with it.
[[nodiscard]] LoadedScenario load_scenario(const Sheet& sheet, const Catalogue& catalogue,
                                           const RunOptions& options = {});

/// Runs that do not get the same requests are no comparison of machines: throws InputError where two sheets have
/// another workload or seed. Sheets with faults are told by their own run.
void require_same_traffic(const std::vector<Sheet>& sheets, const Catalogue& catalogue);

}  // namespace memwall::tools::compare
