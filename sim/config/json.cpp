#include "sim/config/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <system_error>

#include "sim/base/error.hpp"
#include "sim/config/json_syntax.hpp"
#include "sim/config/utf8.hpp"

namespace memwall::json {
namespace {

[[noreturn]] void refuse(const std::string& file, int line, std::string message) {
  throw InputError({Fault{file, line, "", std::move(message)}});
}

/// Feeds the lexer and tells how far it has read, which is how a value learns its line.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  std::size_t* consumed_;
};

/// Builds the tree from the parser's events. An event comes right after its token was read, but for numbers, whose end
/// shows only in the character after them.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, const std::vector<BareWord>& words, const std::string& name,
              const Options& options)
      : text_(text), words_(words), name_(name), options_(options) {}

  std::size_t* consumed() { return &consumed_; }
  Node take_root() { return std::move(root_); }
  std::vector<Fault> take_faults() { return std::move(faults_); }

  bool null() override {
    Node node = made(Kind::null);
    const auto word = std::lower_bound(words_.begin(), words_.end(), consumed_,
                                       [](const BareWord& a, std::size_t end) { return a.end < end; });
    if (word != words_.end() && word->end == consumed_) {
      node.kind = Kind::number;
      node.number = word->value;
      node.text = word->word;
    }
    return add(std::move(node));
  }

  bool boolean(bool value) override {
    Node node = made(Kind::boolean);
    node.boolean = value;
    return add(std::move(node));
  }

  bool number_integer(number_integer_t value) override {
    Node node = made(Kind::number);
    node.number = static_cast<double>(value);
    node.integer = value;
    node.text = fmt::format("{}", value);
    return add(std::move(node));
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<std::int64_t>(value));
    }
    Node node = made(Kind::number);
    node.number = static_cast<double>(value);
    node.text = fmt::format("{}", value);
    return add(std::move(node));
  }

  bool number_float(number_float_t value, const string_t& literal) override {
    Node node = made(Kind::number);
    node.number = value;
    node.text = literal;
    const std::string_view mantissa = std::string_view(literal).substr(0, literal.find_first_of("eE"));
    if (value == 0 && mantissa.find_first_of("123456789") != std::string_view::npos) {
      faults_.push_back(
          {name_, node.line, "", shown(literal) + " is too small for double precision; write 0 or a larger number"});
    }
    // 1e6 and 4.0 are whole, and double precision holds each whole number up to 2^53.
    if (value == std::trunc(value) && std::abs(value) <= 0x1p53) node.integer = static_cast<std::int64_t>(value);
    return add(std::move(node));
  }

  bool string(string_t& value) override {
    Node node = made(Kind::text);
    node.text = std::move(value);
    return add(std::move(node));
  }

  bool binary(binary_t&) override { throw LogicError("JSON text holds no binary values"); }

  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::list); }
  bool end_array() override { return close(); }
  bool end_object() override {
    refuse_duplicates(*open_.back());
    return close();
  }

  bool key(string_t& value) override {
    open_.back()->members.push_back({std::move(value), line(), {}});
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& error) override {
    constexpr int overflow = 406;  // nlohmann::json's number of "number overflow"
    if (error.id == overflow) {
      faults_.push_back(
          {name_, line(), "", shown(token) + " is too large for double precision; write a finite number"});
      return false;
    }
    if (position > text_.size()) {
      faults_.push_back({name_, line_at(text_, text_.size()), "", truncated()});
      return false;
    }
    if (open_.empty() && root_.line > 0) {
      faults_.push_back({name_, line_at(text_, position - 1), "",
                         "something follows the end of the JSON value; remove it, or enclose all of it in one object"});
      return false;
    }
    const std::string_view what = error.what();
    const auto says = [what](std::string_view words) { return what.find(words) != std::string_view::npos; };
    Stop stop{position, Stop::Inside::structure};
    if (says("invalid string")) stop.inside = Stop::Inside::string;
    if (says("invalid number")) stop.inside = Stop::Inside::number;
    if (says("invalid comment")) stop.inside = Stop::Inside::comment;
    faults_.push_back({name_, line_at(text_, position - 1), "", explain(text_, stop)});
    return false;
  }

 private:
  static std::string shown(const std::string& literal) {
    constexpr std::size_t longest = 40;
    return literal.size() <= longest ? literal : literal.substr(0, longest) + "...";
  }

  /// The line of the token that was read last: line breaks are counted as the lexer goes, and one that it has only
  /// looked at behind a number does not count yet.
  int line() {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(consumed_), '\n'));
    counted_ = consumed_;
    const bool looked_ahead = consumed_ > 0 && text_[consumed_ - 1] == '\n';
    return looked_ahead ? line_ - 1 : line_;
  }

  Node made(Kind kind) {
    Node node;
    node.kind = kind;
    node.line = line();
    return node;
  }

  Node* place(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    Node& parent = *open_.back();
    if (parent.kind == Kind::list) {
      parent.items.push_back(std::move(node));
      return &parent.items.back();
    }
    parent.members.back().value = std::move(node);
    return &parent.members.back().value;
  }

  bool add(Node node) {
    place(std::move(node));
    return true;
  }

  // A container's address stays valid while it is open, because its parent gets no further child before it closes.
  bool open(Kind kind) {
    Node node = made(kind);
    if (open_.size() >= static_cast<std::size_t>(options_.max_depth)) {
      faults_.push_back({name_, node.line, "",
                         fmt::format("nested deeper than {} levels; flatten the document", options_.max_depth)});
      return false;
    }
    open_.push_back(place(std::move(node)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  void refuse_duplicates(const Node& object) {
    std::vector<const Member*> sorted;
    sorted.reserve(object.members.size());
    for (const Member& member : object.members) sorted.push_back(&member);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[i - 1]->key) continue;
      faults_.push_back({name_, sorted[i]->key_line, "",
                         fmt::format("the key \"{}\" stands twice in one object (first in line {}); remove one of them",
                                     sorted[i]->key, sorted[i - 1]->key_line)});
    }
  }

  std::string truncated() const {
    if (open_.empty()) return "the file ends before a complete value; write one JSON object";
    const Node& innermost = *open_.back();
    const bool object = innermost.kind == Kind::object;
    return fmt::format(
        "the file ends inside the {} that begins in line {}; it was cut short, or a closing quote or {} is missing",
        object ? "object" : "list", innermost.line, object ? "}" : "]");
  }

  std::string_view text_;
  const std::vector<BareWord>& words_;
  const std::string& name_;
  const Options& options_;
  std::size_t consumed_ = 0;
  std::size_t counted_ = 0;
  int line_ = 1;
  Node root_;
  std::vector<Node*> open_;
  std::vector<Fault> faults_;
};

