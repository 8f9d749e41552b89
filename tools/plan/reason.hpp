// Why a candidate is not the plan, and what would make it one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace memwall::tools::plan {

/// In the order in which they are found out: what is known without a run first.
enum class Reason : std::uint8_t {
  none,        ///< it is the plan
  refused,     ///< its device cannot run the model
  link,        ///< no links join so many devices
  memory,      ///< the model and one sequence do not fit
  price,       ///< nobody says what a device costs
  tpot,        ///< time between tokens
  ttft,        ///< time to the first token
  throughput,  ///< more arrives than it can serve, or some requests are never served
  e2e,         ///< time of whole requests
  queue,       ///< time before they are scheduled
  attainment,  ///< too few of the requests are good
  power,       ///< draws more than there is
  budget,      ///< costs more than there is
  devices,     ///< wants more devices than allowed
  dearer,      ///< meets everything, or might, and costs more
};

inline constexpr std::array<std::string_view, 15> reason_names = {
    "plan", "refused", "link",       "memory", "price",  "TPOT",    "TTFT",  "throughput",
    "E2E",  "queue",   "attainment", "power",  "budget", "devices", "dearer"};
constexpr std::string_view name(Reason reason) { return reason_names[static_cast<std::size_t>(reason)]; }

struct Rejection {
  Reason reason = Reason::none;
  std::string text;    ///< with numbers
  std::string change;  ///< the nearest one that would help; empty where none is known
};

}  // namespace memwall::tools::plan
