# The page of reports: our own style and script, and the libraries that draw its charts, which npm brings at build time
# through a lock file. Without npm the program is built all the same and says that it cannot make pages.
option(MEMWALL_PAGE "carry the libraries of the HTML pages (needs npm)" ON)

file(GLOB page_files CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/web/page.*")
memwall_embed(memwall_page FUNCTION page_files FILES ${page_files})

find_program(MEMWALL_NPM npm)
if(MEMWALL_PAGE AND NOT MEMWALL_NPM)
  message(STATUS "npm is missing: memwall is built without its HTML pages (Debian packages nodejs and npm)")
elseif(MEMWALL_PAGE)
  set(web "${CMAKE_CURRENT_BINARY_DIR}/web")
  set(bundle "${web}/bundle.js")
  set(from "${CMAKE_CURRENT_LIST_DIR}/web")
  add_custom_command(
    OUTPUT "${bundle}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${web}"
    COMMAND "${CMAKE_COMMAND}" -E copy "${from}/package.json" "${from}/package-lock.json" "${web}"
    COMMAND "${CMAKE_COMMAND}" -E chdir "${web}" "${MEMWALL_NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -D "MODULES=${web}/node_modules" -D "OUTPUT=${bundle}" -P "${from}/bundle.cmake"
    DEPENDS "${from}/package.json" "${from}/package-lock.json" "${from}/bundle.cmake"
    COMMENT "Fetching the libraries of the HTML pages (npm ci); -D MEMWALL_PAGE=OFF leaves them out"
    VERBATIM)
  # The assembler reads the file, which takes no time; a literal of that size takes the compiler seconds.
  set_source_files_properties("${CMAKE_CURRENT_LIST_DIR}/bundle.cpp" PROPERTIES
    OBJECT_DEPENDS "${bundle}" COMPILE_DEFINITIONS "MEMWALL_BUNDLE=\"${bundle}\"")
endif()
