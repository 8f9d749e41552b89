// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "sim/base/error.hpp"

namespace memwall {

/// Collects a file's content aside and gives it the final name in `commit`, in one step, replacing what had that name.
/// A file that was not committed disappears with its writer.
///
/// Where the file system can (Linux, most local ones), the content has no name at all until then, so that nothing is
/// left even of a process that is interrupted or killed. Elsewhere it is a file beside the final one, whose name ends
/// in
/// ".partial-<process>-<n>"; a process that is killed may leave that behind. In either case the final name holds the
/// whole new content or whatever it held before. After a power failure it may not: nothing is forced to the disk.
///
/// Every member throws InputError with the path and the system's reason where the file cannot be written (no such
/// folder, no permission, disk full).
class AtomicFile {
 public:
  enum class Staging { unnamed_if_possible, named };

  explicit AtomicFile(std::filesystem::path path, Staging staging = Staging::unnamed_if_possible);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Adds bytes at the end. Buffered, so that pieces may be small.
  void append(std::string_view bytes) {
    law(!committed_, "nothing is appended to a file that has its final name");
    if (bytes.size() > capacity - buffer_.size()) return append_slowly(bytes);
    buffer_ += bytes;
  }

  /// Gives the file its name. Nothing may be appended afterwards (LogicError).
  void commit();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr std::size_t capacity = std::size_t{1} << 18;

  void open_unnamed();
  void open_named();
  void append_slowly(std::string_view bytes);
  void write_out(std::string_view bytes);
  void link_unnamed();
  void discard() noexcept;
  std::filesystem::path staging_path(int attempt) const;
  [[noreturn]] void refuse(std::string_view what, int error) const;

  std::filesystem::path path_;
  std::filesystem::path staged_;  ///< the name that the content has for now; empty while it has none
  int descriptor_ = -1;
  bool committed_ = false;
  std::string buffer_;
};

}  // namespace memwall
