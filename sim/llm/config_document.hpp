// A model's configuration file as a tolerant document: unknown keys are ignored, and whatever is asked for and is wrong
// becomes a fault with file, line and key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.hpp"

namespace memwall {

/// Multimodal files keep the language model under "text_config" and some of its keys beside it, so every look-up tries
/// "text_config" first and the top level second. A key may be a path, with places in lists as numbers:
/// "quantization_config/quant_method", "block_configs/3/ffn". A null value counts as absent, as it does for the library
/// that writes these files.
class ConfigDocument {
 public:
  /// Accepts the bare words Infinity, -Infinity and NaN, which are not JSON but occur in published files. Throws
  /// InputError when the text is not a JSON object otherwise.
  ConfigDocument(std::string path, std::string_view text);
  ~ConfigDocument();
  ConfigDocument(const ConfigDocument&) = delete;
  ConfigDocument& operator=(const ConfigDocument&) = delete;

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool is_list(std::string_view key) const;
  /// Entries of a list; 0 when it is none.
  [[nodiscard]] std::size_t length(std::string_view key) const;
  /// Whether the file holds Infinity or NaN.
  [[nodiscard]] bool bare_words() const { return bare_words_; }

  /// A whole number in [low, high]. Absent: the fallback, and without one a fault (answering `low`).
  std::int64_t integer(std::string_view key, std::optional<std::int64_t> fallback, std::int64_t low, std::int64_t high);
  /// Required, in [low, high].
  double number(std::string_view key, double low, double high);
  bool boolean(std::string_view key, bool fallback);
  std::string text(std::string_view key, std::string_view fallback);
  /// Lists; empty when absent.
  std::vector<std::int64_t> integers(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  /// The members of the top-level object whose values are texts, in the order of their names; a fault for other values.
  std::map<std::string, std::string> text_members();

  /// Sets a key that the file lacks, as if it stood at the top level.
  void supply(std::string_view key, std::int64_t value);

  void fault(std::string_view key, std::string message);
  [[nodiscard]] bool faulty() const { return !faults_.empty(); }
  /// Throws InputError with every fault collected so far, if there is one.
  void throw_if_faulty() const;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Tree;

  std::string path_;
  std::string text_;
  std::unique_ptr<Tree> tree_;
  std::vector<Fault> faults_;
  bool bare_words_ = false;
};

}  // namespace memwall
