// Whether a pool's keys of layout are those of its device.
#pragma once

#include "sim/hw/device.hpp"
#include "sim/scenario/spec.hpp"

namespace memwall {

/// Throws InputError, with what would be right, where a pool asks for a layout, an overlap or a place of weights that
/// its device does not have.
void check_layout(const PoolSpec& spec, const DeviceModel& device);

}  // namespace memwall
