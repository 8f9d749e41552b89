// Whether bytes are UTF-8, as RFC 3629 defines it.
#pragma once

#include <cstddef>
#include <string_view>

namespace memwall {

/// Offset of the first byte that is not part of well-formed UTF-8 (overlong forms, surrogates and code points above
/// U+10FFFF are not); the length of the text where all of it is.
[[nodiscard]] std::size_t first_non_utf8(std::string_view text);

}  // namespace memwall
