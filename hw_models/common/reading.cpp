#include "hw_models/common/reading.hpp"

#include <cmath>

namespace memwall {

double read_share(Reader& reader, std::string_view key, std::string_view doc) {
  const Sourced<double> read = reader.sourced_number(key, doc);
  if (read.value > 0 && read.value <= 1) return read.value;
  reader.fault(key, "must be a share of the peak, above 0 and at most 1");
  return 1;
}

double read_count(Reader& reader, std::string_view key, std::string_view doc) {
  const double count = reader.sourced_number(key, doc).value;
  if (count >= 1 && count == std::floor(count)) return count;
  reader.fault(key, "must be a whole number of at least 1");
  return 1;
}

}  // namespace memwall
