// One number of a scenario's machine that can be turned: a price, a limit of power, a factor on what the device is.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/compare/sheet.hpp"

namespace memwall::tools::compare {

struct Knob {
  std::string name;  ///< "price", "power" or a key of `what_if`
  double low = 0;    ///< the range in which it is turned, both ends above zero
  double high = 0;
  std::optional<double> now;  ///< what the scenario has; absent: it says nothing
  std::function<Sheet(const Sheet&, double)> turn;
  std::function<std::string(double)> text;  ///< a value of it as people say it
};

/// The knob that `name` stands for on a sheet whose pools are all on one device: `price` (USD/h of one device), `power`
/// (W of one device, up to its board power), `bandwidth` (of the memory that limits it), `capacity`, or a key of
/// `what_if`, as factors from 1/16 to 16 on what its file says. Throws InputError for an unknown name, with the known
/// ones, and for a sheet that has not got such a knob.
[[nodiscard]] Knob knob_called(const std::string& name, const Sheet& sheet, const Catalogue& catalogue);

}  // namespace memwall::tools::compare
