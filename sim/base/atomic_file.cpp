#include "sim/base/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace memwall {
namespace {

// Ours alone: another process has another number in its names, and a stale file of an equal number is skipped.
constexpr int most_attempts = 1000;
constexpr mode_t permissions = 0666;  // less the user's umask, as for any file that a program makes

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path, Staging staging) : path_(std::move(path)) {
  // Found out now and not after hours of simulation, when the file gets its name.
  std::error_code ignored;
  if (path_.filename().empty() || std::filesystem::is_directory(path_, ignored)) refuse("cannot be written", EISDIR);
  buffer_.reserve(capacity);
  if (staging == Staging::unnamed_if_possible) open_unnamed();
  if (descriptor_ < 0) open_named();
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::open_unnamed() {
#ifdef O_TMPFILE
  descriptor_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, permissions);
#endif
}

void AtomicFile::open_named() {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const std::filesystem::path name = staging_path(attempt);
    descriptor_ = ::open(name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, permissions);
    if (descriptor_ >= 0) {
      staged_ = name;
      return;
    }
    if (errno != EEXIST) break;
  }
  refuse("cannot be written", errno);
}

void AtomicFile::append_slowly(std::string_view bytes) {
  write_out(buffer_);
  buffer_.clear();
  if (bytes.size() < capacity) {
    buffer_ += bytes;
  } else {
    write_out(bytes);
  }
}

void AtomicFile::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse("cannot be written to its end", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  law(!committed_, "a file gets its final name once");
  write_out(buffer_);
  buffer_.clear();
  if (staged_.empty()) link_unnamed();
  // Network file systems report a full disk only when the file is closed.
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) refuse("cannot be written to its end", errno);
  if (::rename(staged_.c_str(), path_.c_str()) != 0) refuse("cannot get its final name", errno);
  staged_.clear();
  committed_ = true;
}

/// A link cannot replace a file, so the content gets a passing name first and is renamed.
void AtomicFile::link_unnamed() {
  const std::string source = "/proc/self/fd/" + std::to_string(descriptor_);
  int error = EEXIST;
  for (int attempt = 0; attempt < most_attempts && error == EEXIST; ++attempt) {
    const std::filesystem::path name = staging_path(attempt);
    if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      staged_ = name;
      return;
    }
    error = errno;
  }
  refuse("cannot get its final name", error);
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!staged_.empty()) ::unlink(staged_.c_str());
}

std::filesystem::path AtomicFile::staging_path(int attempt) const {
  return path_.string() + ".partial-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
}

void AtomicFile::refuse(std::string_view what, int error) const {
  const std::string reason = std::generic_category().message(error);
  throw InputError(
      {Fault{path_.string(), 0, "",
             std::string(what) + " (" + reason + "); check the folder, its permissions and its free space"}});
}

}  // namespace memwall
