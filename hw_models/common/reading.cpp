#include "hw_models/common/reading.hpp"

namespace memwall {

double read_share(Reader& reader, std::string_view key, std::string_view doc) {
  const Sourced<double> read = reader.sourced_number(key, doc);
  if (read.value > 0 && read.value <= 1) return read.value;
  reader.fault(key, "must be a share of the peak, above 0 and at most 1");
  return 1;
}

}  // namespace memwall
