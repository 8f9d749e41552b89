// Shows that the headers, the libraries and what they need are found from outside: prices work by a table of two
// pieces.
#include <cstdio>

#include "sim/base/affine.hpp"

int main() {
  const memwall::TimeTable table({{0, 1.0}, {10, 2.0}});
  const memwall::Affine price = table.at(memwall::Affine{5, 1, memwall::Affine::forever});
  const bool right = price.value == 1.5 && price.horizon == 5;
  std::puts(right ? "memwall is found and works" : "memwall gives a wrong price");
  return right ? 0 : 1;
}
