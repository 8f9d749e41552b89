# Flags that every target of ours has. -ffp-contract=off is what makes results equal to the bit across instruction sets:
# contraction to fused multiply-add changes the last digit of a sum of products.
option(MEMWALL_WERROR "treat warnings as errors" OFF)
set(MEMWALL_SANITIZE "" CACHE STRING "sanitizers, e.g. address,undefined")

function(memwall_flags target)
  target_compile_options(${target} PRIVATE -ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion
                                           -Wshadow)
  # g++ 12 warns falsely about "a" + std::string() when it optimises (GCC bug 105329).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  if(MEMWALL_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(MEMWALL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${MEMWALL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${MEMWALL_SANITIZE})
  endif()
endfunction()
