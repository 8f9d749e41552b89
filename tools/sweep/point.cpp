#include "tools/sweep/point.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/config/json_writer.hpp"
#include "sim/scenario/run.hpp"
#include "sim/scenario/versions.hpp"
#include "tools/catalogue.hpp"
#include "tools/results/simulated.hpp"

namespace memwall::tools::sweep {
namespace {

/// Points that are tried before all are taken to be unreadable. Reading takes a millisecond.
constexpr std::size_t most_tried = 200;

constexpr std::array<std::string_view, 3> status_names = {"done", "refused", "defect"};

void write_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_list();
  for (const std::string& text : texts) json.value(text);
  json.end_list();
}

std::vector<std::string> texts_of(const json::Node& list) {
  std::vector<std::string> out;
  for (const json::Node& item : list.items) out.push_back(item.text);
  return out;
}

const json::Node& member(const json::Node& node, std::string_view key) {
  const json::Node* found = node.find(key);
  law(found != nullptr, "a message of a sweep has all its members");
  return *found;
}

Base unpack_base(const std::string& context) {
  const json::Tree tree = json::parse(context, "the context of a sweep");
  Base base;
  base.path = member(tree.root, "path").text;
  base.text = member(tree.root, "text").text;
  base.search = texts_of(member(tree.root, "search"));
  base.set = texts_of(member(tree.root, "set"));
  return base;
}

std::string text_at(const SummaryView& view, std::string_view pointer) {
  const SummaryView::Value value = view.at(pointer);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

PointResult result_of(const SummaryView& view) {
  PointResult out;
  out.scenario = text_at(view, "/versions/scenario");
  out.device_data = text_at(view, "/versions/device_data");
  out.digest = text_at(view, "/digest");
  out.metrics = view.numbers();
  return out;
}

std::string pack(const PointResult& result) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("status", static_cast<int>(result.status)).member("reason", result.reason);
  json.member("scenario", result.scenario).member("device_data", result.device_data).member("digest", result.digest);
  json.key("metrics").begin_object();
  for (const auto& [pointer, value] : result.metrics) json.member(pointer, value);
  json.end_object().end_object().finish();
  return text;
}

/// The scenario is parsed once, and every point edits a copy.
class Simulator {
 public:
  explicit Simulator(Base base)
      : base_(std::move(base)), catalogue_(program_catalogue(base_.search)), document_(parsed(base_)) {}

  static Document parsed(const Base& base) { return Document::parse(base.text, base.path); }

  [[nodiscard]] PointResult simulate(const std::vector<std::string>& edits) const {
    PointResult out;
    try {
      return result_of(simulated(document_, base_.path, catalogue_, with(edits)));
    } catch (const InputError& error) {
      out.status = PointResult::Status::refused;
      out.reason = error.what();
    } catch (const LogicError& error) {
      out.status = PointResult::Status::defect;
      out.reason = error.what();
    }
    return out;
  }

  /// What cannot be read of the scenario with these edits.
  [[nodiscard]] std::vector<Fault> faults(const std::vector<std::string>& edits) const {
    try {
      static_cast<void>(load_scenario(document_, base_.path, catalogue_, with(edits)));
    } catch (const InputError& error) {
      return error.faults();
    }
    return {};
  }

 private:
  [[nodiscard]] RunOptions with(const std::vector<std::string>& edits) const {
    RunOptions options;
    options.set = base_.set;
    options.set.insert(options.set.end(), edits.begin(), edits.end());
    return options;
  }

  Base base_;
  Catalogue catalogue_;
  Document document_;
};

}  // namespace

std::string_view status_name(PointResult::Status status) { return status_names[static_cast<std::size_t>(status)]; }

std::string pack(const Base& base) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("path", base.path).member("text", base.text);
  write_list(json, "search", base.search);
  write_list(json, "set", base.set);
  json.end_object().finish();
  return text;
}

std::string pack(const std::vector<std::string>& edits) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_list(json, "edits", edits);
  json.end_object().finish();
  return text;
}

PointResult unpack_result(const std::string& answer) {
  const json::Tree tree = json::parse(answer, "the result of a point");
  PointResult out;
  const json::Node& status = member(tree.root, "status");
  law(status.integer && *status.integer >= 0 && *status.integer < 3, "a point of a sweep has one of three states");
  out.status = static_cast<PointResult::Status>(*status.integer);
  out.reason = member(tree.root, "reason").text;
  out.scenario = member(tree.root, "scenario").text;
  out.device_data = member(tree.root, "device_data").text;
  out.digest = member(tree.root, "digest").text;
  for (const json::Member& metric : member(tree.root, "metrics").members) {
    out.metrics.emplace(metric.key, metric.value.number);
  }
  return out;
}

Work point_work(const std::string& context) {
  const auto simulator = std::make_shared<const Simulator>(unpack_base(context));
  return [simulator](const std::string& task) {
    const json::Tree tree = json::parse(task, "the task of a point");
    return pack(simulator->simulate(texts_of(member(tree.root, "edits"))));
  };
}

std::vector<std::string> edits_of(const Parameters& parameters) {
  std::vector<std::string> edits;
  for (const Parameter& each : parameters) edits.push_back(each.pointer + "=" + each.value);
  return edits;
}

void require_some_readable(const Base& base, const std::vector<Parameters>& points) {
  const Simulator simulator(base);
  const std::size_t tried = std::min(points.size(), most_tried);
  std::vector<Fault> first;
  for (std::size_t i = 0; i < tried; ++i) {
    std::vector<Fault> faults = simulator.faults(edits_of(points[i * points.size() / tried]));
    if (faults.empty()) return;
    if (first.empty()) first = std::move(faults);
  }
  throw InputError(std::move(first));
}

BaseDocument base_document(const Base& base) {
  Document document = scenario_of(Document::parse(base.text, base.path));
  document.set(base.set);
  BaseDocument out;
  JsonWriter json(out.text);
  json.value(document.tree().root).finish();
  out.version = scenario_version(document.tree().root);
  return out;
}

}  // namespace memwall::tools::sweep
