#include <fmt/format.h>

#include <map>
#include <string>

#include "sim/base/basis.hpp"
#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/config/schema.hpp"

namespace memwall {
namespace {

using Kind = Declaration::Kind;

// ---- JSON Schema ----------------------------------------------------------------------------------------------------

void write_json_text(JsonWriter& out, const std::string& json) { out.value(json::parse(json, "schema").root); }

void write_object(JsonWriter& out, const DeclaredObject& object, bool closed);

void write_quantity(JsonWriter& out, Dimension dimension) {
  if (dimension == Dimension{}) {
    out.member("type", "number");
    return;
  }
  out.member("type", "string").member("pattern", units::pattern(dimension));
  out.key("examples").begin_list().value(units::example(dimension)).end_list();
}

template <class Write>
void write_part(JsonWriter& out, std::string_view key, const Write& write) {
  out.key(key).begin_object();
  write();
  out.end_object();
}

void write_sourced(JsonWriter& out, Dimension dimension) {
  out.member("type", "object");
  out.key("properties").begin_object();
  write_part(out, "value", [&] { write_quantity(out, dimension); });
  write_part(out, "basis", [&] {
    out.key("enum").begin_list();
    for (const std::string_view name : basis_names) out.value(name);
    out.end_list();
  });
  write_part(out, "source", [&] { out.member("type", "string").member("minLength", 1); });
  write_part(out, "low", [&] { write_quantity(out, dimension); });
  write_part(out, "high", [&] { write_quantity(out, dimension); });
  out.end_object();
  out.key("required").begin_list().value("value").value("basis").value("source").end_list();
  out.key("dependentRequired").begin_object();
  out.key("low").begin_list().value("high").end_list();
  out.key("high").begin_list().value("low").end_list();
  out.end_object();
  out.member("additionalProperties", false);
}

void write_bounded(JsonWriter& out, std::string_view type, const Declaration& declared) {
  out.member("type", type);
  if (declared.low) {
    out.key("minimum");
    write_json_text(out, *declared.low);
  }
  if (declared.high) {
    out.key("maximum");
    write_json_text(out, *declared.high);
  }
}

template <class Write>
void write_list(JsonWriter& out, const Write& item) {
  out.member("type", "array");
  write_part(out, "items", item);
}

void write_kind(JsonWriter& out, const Declaration& declared) {
  switch (declared.kind) {
    case Kind::integer: return write_bounded(out, "integer", declared);
    case Kind::number: return write_bounded(out, "number", declared);
    case Kind::boolean: out.member("type", "boolean"); return;
    case Kind::text: out.member("type", "string"); return;
    case Kind::choice:
      out.key("enum").begin_list();
      for (const std::string& name : declared.names) out.value(name);
      out.end_list();
      return;
    case Kind::quantity: return write_quantity(out, declared.dimension);
    case Kind::integer_or_object:
      out.key("anyOf").begin_list().begin_object();
      write_bounded(out, "integer", declared);
      out.end_object().begin_object();
      write_object(out, declared.content, true);
      out.end_object().end_list();
      return;
    case Kind::object: return write_object(out, declared.content, true);
    case Kind::list: return write_list(out, [&] { write_object(out, declared.content, true); });
    case Kind::map:
      out.member("type", "object");
      return write_part(out, "additionalProperties", [&] { write_object(out, declared.content, true); });
    case Kind::numbers: return write_list(out, [&] { out.member("type", "number"); });
    case Kind::texts: return write_list(out, [&] { out.member("type", "string"); });
    case Kind::quantities: return write_list(out, [&] { write_quantity(out, declared.dimension); });
    case Kind::sourced: return write_sourced(out, declared.dimension);
  }
}

/// One branch of a tagged union. Where the tag has a default, the default's branch also holds when the tag is absent.
void write_branch(JsonWriter& out, const DeclaredUnion& tagged, std::size_t i) {
  out.begin_object();
  write_part(out, "if", [&] {
    write_part(out, "properties", [&] { write_part(out, tagged.tag, [&] { out.member("const", tagged.names[i]); }); });
    if (tagged.fallback != i) out.key("required").begin_list().value(tagged.tag).end_list();
  });
  write_part(out, "then", [&] { write_object(out, tagged.contents[i], false); });
  out.end_object();
}

/// `closed` objects refuse keys beyond the declared ones. Keys that a union adds are seen by `unevaluatedProperties`
/// only, which is why not every object can have the simpler `additionalProperties`.
void write_object(JsonWriter& out, const DeclaredObject& object, bool closed) {
  out.member("type", "object");
  out.key("properties").begin_object();
  for (const Declaration& declared : object.keys) {
    write_part(out, declared.key, [&] {
      if (!declared.doc.empty()) out.member("description", declared.doc);
      write_kind(out, declared);
      if (declared.fallback) {
        out.key("default");
        write_json_text(out, *declared.fallback);
      }
    });
  }
  out.end_object();
  bool any_required = false;
  for (const Declaration& declared : object.keys) {
    if (!declared.required) continue;
    if (!any_required) out.key("required").begin_list();
    any_required = true;
    out.value(declared.key);
  }
  if (any_required) out.end_list();
  if (!object.unions.empty()) {
    out.key("allOf").begin_list();
    for (const DeclaredUnion& tagged : object.unions) {
      for (std::size_t i = 0; i < tagged.names.size(); ++i) write_branch(out, tagged, i);
    }
    out.end_list();
  }
  if (closed) out.member(object.unions.empty() ? "additionalProperties" : "unevaluatedProperties", false);
}

// ---- Markdown -------------------------------------------------------------------------------------------------------

/// A table cell: a stroke would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string bounds(const Declaration& declared) {
  if (declared.low && declared.high) return fmt::format(", {}..{}", *declared.low, *declared.high);
  if (declared.low) return fmt::format(", at least {}", *declared.low);
  if (declared.high) return fmt::format(", at most {}", *declared.high);
  return {};
}

std::string with_unit(Dimension dimension) {
  return dimension == Dimension{} ? "number" : fmt::format("text with unit, as `\"{}\"`", units::example(dimension));
}

std::string type_of(const Declaration& declared) {
  switch (declared.kind) {
    case Kind::integer: return "whole number" + bounds(declared);
    case Kind::number: return "number" + bounds(declared);
    case Kind::boolean: return "true or false";
    case Kind::text: return "text";
    case Kind::choice: return "`" + fmt::format("{}", fmt::join(declared.names, "`, `")) + "`";
    case Kind::quantity: return with_unit(declared.dimension);
    case Kind::integer_or_object: return "whole number" + bounds(declared) + ", or object, see below";
    case Kind::object: return "object, see below";
    case Kind::list: return "list of objects, see below";
    case Kind::map: return "object with a member for each name, see below";
    case Kind::numbers: return "list of numbers";
    case Kind::texts: return "list of texts";
    case Kind::quantities: return "list: " + with_unit(declared.dimension);
    case Kind::sourced: return "`{value, basis, source}`: " + with_unit(declared.dimension);
  }
  throw LogicError("a declaration has a known kind");
}

std::string meaning_of(const Declaration& declared) {
  std::string out = declared.doc;
  for (std::size_t i = 0; i < declared.names.size(); ++i) {
    if (declared.name_docs[i].empty()) continue;
    out += fmt::format("{}`{}`: {}", out.empty() ? "" : "; ", declared.names[i], declared.name_docs[i]);
  }
  return out;
}

std::string child_path(const std::string& path, const Declaration& declared) {
  std::string out = path.empty() ? declared.key : path + "." + declared.key;
  if (declared.kind == Kind::list) out += "[]";
  if (declared.kind == Kind::map) out += ".<name>";
  return out;
}

bool has_content(Kind kind) {
  return kind == Kind::object || kind == Kind::list || kind == Kind::map || kind == Kind::integer_or_object;
}

/// Sections of keys, one under the other. Objects that have been told are referred to and not told again.
class Sections {
 public:
  /// `told` is where known objects are noted, by what their sections say; without it each is told in full.
  explicit Sections(std::map<std::string, std::string>* told) : told_(told) {}

