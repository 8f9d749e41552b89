// The models that the program knows by name.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/embedded.hpp"
#include "sim/llm/model.hpp"

namespace memwall {

/// Model files by the name that scenarios use. A file ".../ORG__NAME.json" is the model "ORG/NAME"; the file
/// ".../aliases.json" maps further names to those. The texts must outlive the catalogue; files are read when asked for.
class ModelCatalogue {
 public:
  /// Throws InputError when the table of aliases is wrong or an alias leads to no model.
  explicit ModelCatalogue(std::span<const EmbeddedFile> files);

  /// The model called `name`: a name of the catalogue, an alias, or a path that ends in ".json". A relative path is
  /// looked for in each of `directories` in turn ("" is the working directory). Throws InputError with the nearest
  /// names for an unknown one, with the places searched for a missing file, and with the faults of a wrong file.
  [[nodiscard]] ModelShape find(std::string_view name, std::span<const std::string> directories = {}) const;

  /// The text of the file that such a name stands for; throws InputError as `find` does.
  [[nodiscard]] std::string text(std::string_view name, std::span<const std::string> directories = {}) const;

  /// Names without aliases, in alphabetical order.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const std::map<std::string, std::string>& aliases() const { return aliases_; }

 private:
  /// The name without its alias.
  [[nodiscard]] std::string unaliased(std::string_view name) const;
  [[noreturn]] void refuse(std::string_view name) const;

  std::map<std::string, EmbeddedFile> files_;
  std::map<std::string, std::string> aliases_;
};

}  // namespace memwall
