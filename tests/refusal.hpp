// What wrong input is answered with.
#pragma once

#include <functional>
#include <string>

#include "sim/base/error.hpp"

namespace memwall::test {

/// The words of the InputError that the call throws; "accepted" where it throws none.
inline std::string refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace memwall::test