  void add(const std::string& heading, const std::string& path, const DeclaredObject& object) {
    text_ += fmt::format("{}## {}\n\n", text_.empty() ? "" : "\n", heading);
    if (object.keys.empty()) {
      text_ += "No further keys.\n";
    } else {
      text_ += "| key | type | default | meaning |\n|---|---|---|---|\n";
    }
    for (const Declaration& declared : object.keys) {
      std::string otherwise = declared.required ? "required" : "none";
      if (declared.fallback) otherwise = "`" + *declared.fallback + "`";
      text_ += fmt::format("| `{}` | {} | {} | {} |\n", declared.key, cell(type_of(declared)), cell(otherwise),
                           cell(meaning_of(declared)));
    }
    for (const DeclaredUnion& tagged : object.unions) {
      for (std::size_t i = 0; i < tagged.names.size(); ++i) {
        if (tagged.contents[i].keys.empty()) continue;
        const std::string where = path.empty() ? "" : fmt::format("`{}` ", path);
        add(fmt::format("{}with `{}` = `{}`", where, tagged.tag, tagged.names[i]), path, tagged.contents[i]);
      }
    }
    for (const Declaration& declared : object.keys) {
      if (has_content(declared.kind)) add_child(child_path(path, declared), declared.content);
    }
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add_child(const std::string& path, const DeclaredObject& object) {
    if (told_ != nullptr) {
      Sections alone(nullptr);
      alone.add("", "", object);
      const auto [known, is_new] = told_->emplace(alone.text(), path);
      if (!is_new) {
        text_ += fmt::format("\n## `{}`\n\nThe keys of `{}`.\n", path, known->second);
        return;
      }
    }
    add("`" + path + "`", path, object);
  }

  std::map<std::string, std::string>* told_;
  std::string text_;
};

}  // namespace

std::string Schema::json(std::string_view title) const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.member("$schema", "https://json-schema.org/draft/2020-12/schema").member("title", title);
  write_object(writer, root_, true);
  writer.end_object().finish();
  return out;
}

std::string Schema::markdown() const {
  std::map<std::string, std::string> told;
  Sections sections(&told);
  sections.add("The file", "", root_);
  return sections.text();
}

}  // namespace memwall
