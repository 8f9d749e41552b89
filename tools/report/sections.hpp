// The sections of a run's page, one function each. A section without blocks is left out.
#pragma once

#include <string>
#include <vector>

#include "tools/page/page.hpp"
#include "tools/report/folder.hpp"
#include "tools/report/run_rows.hpp"

namespace memwall::tools::report {

[[nodiscard]] page::Section headline(const RunFacts& facts);
[[nodiscard]] page::Section bottlenecks(const RunFacts& facts, const RunRows& rows);
[[nodiscard]] page::Section latencies(const RunFacts& facts, const RunRows& rows);
[[nodiscard]] page::Section load(const RunRows& rows);
[[nodiscard]] page::Section cache(const RunFacts& facts, const RunRows& rows);
[[nodiscard]] page::Section memories(const RunFacts& facts);
[[nodiscard]] page::Section roofline(const RunFacts& facts);
[[nodiscard]] page::Section slowest(const RunRows& rows);
[[nodiscard]] page::Section grounds(const RunFacts& facts);

}  // namespace memwall::tools::report
