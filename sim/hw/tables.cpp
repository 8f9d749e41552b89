#include "sim/hw/tables.hpp"

namespace memwall {
namespace {

constexpr std::size_t most_knots = 20;

template <class Change>
TimeTable changed(const TimeTable& table, Change change) {
  std::vector<Knot> knots(table.knots().begin(), table.knots().end());
  for (Knot& knot : knots) knot.seconds = change(knot.seconds);
  return TimeTable(std::move(knots));
}

}  // namespace

TimeTable join_table(Reader& reader, std::string_view work_key, const std::vector<double>& work,
                     std::string_view time_key, const std::vector<Seconds>& time) {
  const TimeTable nothing({{0, 0}});
  if (work.size() != time.size()) {
    reader.fault(time_key, "holds " + std::to_string(time.size()) + " times for " + std::to_string(work.size()) +
                               " amounts of work; one for each is needed");
    return nothing;
  }
  if (work.size() < 2 || work.size() > most_knots) {
    reader.fault(work_key, "holds " + std::to_string(work.size()) + " knots; a table needs 2 to 20 of them");
    return nothing;
  }
  if (work.front() != 0) {
    reader.fault(work_key, "must start at zero work, whose time is the fixed part");
    return nothing;
  }
  std::vector<Knot> knots;
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (i > 0 && !(work[i] > work[i - 1])) {
      reader.fault(work_key,
                   "must rise from knot to knot, but entry " + std::to_string(i) + " (counted from 0) does not");
      return nothing;
    }
    knots.push_back({work[i], time[i].value});
  }
  return TimeTable(std::move(knots));
}

Seconds fixed_time(const TimeTable& table) { return {table.at(0.0)}; }

TimeTable above_floor(const TimeTable& table) {
  return changed(table, [base = fixed_time(table).value](double seconds) { return seconds - base; });
}

TimeTable scaled(const TimeTable& table, double factor) {
  return changed(table, [factor](double seconds) { return seconds * factor; });
}

}  // namespace memwall
