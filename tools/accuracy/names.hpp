// What tables of measurements call devices, models, formats and tasks, and what that is in the catalogue.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/hw/precision.hpp"
#include "tools/accuracy/serving_case.hpp"

namespace memwall::accuracy {

struct DeviceName {
  std::string_view measured;
  std::string_view device;        ///< id of the catalogue
  std::string_view interconnect;  ///< between such devices of one machine, id of the catalogue
};

/// Without regard to case; an id of the catalogue names itself. nullptr for devices that the catalogue lacks.
[[nodiscard]] const DeviceName* find_device(std::string_view measured);

/// A model that tables name and the catalogue holds under another name, with equal matrices. These are no aliases of
/// the catalogue: longest position, declared format or vocabulary may differ, which rows of a table state or do not
/// feel.
struct ModelName {
  std::string_view measured;
  std::string_view model;  ///< of the catalogue
};

/// nullptr where the name stands for itself.
[[nodiscard]] const ModelName* find_model_name(std::string_view measured);

/// "bfloat16", "FP8" and the like. Nothing for an unknown format.
[[nodiscard]] std::optional<Precision> find_precision(std::string_view measured);

/// Lengths of a benchmark whose table does not give them.
struct TaskName {
  std::string_view task;  ///< as it occurs in the row's words about its lengths
  int input_tokens;
  Spread spread;  ///< of answers that end naturally
};

/// nullptr where the words name no known task.
[[nodiscard]] const TaskName* find_task(std::string_view lengths);

}  // namespace memwall::accuracy
