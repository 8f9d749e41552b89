#include "tools/report/report.hpp"

#include <filesystem>

#include "sim/base/atomic_file.hpp"
#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {

RunRows read_rows(const RunFolder& folder) {
  RunRows rows;
  const std::string base = folder.path + "/";
  rows.has_cycles = !folder.cycles.empty();
  if (rows.has_cycles) {
    read_cycles(folder.cycles, base + "cycles.csv", [&](const CycleRow& row) { rows.add(row); });
  }
  read_requests(folder.requests, base + "requests.csv", [&](const RequestRow& row) { rows.add(row); });
  return rows;
}

page::Page run_page(const RunFacts& facts, RunRows& rows) {
  rows.duration_s = number_at(facts.summary, "/duration_s");
  rows.timeline.cover(static_cast<std::int64_t>(rows.duration_s * 1e12));
  page::Page page;
  page.title = text_at(facts.summary, "/scenario/name");
  if (page.title.empty()) page.title = "a run of memwall";
  page.subtitle = time_text(rows.duration_s) + " simulated; memwall " + text_at(facts.summary, "/versions/program") +
                  ", digest " + text_at(facts.summary, "/digest");
  const auto add = [&](page::Section section) {
    if (!section.blocks.empty()) page.sections.push_back(std::move(section));
  };
  add(headline(facts));
  add(bottlenecks(facts, rows));
  add(latencies(facts, rows));
  add(load(rows));
  add(cache(facts, rows));
  add(memories(facts));
  add(roofline(facts));
  add(slowest(rows));
  add(grounds(facts));
  return page;
}

std::string write_page(const std::string& folder, const page::Page& page) {
  const std::filesystem::path path(folder);
  const std::string html = page::html(page);
  std::error_code error;
  std::filesystem::create_directories(path / "charts", error);
  const auto write = [](const std::filesystem::path& file, const std::string& text) {
    AtomicFile out(file);
    out.append(text);
    out.commit();
  };
  for (const auto& [id, specification] : page::specifications(page)) {
    write(path / "charts" / (id + ".vl.json"), specification);
  }
  write(path / "report.html", html);
  return (path / "report.html").string();
}

}  // namespace memwall::tools::report
