// The page of one run.
#pragma once

#include "tools/page/page.hpp"
#include "tools/report/folder.hpp"

namespace memwall::tools::report {

/// Every section that the folder has data for. Throws InputError, with file and line, for rows that cannot be read.
[[nodiscard]] page::Page run_page(const RunFolder& folder);

/// Writes report.html and charts/<id>.vl.json into the folder and returns their paths.
std::vector<std::string> write_report(const std::string& folder);

}  // namespace memwall::tools::report
