#include "workloads/formats/line_reader.hpp"

#include <algorithm>
#include <cstring>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

[[noreturn]] void refuse(const TraceFile& file, int line, std::string message) {
  throw InputError({Fault{file.label, line, "", std::move(message)}});
}

/// Bytes read at once: few after a jump, because the next row of an unsorted file may need another one, and twice as
/// many each time that reading goes on.
constexpr std::size_t smallest_chunk = std::size_t{2} << 10;
constexpr std::size_t largest_chunk = std::size_t{64} << 10;

}  // namespace

LineReader::LineReader(TraceFile file)
    : file_(std::move(file)), input_(file_), buffer_(2 * largest_chunk + padding), chunk_(largest_chunk) {
  refill();
  if (end_ == 0) refuse(file_, 0, "is empty; a trace needs at least one request");
  if (end_ >= 3 && std::memcmp(buffer_.data(), "\xef\xbb\xbf", 3) == 0) begin_ = 3;
}

void LineReader::refill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  buffer_offset_ += static_cast<std::int64_t>(begin_);
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < end_ + chunk_ + padding) buffer_.resize(2 * buffer_.size());
  const std::size_t got = input_.read(buffer_.data() + end_, chunk_);
  end_ += got;
  at_end_ = got < chunk_;
  chunk_ = std::min(2 * chunk_, largest_chunk);
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  const void* found = nullptr;
  while ((found = std::memchr(buffer_.data() + begin_ + searched, '\n', end_ - begin_ - searched)) == nullptr) {
    searched = end_ - begin_;
    if (at_end_ || searched > line_limit) break;
    refill();
  }
  const char* start = buffer_.data() + begin_;
  const std::size_t length =
      found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - start) : searched;
  if (found == nullptr && length == 0) return false;
  ++line_number_;
  if (length > line_limit) {
    refuse(file_, static_cast<int>(line_number_),
           "is longer than 1 MiB, which no row of a trace is; check that the file is a text file of this format");
  }
  line_offset_ = buffer_offset_ + static_cast<std::int64_t>(begin_);
  begin_ += length + (found != nullptr ? 1 : 0);
  line = {start, length};
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

void LineReader::seek(std::int64_t offset, std::int64_t line_number) {
  line_number_ = line_number - 1;
  if (offset >= buffer_offset_ && offset < buffer_offset_ + static_cast<std::int64_t>(end_)) {
    begin_ = static_cast<std::size_t>(offset - buffer_offset_);
    return;
  }
  input_.seek(offset);
  buffer_offset_ = offset;
  begin_ = end_ = 0;
  chunk_ = smallest_chunk;
  refill();
}

}  // namespace memwall
