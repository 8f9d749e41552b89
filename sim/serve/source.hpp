// Where requests come from, as the cluster sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/reader.hpp"
#include "sim/base/time.hpp"
#include "sim/metrics/record.hpp"
#include "sim/serve/request.hpp"

namespace memwall {

/// What a source has to say about itself when the run is over, for the report.
struct SourceNotes {
  std::int64_t rows_read = 0;
  std::int64_t rows_kept = 0;
  std::map<std::string, std::int64_t> dropped;    ///< reason -> rows
  std::map<std::string, std::string> first_drop;  ///< reason -> "file:line" of the first row dropped for it
  std::map<std::string, std::int64_t> warnings;   ///< what was odd but kept -> rows
  std::vector<std::string> remarks;               ///< sentences (unsorted rows, binned arrivals, ...)
};

/// How a request ended, as its client sees it.
struct Ending {
  Time when;
  Status status = Status::completed;
  std::int64_t output_tokens = 0;  ///< that had been generated
};

/// A lazy stream of requests in order of arrival. Memory does not grow with its length.
class RequestSource {
 public:
  virtual ~RequestSource() = default;

  /// Arrival of the next request; Time::never() when none is known now (a closed loop waits for a completion).
  [[nodiscard]] virtual Time next_arrival() const = 0;
  /// Takes that request. Its `arrival` equals what `next_arrival` said.
  virtual Request pop() = 0;
  /// Tells that a request of this source ended at `now` (whatever its status). May bring up a next arrival >= now.
  virtual void ended(const Request& request, Time now) = 0;
  /// The same for sources to which more matters than the moment. This is the one that the cluster calls.
  virtual void ended_as(const Request& request, const Ending& ending) { ended(request, ending.when); }
  /// Whether it may cancel requests, all of which then have tickets of their own.
  [[nodiscard]] virtual bool cancels() const { return false; }
  /// Tickets of requests under way that it no longer wants, asked for after each ending. They are cancelled at that
  /// instant, after all results that fall on it; one whose result is among those has completed all the same.
  [[nodiscard]] virtual std::vector<std::int64_t> take_cancelled() { return {}; }
  /// True when every request of this source has been taken and none will follow.
  [[nodiscard]] virtual bool exhausted() const = 0;
  /// Whether its requests may have prompt tokens in common. Where no source's have, engines need not tell blocks apart.
  [[nodiscard]] virtual bool shares_tokens() const = 0;
  /// Whether some of its requests wait for the end of earlier ones. Then its rate follows the service and is no load.
  [[nodiscard]] virtual bool closed_loop() const { return false; }
  /// What the labels of its requests stand for. Known when the source is open, and the same ever after.
  [[nodiscard]] virtual LabelNames names() const { return {}; }
  [[nodiscard]] virtual SourceNotes notes() const = 0;
};

/// What a source needs beside its own keys.
struct SourceContext {
  std::uint64_t seed = 1;
  std::int32_t workload = 0;        ///< position in the scenario; keys its random draws and streams
  std::string base_directory;       ///< paths in the keys resolve against it
  std::vector<std::string> search;  ///< then against these
};

/// One row of the table of request sources. Reading the keys and opening the source are two steps, because a scenario
/// with faults must name all of them before anything is opened.
struct SourceKind {
  std::string_view name;
  std::string_view summary;
  /// Reads this kind's keys; the returned function opens the source and throws InputError when the data is unusable.
  std::function<std::unique_ptr<RequestSource>(const SourceContext&)> (*read)(Reader& reader);
};

}  // namespace memwall
