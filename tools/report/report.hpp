// The page of one run.
#pragma once

#include <string>
#include <vector>

#include "tools/page/page.hpp"
#include "tools/report/folder.hpp"
#include "tools/report/run_rows.hpp"

namespace memwall::tools::report {

/// Every section that there are data for.
[[nodiscard]] page::Page run_page(const RunFacts& facts, RunRows& rows);

/// The rows of a folder's files. Throws InputError, with file and line, for rows that cannot be read.
[[nodiscard]] RunRows read_rows(const RunFolder& folder);

/// Writes report.html and charts/<id>.vl.json into the folder and returns the path of the page.
std::string write_page(const std::string& folder, const page::Page& page);

}  // namespace memwall::tools::report
