# Installs the floors as memwall::base, memwall::scenario and so on for find_package(memwall), their headers, the program
# and the catalogue's files (which the libraries also carry inside; on disk they serve as examples).
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/memwall)

get_property(floors GLOBAL PROPERTY MEMWALL_FLOORS)
install(TARGETS ${floors} EXPORT memwall)
install(EXPORT memwall NAMESPACE memwall:: FILE memwallTargets.cmake DESTINATION ${package_folder})
if(TARGET memwall)
  install(TARGETS memwall)
endif()
install(DIRECTORY sim hw_models workloads DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/memwall FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY hw_models workloads scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/memwall
        FILES_MATCHING PATTERN "*.json" PATTERN "*.csv" PATTERN "*.jsonl")
install(FILES LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

# A static library needs its private libraries again when a program is linked against it. Which ones is known from
# add_floor, so that the package never asks for too little when a floor begins to use another library.
get_property(libraries GLOBAL PROPERTY MEMWALL_PRIVATE_LIBRARIES)
set(packages)
set(boost_parts)
foreach(library IN LISTS libraries)
  string(REGEX REPLACE "::.*" "" package "${library}")
  string(REGEX REPLACE ".*::" "" part "${library}")
  list(APPEND packages ${package})
  if(package STREQUAL "Boost" AND NOT part MATCHES "^(boost|headers)$")
    list(APPEND boost_parts ${part})
  endif()
endforeach()
list(REMOVE_DUPLICATES packages)
list(REMOVE_DUPLICATES boost_parts)
set(MEMWALL_DEPENDENCIES "")
foreach(package IN LISTS packages)
  if(package STREQUAL "Boost" AND boost_parts)
    list(JOIN boost_parts " " parts)
    string(APPEND MEMWALL_DEPENDENCIES "find_dependency(Boost CONFIG COMPONENTS ${parts})\n")
  else()
    string(APPEND MEMWALL_DEPENDENCIES "find_dependency(${package})\n")
  endif()
endforeach()

configure_package_config_file(cmake/memwallConfig.cmake.in ${PROJECT_BINARY_DIR}/memwallConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
# Before 1.0 a minor version may change an interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/memwallConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/memwallConfig.cmake ${PROJECT_BINARY_DIR}/memwallConfigVersion.cmake
        DESTINATION ${package_folder})
