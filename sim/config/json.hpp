// JSON text to a tree that knows the line of everything in it. Stricter than the standard where leniency would hide a
// mistake (duplicate keys, numbers that do not fit); wider in one point: // and /* */ comments are allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memwall::json {

enum class Kind : std::uint8_t { null, boolean, number, text, list, object };

struct Member;

/// A value with the line it begins in. Line 0 is a value that stands in no file: it was set by an override.
struct Node {
  Kind kind = Kind::null;
  int line = 0;
  bool boolean = false;
  double number = 0;                    ///< finite, but for Infinity and NaN in lenient mode
  std::optional<std::int64_t> integer;  ///< the number where it is whole and was written or is held exactly
  std::string text;                     ///< a text, or a number as a message shows it
  std::vector<Node> items;              ///< of a list
  std::vector<Member> members;          ///< of an object, in the order of the file

  /// The value of a member; null where the object has none of that name (or this is no object).
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
};

struct Member {
  std::string key;
  int key_line = 0;
  Node value;
};

/// What a message calls a value: `an object`, `a list`, `"text"`, `64`, `true`, `null`.
[[nodiscard]] std::string describe(const Node& node);

/// `/a/b~1c`: the pointer to a child (RFC 6901, with its escapes ~0 and ~1).
[[nodiscard]] std::string child_pointer(std::string_view parent, std::string_view key);

struct Options {
  std::size_t max_bytes = std::size_t{64} << 20;
  int max_depth = 64;
  /// Accepts the bare words Infinity, -Infinity and NaN as numbers, as Python writes them into Hugging Face files.
  bool lenient = false;
};

struct Tree {
  std::string name;  ///< the file as the user wrote it, for faults
  Node root;
  std::vector<std::string> remarks;  ///< "file:line: ..." of everything that only lenient mode accepts
};

/// Throws InputError with file, line and advice where the text is not one JSON value: empty, truncated, not UTF-8, a
/// key twice in an object, nested deeper or longer than the options allow, a number that double precision cannot hold.
[[nodiscard]] Tree parse(std::string_view text, std::string name, const Options& options = {});

/// The same of a file; throws InputError too where it is missing, a directory or unreadable.
[[nodiscard]] Tree load(const std::filesystem::path& path, const Options& options = {});

}  // namespace memwall::json
