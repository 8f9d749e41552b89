# Writes the source of memwall_embed: every file as an array of characters. Arrays and not string literals, because
# -Wpedantic of clang refuses literals above 65,536 bytes and no escape of a literal survives every possible content.
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${LISTING}" files)
set(arrays "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  file(READ "${file}" bytes HEX)
  # Lines of 32 bytes, so that editors and debuggers can open the result; a last zero, because an array cannot be empty.
  string(REPEAT "[0-9a-f]" 64 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  file(RELATIVE_PATH path "${ROOT}" "${file}")
  string(APPEND arrays "constexpr char file_${number}[] = {\n${bytes}'\\0'};\n")
  string(APPEND rows "    {R\"path(${path})path\", {file_${number}, sizeof(file_${number}) - 1}},\n")
  math(EXPR number "${number} + 1")
endforeach()

set(table "constexpr std::array<memwall::EmbeddedFile, ${number}> files = {{\n${rows}}};")
if(number EQUAL 0)
  set(table "constexpr std::array<memwall::EmbeddedFile, 0> files = {};")
endif()
file(WRITE "${OUTPUT}.new" "// Made by cmake/write_embedded.cmake; edit the files it was made from.
#include <array>
#include <span>

#include \"sim/base/embedded.hpp\"

namespace {
${arrays}
${table}
}  // namespace

namespace memwall {
std::span<const EmbeddedFile> ${FUNCTION}();
std::span<const EmbeddedFile> ${FUNCTION}() { return files; }
}  // namespace memwall
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
