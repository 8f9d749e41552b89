#include "sim/config/json_reader.hpp"

#include "sim/base/error.hpp"
#include "sim/config/json_override.hpp"
#include "sim/config/object_reader.hpp"

namespace memwall {

Document Document::load(const std::filesystem::path& path, const json::Options& options) {
  return Document(json::load(path, options));
}

Document Document::parse(std::string_view text, std::string name, const json::Options& options) {
  return Document(json::parse(text, std::move(name), options));
}

void Document::set(const std::vector<std::string>& edits) { json::apply_overrides(tree_.root, edits); }

ReadOutcome Document::read(const std::function<void(Reader&)>& read) const {
  const json::Node& root = tree_.root;
  if (root.kind != json::Kind::object) {
    throw InputError(
        {Fault{tree_.name, root.line, "", json::describe(root) + " stands where an object {...} is meant"}});
  }
  json::Findings findings{tree_.name, {}, {}};
  json::ObjectReader reader(findings, root, "", false);
  ReadOutcome outcome;
  try {
    read(reader);
    outcome.resolved = reader.finish();
  } catch (const InputError& error) {
    for (Fault fault : error.faults()) {
      if (fault.file.empty()) fault.file = tree_.name;
      findings.faults.push_back(std::move(fault));
    }
  } catch (const LogicError&) {
    // A law that breaks on the neutral values that stand in for faulty ones is the faults' doing.
    if (findings.faults.empty()) throw;
  }
  if (!findings.faults.empty()) throw InputError(std::move(findings).in_order());
  outcome.provenance = std::move(findings.provenance);
  return outcome;
}

std::vector<Provenance> read_document(const std::filesystem::path& path, const std::function<void(Reader&)>& read) {
  return Document::load(path).read(read).provenance;
}

std::vector<Provenance> read_text(std::string_view text, std::string name, const std::function<void(Reader&)>& read) {
  return Document::parse(text, std::move(name)).read(read).provenance;
}

}  // namespace memwall
