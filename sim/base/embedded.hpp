// Files that the program carries inside itself, so that its catalogue needs no installation path.
#pragma once

#include <string_view>

namespace memwall {

struct EmbeddedFile {
  std::string_view path;  ///< relative to the project's root, as faults name it
  std::string_view text;
};

}  // namespace memwall
