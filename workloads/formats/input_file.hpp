// The bytes of a trace, whether the file is plain or compressed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace memwall {

/// A file of the user: where it is, and how faults name it.
struct TraceFile {
  std::string path;   ///< to open
  std::string label;  ///< as the user wrote it

  /// "file:line" as faults and notes show it.
  [[nodiscard]] std::string at(std::int64_t line) const { return label + ":" + std::to_string(line); }
};

/// A regular file for reading at any offset. A name that ends in ".gz" or ".zst" is read through zlib or libzstd: its
/// content is unpacked once to a file without a name, because rows are read again out of order.
class InputFile {
 public:
  /// Throws InputError when it is missing, a directory, not a regular file, unreadable, or not what its ending says.
  explicit InputFile(const TraceFile& file);

  /// Bytes read into `into`: `size` of them, or fewer at the end. Throws InputError where reading fails.
  [[nodiscard]] std::size_t read(char* into, std::size_t size);
  void seek(std::int64_t offset);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using Handle = std::unique_ptr<std::FILE, Close>;
  static Handle unpacked(const TraceFile& file, Handle packed);

  std::string label_;
  Handle file_;
};

/// The file's name without ".gz" or ".zst", and without folders.
[[nodiscard]] std::string plain_name(const TraceFile& file);

/// The whole content. Throws InputError as InputFile does, and for more than `most` bytes.
[[nodiscard]] std::string whole_content(const TraceFile& file, std::size_t most);

}  // namespace memwall
