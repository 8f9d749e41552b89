# What a checkout of memwall itself wants and a project around it may want otherwise.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "kind of build" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The compiler cache is found here and not named in the presets, so that they also work where it is not installed.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MEMWALL_CCACHE ccache)
  if(MEMWALL_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MEMWALL_CCACHE})
  endif()
endif()
