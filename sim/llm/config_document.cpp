#include "sim/llm/config_document.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

namespace memwall {
namespace {

using Json = nlohmann::json;

int line_of(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

/// Replaces the bare words by null of the same length, so that positions and lines stay. A null is an absent value to
/// all readers, which suits bounds that are infinite; words inside strings are left alone.
std::string without_bare_words(std::string_view text, bool& found) {
  std::string out(text);
  bool inside_string = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\\' && inside_string) {
      ++i;
    } else if (out[i] == '"') {
      inside_string = !inside_string;
    } else if (!inside_string) {
      for (const std::string_view word : {std::string_view("-Infinity"), std::string_view("Infinity")}) {
        if (out.compare(i, word.size(), word) == 0) {
          out.replace(i, word.size(), std::string("null") + std::string(word.size() - 4, ' '));
          found = true;
        }
      }
      if (out.compare(i, 3, "NaN") == 0) {
        out.replace(i, 3, "null");
        found = true;
      }
    }
  }
  return out;
}

const Json* descend(const Json& from, std::string_view path) {
  const Json* node = &from;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view key = path.substr(0, slash);
    if (node->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
      if (error != std::errc() || end != key.data() + key.size() || index >= node->size()) return nullptr;
      node = &(*node)[index];
    } else {
      if (!node->is_object()) return nullptr;
      const auto found = node->find(key);
      if (found == node->end()) return nullptr;
      node = &*found;
    }
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return node;
}

}  // namespace

struct ConfigDocument::Tree {
  Json top;

  [[nodiscard]] const Json* find(std::string_view key) const {
    const Json* found = nullptr;
    if (const Json* inner = descend(top, "text_config"); inner != nullptr) found = descend(*inner, key);
    if (found == nullptr) found = descend(top, key);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
};

ConfigDocument::ConfigDocument(std::string path, std::string_view text)
    : path_(std::move(path)), text_(text), tree_(std::make_unique<Tree>()) {
  Fault fault;
  fault.file = path_;
  try {
    tree_->top = Json::parse(without_bare_words(text, bare_words_));
  } catch (const Json::parse_error& error) {
    fault.line = line_of(text_, error.byte);
    fault.message = "is not JSON here; a model is described by a config.json object";
    throw InputError({fault});
  } catch (const Json::exception&) {
    fault.message = "holds a number that JSON readers cannot represent; a model is described by a config.json object";
    throw InputError({fault});
  }
  if (!tree_->top.is_object()) {
    fault.message = "is not a JSON object; a model is described by a config.json object";
    throw InputError({fault});
  }
}

ConfigDocument::~ConfigDocument() = default;

bool ConfigDocument::has(std::string_view key) const { return tree_->find(key) != nullptr; }

bool ConfigDocument::is_list(std::string_view key) const {
  const Json* node = tree_->find(key);
  return node != nullptr && node->is_array();
}

std::size_t ConfigDocument::length(std::string_view key) const {
  const Json* node = tree_->find(key);
  return node != nullptr && node->is_array() ? node->size() : 0;
}

double ConfigDocument::number(std::string_view key, double low, double high) {
  const Json* node = tree_->find(key);
  if (node != nullptr && node->is_number()) {
    const double value = node->get<double>();
    if (value >= low && value <= high) return value;
  }
  fault(key, (node == nullptr ? std::string("is missing; it ") : std::string()) + "must be a number from " +
                 std::to_string(low) + " to " + std::to_string(high));
  return low;
}

std::int64_t ConfigDocument::integer(std::string_view key, std::optional<std::int64_t> fallback, std::int64_t low,
                                     std::int64_t high) {
  const Json* node = tree_->find(key);
  const std::string wanted = "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  if (node == nullptr) {
    if (fallback) return *fallback;
    fault(key, "is missing; it " + wanted);
    return low;
  }
  const bool fits = node->is_number_integer() &&
                    (!node->is_number_unsigned() || node->get<std::uint64_t>() <= static_cast<std::uint64_t>(high)) &&
                    node->get<std::int64_t>() >= low && node->get<std::int64_t>() <= high;
  if (!fits) {
    const std::string given = node->is_primitive() && !node->is_string() ? node->dump() : node->type_name();
    fault(key, wanted + ", not " + given);
    return fallback.value_or(low);
  }
  return node->get<std::int64_t>();
}

bool ConfigDocument::boolean(std::string_view key, bool fallback) {
  const Json* node = tree_->find(key);
  if (node == nullptr) return fallback;
  if (!node->is_boolean()) {
    fault(key, "must be true or false");
    return fallback;
  }
  return node->get<bool>();
}

std::string ConfigDocument::text(std::string_view key, std::string_view fallback) {
  const Json* node = tree_->find(key);
  if (node == nullptr) return std::string(fallback);
  if (!node->is_string()) {
    fault(key, "must be a text");
    return std::string(fallback);
  }
  return node->get<std::string>();
}

std::vector<std::int64_t> ConfigDocument::integers(std::string_view key) {
  std::vector<std::int64_t> out;
  const Json* node = tree_->find(key);
  if (node == nullptr) return out;
  const bool fits = node->is_array() && std::all_of(node->begin(), node->end(),
                                                    [](const Json& entry) { return entry.is_number_integer(); });
  if (!fits) {
    fault(key, "must be a list of whole numbers");
    return out;
  }
  for (const Json& entry : *node) out.push_back(entry.get<std::int64_t>());
  return out;
}

std::vector<std::string> ConfigDocument::texts(std::string_view key) {
  std::vector<std::string> out;
  const Json* node = tree_->find(key);
  if (node == nullptr) return out;
  const bool fits =
      node->is_array() && std::all_of(node->begin(), node->end(), [](const Json& entry) { return entry.is_string(); });
  if (!fits) {
    fault(key, "must be a list of texts");
    return out;
  }
  for (const Json& entry : *node) out.push_back(entry.get<std::string>());
  return out;
}

std::map<std::string, std::string> ConfigDocument::text_members() {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : tree_->top.items()) {
    if (value.is_string()) {
      out.emplace(key, value.get<std::string>());
    } else {
      fault(key, "must be a text");
    }
  }
  return out;
}

void ConfigDocument::supply(std::string_view key, std::int64_t value) { tree_->top[std::string(key)] = value; }

void ConfigDocument::fault(std::string_view key, std::string message) {
  Fault fault;
  fault.file = path_;
  fault.pointer = key.empty() ? std::string() : "/" + std::string(key);
  fault.message = std::move(message);
  // The parser keeps no positions; the first place where the last part of the path is written as a key is nearly always
  // it.
  if (!key.empty()) {
    const std::size_t slash = key.rfind('/');
    const std::string written = '"' + std::string(slash == std::string_view::npos ? key : key.substr(slash + 1)) + '"';
    if (const std::size_t position = text_.find(written); position != std::string::npos) {
      fault.line = line_of(text_, position);
    }
  }
  faults_.push_back(std::move(fault));
}

void ConfigDocument::throw_if_faulty() const {
  if (!faults_.empty()) throw InputError(faults_);
}

}  // namespace memwall
