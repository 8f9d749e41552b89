// The few facts of a result that later ones are compared with.
#pragma once

#include <map>
#include <string>

namespace memwall::tools {

struct Snapshot {
  std::string program;      ///< version of the program
  std::string scenario;     ///< versions/scenario of the summary
  std::string device_data;  ///< versions/device_data
  std::string digest;
  std::map<std::string, double> tier_seconds;  ///< critical seconds by tier, idle included
};

}  // namespace memwall::tools
