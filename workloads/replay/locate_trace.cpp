#include <algorithm>
#include <filesystem>

#include "sim/base/error.hpp"
#include "workloads/replay/trace_source.hpp"

namespace memwall {

TraceFile locate_trace(const std::string& path, const SourceContext& context) {
  namespace fs = std::filesystem;
  std::vector<fs::path> places;
  if (fs::path(path).is_absolute()) {
    places.emplace_back(path);
  } else {
    places.push_back(fs::path(context.base_directory) / path);
    for (const std::string& folder : context.search) {
      const fs::path place = fs::path(folder) / path;
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    }
  }
  std::string looked_at;
  for (const fs::path& place : places) {
    std::error_code error;
    if (fs::exists(place, error)) return {place.string(), path};
    looked_at += (looked_at.empty() ? "" : ", ") + place.lexically_normal().string();
  }
  throw InputError({Fault{path, 0, "", "there is no such trace file; looked at " + looked_at}});
}

}  // namespace memwall
