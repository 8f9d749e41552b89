// What a generated request is like, apart from when it arrives.
#pragma once

#include <cstdint>

#include "sim/serve/request.hpp"
#include "workloads/generators/lengths.hpp"
#include "workloads/generators/prefix_groups.hpp"
#include "workloads/stop_rule.hpp"

namespace memwall {

struct RequestShape {
  Lengths lengths;  ///< prompts without their shared prefixes
  PrefixGroups prefix;
  StopRule stop;
};

/// Makes requests by their number: their draws depend on the seed and stream of the key and on that number alone.
class RequestMaker {
 public:
  /// Throws InputError for lengths that are impossible.
  RequestMaker(RequestShape shape, const DrawKey& key)
      : shape_(std::move(shape)), prefixes_(shape_.prefix, key), key_(key) {
    (void)make(0, Time{});
    capped_ = 0;
  }

  [[nodiscard]] Request make(std::int64_t number, Time arrival) {
    DrawKey key = key_;
    key.request = static_cast<std::uint64_t>(number);
    Request request;
    request.arrival = arrival;
    const DrawnLengths lengths = draw_lengths(shape_.lengths, key);
    request.input_tokens = lengths.input;
    if (prefixes_.shares_tokens()) begin_with(prefixes_.pick(key.request), request);
    if (shape_.stop.apply(lengths.output, request)) ++capped_;
    return request;
  }

  [[nodiscard]] bool shares_tokens() const { return prefixes_.shares_tokens(); }
  /// Answers that the engine's cap ended before their own end.
  [[nodiscard]] std::int64_t capped() const { return capped_; }

 private:
  static void begin_with(const Prefix& prefix, Request& request) {
    if (prefix.group < 0) return;
    request.prompt = {prefix.range};
    request.input_tokens += prefix.range.end;
  }

  RequestShape shape_;
  PrefixPicker prefixes_;
  DrawKey key_;
  std::int64_t capped_ = 0;
};

}  // namespace memwall
