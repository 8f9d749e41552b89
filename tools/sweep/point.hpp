// One point of a sweep: the scenario with edits, simulated or refused; and how that travels between processes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sweep/design.hpp"
#include "tools/work/team.hpp"

namespace memwall::tools::sweep {

/// What all points share.
struct Base {
  std::string path;                 ///< of the scenario, for messages and relative paths
  std::string text;                 ///< of the scenario: what the file held when the sweep began
  std::vector<std::string> search;  ///< folders of --search
  std::vector<std::string> set;     ///< edits before those of the axes
};

struct PointResult {
  enum class Status : std::uint8_t {
    done,
    refused,  ///< the scenario is wrong or does not fit; a result too
    defect    ///< the simulator broke a law of its own
  };
  Status status = Status::done;
  std::string reason;                     ///< why it was refused, or which law broke
  std::string scenario;                   ///< hash of the resolved scenario; empty where nothing ran
  std::string device_data;                ///< hash of the files of devices, links and models
  std::string digest;                     ///< of the run
  std::map<std::string, double> metrics;  ///< every number of summary.json by its pointer
};

[[nodiscard]] std::string_view status_name(PointResult::Status status);

/// A context for point_work().
[[nodiscard]] std::string pack(const Base& base);
/// A task for point_work(): "/json/pointer=value" edits.
[[nodiscard]] std::string pack(const std::vector<std::string>& edits);
/// What point_work() answers.
[[nodiscard]] PointResult unpack_result(const std::string& answer);

/// Simulates points. Wrong scenarios are results and not errors.
[[nodiscard]] Work point_work(const std::string& context);

/// "/json/pointer=value" for each.
[[nodiscard]] std::vector<std::string> edits_of(const Parameters& parameters);

/// Throws InputError with the faults of the first point where no point can be read, which is what a misspelt pointer
/// does to all of them; tries points from all over the sweep when there are many. Whether a model fits its devices is
/// for the points themselves to find.
void require_some_readable(const Base& base, const std::vector<Parameters>& points);

/// The scenario with the edits that all points share, as one JSON text, and its hash.
struct BaseDocument {
  std::string text;
  std::string version;
};
[[nodiscard]] BaseDocument base_document(const Base& base);

}  // namespace memwall::tools::sweep
