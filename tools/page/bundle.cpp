#include "tools/page/bundle.hpp"

#ifdef MEMWALL_BUNDLE
asm(R"(
  .section .rodata
  .balign 16
memwall_bundle_begin:
  .incbin ")" MEMWALL_BUNDLE R"("
memwall_bundle_end:
  .byte 0
  .text
)");

extern "C" {
extern const char memwall_bundle_begin[] __attribute__((visibility("hidden")));
extern const char memwall_bundle_end[] __attribute__((visibility("hidden")));
}

namespace memwall::tools::page {
std::string_view bundle() {
  return {memwall_bundle_begin, static_cast<std::size_t>(memwall_bundle_end - memwall_bundle_begin)};
}
}  // namespace memwall::tools::page
#else
namespace memwall::tools::page {
std::string_view bundle() { return {}; }
}  // namespace memwall::tools::page
#endif