void refuse_non_text(std::string_view text, const std::string& name) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    refuse(name, 1, "the file is empty; write one JSON object");
  }
  // The lexer takes a zero byte for the end of the text and would ignore what follows it.
  const std::size_t wrong = std::min(first_non_utf8(text), text.find('\0'));
  if (wrong < text.size()) {
    refuse(name, line_at(text, wrong),
           fmt::format("the byte 0x{:02x} is not UTF-8 text; save the file as UTF-8",
                       static_cast<unsigned char>(text[wrong])));
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string describe(const Node& node) {
  switch (node.kind) {
    case Kind::null: return "null";
    case Kind::boolean: return node.boolean ? "true" : "false";
    case Kind::number: return node.text;
    case Kind::text: return '"' + node.text + '"';
    case Kind::list: return "a list";
    case Kind::object: return "an object";
  }
  throw LogicError("a JSON value has one of six kinds");
}

std::string child_pointer(std::string_view parent, std::string_view key) {
  std::string out(parent);
  out += '/';
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Tree parse(std::string_view text, std::string name, const Options& options) {
  if (text.size() > options.max_bytes) {
    refuse(name, 0,
           fmt::format("the file is longer than {} bytes, the limit for a JSON document; split it", options.max_bytes));
  }
  refuse_non_text(text, name);
  Plain plain;
  if (options.lenient) {
    plain = replace_bare_words(text);
    text = plain.text;
  }
  TreeBuilder builder(text, plain.words, name, options);
  const CountingIterator begin(text.data(), builder.consumed());
  const CountingIterator end(text.data() + text.size(), builder.consumed());
  const bool whole = nlohmann::json::sax_parse(begin, end, &builder, nlohmann::json::input_format_t::json, true, true);
  std::vector<Fault> faults = builder.take_faults();
  law(whole || !faults.empty(), "a document that does not parse has a fault");
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.line < b.line; });
  if (!faults.empty()) throw InputError(std::move(faults));

  Tree tree{std::move(name), builder.take_root(), {}};
  for (const BareWord& word : plain.words) {
    tree.remarks.push_back(
        fmt::format("{}:{}: {} is not JSON; read as Python means it", tree.name, word.line, word.word));
  }
  return tree;
}

Tree load(const std::filesystem::path& path, const Options& options) {
  const std::string name = path.string();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) refuse(name, 0, "no such file; check the path");
  if (std::filesystem::is_directory(status)) refuse(name, 0, "this is a folder; name a JSON file in it");

  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const std::string why = errno == 0 ? "no reason given" : std::generic_category().message(errno);
    refuse(name, 0, "the file cannot be opened (" + why + "); check its permissions");
  }
  // Reads in pieces, one byte past the limit at most, because a pipe or a device has no size to ask for.
  std::string text;
  constexpr std::size_t piece = std::size_t{1} << 16;
  while (file && text.size() <= options.max_bytes) {
    const std::size_t had = text.size();
    text.resize(had + std::min(piece, options.max_bytes + 1 - had));
    file.read(text.data() + had, static_cast<std::streamsize>(text.size() - had));
    text.resize(had + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) refuse(name, 0, "the file cannot be read to its end; check the disk");
  return parse(text, name, options);
}

}  // namespace memwall::json
