#include "workloads/formats/input_file.hpp"

#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <functional>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;
/// zlib cannot shrink anything by more than 1,032 to 1; what grows further, or beyond any trace known, is no trace.
constexpr std::int64_t most_unpacked = std::int64_t{1} << 36;

[[noreturn]] void refuse(const std::string& label, std::string message) {
  throw InputError({Fault{label, 0, "", std::move(message)}});
}

std::size_t read_some(const std::string& label, std::FILE* file, char* into, std::size_t size) {
  const std::size_t got = std::fread(into, 1, size, file);
  if (got < size && std::ferror(file) != 0) refuse(label, "reading fails");
  return got;
}

/// Writes pieces of the unpacked content, and counts them.
class Unpacked {
 public:
  Unpacked(const std::string& label, std::FILE* out) : label_(label), out_(out) {}
  void add(const char* bytes, std::size_t size) {
    total_ += static_cast<std::int64_t>(size);
    if (total_ > most_unpacked) refuse(label_, "unpacks to more than 64 GiB, which no trace is");
    if (std::fwrite(bytes, 1, size, out_) != size) {
      refuse(label_, "cannot be unpacked: the folder of temporary files is full");
    }
  }

 private:
  const std::string& label_;
  std::FILE* out_;
  std::int64_t total_ = 0;
};

void inflate_all(const std::string& label, std::FILE* in, Unpacked& out) {
  z_stream stream{};
  // 15 + 32: the largest window, and the header tells gzip from zlib.
  if (inflateInit2(&stream, 15 + 32) != Z_OK) refuse(label, "cannot be unpacked: no memory");
  struct End {
    z_stream& stream;
    ~End() { inflateEnd(&stream); }
  } end{stream};
  std::vector<char> from(chunk), to(chunk);
  int status = Z_STREAM_END;
  while (true) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(read_some(label, in, from.data(), chunk));
      stream.next_in = reinterpret_cast<Bytef*>(from.data());
      if (stream.avail_in == 0) break;
    }
    // A file may hold several members, one behind the other.
    if (status == Z_STREAM_END && inflateReset(&stream) != Z_OK) refuse(label, "cannot be unpacked");
    stream.avail_out = static_cast<uInt>(chunk);
    stream.next_out = reinterpret_cast<Bytef*>(to.data());
    status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      refuse(label, "is not a whole gzip file; unpack it by hand, or give it the name that its content has");
    }
    out.add(to.data(), chunk - stream.avail_out);
  }
  if (status != Z_STREAM_END) refuse(label, "ends in the middle of its gzip data; it was not copied as a whole");
}

void unzstd_all(const std::string& label, std::FILE* in, Unpacked& out) {
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  if (!stream) refuse(label, "cannot be unpacked: no memory");
  std::vector<char> from(chunk), to(chunk);
  std::size_t left = 0;
  while (const std::size_t got = read_some(label, in, from.data(), chunk)) {
    ZSTD_inBuffer input{from.data(), got, 0};
    bool full = false;
    while (input.pos < input.size || full) {
      ZSTD_outBuffer output{to.data(), to.size(), 0};
      left = ZSTD_decompressStream(stream.get(), &output, &input);
      if (ZSTD_isError(left) != 0) {
        refuse(label, "is not a whole zstd file; unpack it by hand, or give it the name that its content has");
      }
      out.add(to.data(), output.pos);
      full = output.pos == output.size;
    }
  }
  if (left != 0) refuse(label, "ends in the middle of its zstd data; it was not copied as a whole");
}

struct Packing {
  std::string_view ending;
  void (*unpack)(const std::string&, std::FILE*, Unpacked&);
};
constexpr Packing packings[] = {{".gz", inflate_all}, {".zst", unzstd_all}};

}  // namespace

InputFile::Handle InputFile::unpacked(const TraceFile& file, Handle packed) {
  for (const Packing& packing : packings) {
    if (!std::string_view(file.path).ends_with(packing.ending)) continue;
    Handle aside(std::tmpfile());
    if (!aside) refuse(file.label, "cannot be unpacked: no temporary file can be made");
    Unpacked out(file.label, aside.get());
    packing.unpack(file.label, packed.get(), out);
    std::rewind(aside.get());
    return aside;
  }
  return packed;
}

InputFile::InputFile(const TraceFile& file) : label_(file.label) {
  std::error_code error;
  const auto status = std::filesystem::status(file.path, error);
  if (!std::filesystem::exists(status)) refuse(label_, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse(label_, "is a directory; name one trace file in it");
  if (!std::filesystem::is_regular_file(status)) {
    refuse(label_, "is not a regular file; a trace is read twice, so copy the stream to a file first");
  }
  Handle plain(std::fopen(file.path.c_str(), "rb"));
  if (!plain) refuse(label_, "cannot be opened for reading; check its permissions");
  file_ = unpacked(file, std::move(plain));
}

std::size_t InputFile::read(char* into, std::size_t size) { return read_some(label_, file_.get(), into, size); }

void InputFile::seek(std::int64_t offset) {
  if (fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) refuse(label_, "reading fails");
}

std::string plain_name(const TraceFile& file) {
  std::string name = std::filesystem::path(file.path).filename().string();
  for (const Packing& packing : packings) {
    if (name.ends_with(packing.ending)) name.resize(name.size() - packing.ending.size());
  }
  return name;
}

std::string whole_content(const TraceFile& file, std::size_t most) {
  InputFile input(file);
  std::string content;
  while (true) {
    const std::size_t before = content.size();
    content.resize(before + chunk);
    const std::size_t got = input.read(content.data() + before, chunk);
    content.resize(before + got);
    if (got < chunk) return content;
    if (content.size() > most) {
      refuse(file.label, "is longer than " + std::to_string(most >> 20) + " MiB, the most that is read at once");
    }
  }
}

}  // namespace memwall
