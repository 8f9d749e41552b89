// memwall accuracy
#include "sim/base/error.hpp"
#include "tools/verbs.hpp"

namespace memwall::tools {

int accuracy_verb(const std::vector<std::string>&) { throw InputError("accuracy: not in this build"); }

}  // namespace memwall::tools
