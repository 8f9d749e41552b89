# Files that a library carries inside itself. One generated source file a catalogue defines a function of namespace memwall
# that answers all of them, ordered by path; whoever calls it declares it:
#
#   memwall_embed(memwall_hw_models FUNCTION embedded_devices FILES ${json_files})
#   std::span<const EmbeddedFile> embedded_devices();      // sim/base/embedded.hpp
#
# Paths in the answer are relative to the project's root, as faults name them. Editing a file, or adding one to the list,
# makes the source anew. The target must have sources of its own.
set(MEMWALL_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/write_embedded.cmake")

function(memwall_embed target)
  cmake_parse_arguments(ARG "" "FUNCTION" "FILES" ${ARGN})
  if(NOT ARG_FUNCTION OR ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "memwall_embed(${target}) wants FUNCTION name FILES files..., not '${ARGN}'")
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    message(FATAL_ERROR "memwall_embed(${target}): a folder without sources has no library that could carry files")
  endif()

  set(files)
  foreach(file IN LISTS ARG_FILES)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    list(APPEND files "${file}")
  endforeach()
  list(SORT files)
  list(REMOVE_DUPLICATES files)

  # The list goes through a file because a command line has a limit and a catalogue has none.
  set(listing "${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}.list")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}.cpp")
  list(JOIN files "\n" lines)
  file(CONFIGURE OUTPUT "${listing}" CONTENT "${lines}" @ONLY)
  add_custom_command(
    OUTPUT "${source}"
    COMMAND "${CMAKE_COMMAND}" -D "LISTING=${listing}" -D "ROOT=${PROJECT_SOURCE_DIR}" -D "FUNCTION=${ARG_FUNCTION}"
            -D "OUTPUT=${source}" -P "${MEMWALL_EMBED_SCRIPT}"
    DEPENDS ${files} "${listing}" "${MEMWALL_EMBED_SCRIPT}"
    COMMENT "Embedding the files of ${ARG_FUNCTION}()"
    VERBATIM)
  target_sources(${target} PRIVATE "${source}")
endfunction()
