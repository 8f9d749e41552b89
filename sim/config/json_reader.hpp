// The strict reader: memwall::Reader over a JSON document. Collects every fault of the document instead of throwing at
// the first, and refuses the keys that nobody asked for.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/basis.hpp"
#include "sim/base/reader.hpp"
#include "sim/config/json.hpp"

namespace memwall {

/// What reading a document answered.
struct ReadOutcome {
  std::vector<Provenance> provenance;  ///< of everything sourced, in the order of reading
  /// The document with nothing left to default: every declared key with the value that was used, in the order of
  /// declaration. What the file says is kept as it is written, so that reading this again answers the same to the bit;
  /// absent keys have their fallbacks, and those that are absent and have none are left out.
  json::Node resolved;
};

class Document {
 public:
  /// Throw InputError as json::load and json::parse do.
  static Document load(const std::filesystem::path& path, const json::Options& options = {});
  static Document parse(std::string_view text, std::string name, const json::Options& options = {});

  /// Applies `/json/pointer=value` edits in order; throws InputError with the faults of all of them.
  void set(const std::vector<std::string>& edits);

  /// Reads the root object with `read`. Throws InputError with *all* faults of the document, in the order of its lines,
  /// those of values set from outside last. After a fault `read` goes on with fallbacks or neutral values within
  /// bounds, so what it computes then is void: an InputError that it throws joins the faults, and a LogicError counts
  /// only where the document had none.
  ReadOutcome read(const std::function<void(Reader&)>& read) const;

  [[nodiscard]] const json::Tree& tree() const { return tree_; }
  [[nodiscard]] json::Node& root() { return tree_.root; }

 private:
  explicit Document(json::Tree tree) : tree_(std::move(tree)) {}
  json::Tree tree_;
};

/// Loads and reads in one call and answers the provenance; throws as Document does.
std::vector<Provenance> read_document(const std::filesystem::path& path, const std::function<void(Reader&)>& read);
/// The same of a text that is called `name` in faults.
std::vector<Provenance> read_text(std::string_view text, std::string name, const std::function<void(Reader&)>& read);

}  // namespace memwall
