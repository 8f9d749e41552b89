#include "tools/report/report.hpp"

#include <filesystem>

#include "sim/base/atomic_file.hpp"
#include "tools/report/facts.hpp"
#include "tools/report/sections.hpp"
#include "tools/results/time_text.hpp"

namespace memwall::tools::report {
namespace {

constexpr std::size_t timeline_bins = 300;

}  // namespace

RunRows::RunRows(const RunFolder& folder)
    : timeline(number_at(folder.summary, "/duration_s"), timeline_bins),
      has_cycles(!folder.cycles.empty()),
      duration_s(number_at(folder.summary, "/duration_s")) {
  const std::string base = folder.path + "/";
  if (has_cycles) {
    read_cycles(folder.cycles, base + "cycles.csv", [this](const CycleRow& row) {
      timeline.add(row);
      pieces.add(row);
    });
  }
  read_requests(folder.requests, base + "requests.csv", [this](const RequestRow& row) { requests.push_back(row); });
}

page::Page run_page(const RunFolder& folder) {
  const RunRows rows(folder);
  page::Page page;
  page.title = text_at(folder.summary, "/scenario/name");
  if (page.title.empty()) page.title = "a run of memwall";
  page.subtitle = time_text(rows.duration_s) + " simulated; memwall " + text_at(folder.summary, "/versions/program") +
                  ", digest " + text_at(folder.summary, "/digest");
  for (page::Section section :
       {headline(folder), bottlenecks(folder, rows), latencies(folder, rows), load(rows), cache(folder, rows),
        memories(folder), roofline(folder), slowest(rows), grounds(folder)}) {
    if (!section.blocks.empty()) page.sections.push_back(std::move(section));
  }
  return page;
}

std::vector<std::string> write_report(const std::string& folder) {
  page::require_pages();
  const page::Page page = run_page(open_folder(folder));
  const std::filesystem::path path(folder);
  std::error_code error;
  std::filesystem::create_directories(path / "charts", error);
  std::vector<std::string> written;
  const auto write = [&](const std::filesystem::path& file, const std::string& text) {
    AtomicFile out(file);
    out.append(text);
    out.commit();
    written.push_back(file.string());
  };
  for (const auto& [id, specification] : page::specifications(page)) {
    write(path / "charts" / (id + ".vl.json"), specification);
  }
  write(path / "report.html", page::html(page));
  return written;
}

}  // namespace memwall::tools::report
