#include "tools/plan/traffic.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"

namespace memwall::tools::plan {
namespace {

void take_all(RequestSource& source, Traffic& traffic) {
  while (!source.exhausted()) {
    const Request request = source.pop();
    ++traffic.requests;
    traffic.last_arrival_s = std::max(traffic.last_arrival_s, (request.arrival - Time{}).seconds());
    traffic.mean.input += static_cast<double>(request.input_tokens);
    traffic.mean.output += static_cast<double>(request.output_tokens);
    traffic.gaps = traffic.gaps || request.output_tokens > 1;
    const bool first = traffic.requests == 1;
    if (first || request.input_tokens < traffic.shortest_input) traffic.shortest_input = request.input_tokens;
  }
}

/// Adds an edit for every rate below a node: arrivals of generators are the only ones that have any.
void scale_rates(const json::Node& node, const std::string& pointer, double factor, std::vector<std::string>& edits) {
  if (node.kind == json::Kind::text) {
    const units::Parsed rate = units::parse(node.text, PerSecond::dimension);
    if (rate.value) edits.push_back(fmt::format("{}=\"{:.17g} /s\"", pointer, *rate.value * factor));
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    scale_rates(node.items[i], pointer + "/" + std::to_string(i), factor, edits);
  }
  for (const json::Member& member : node.members) {
    scale_rates(member.value, json::child_pointer(pointer, member.key), factor, edits);
  }
}

double number_or_one(const json::Node* node) { return node != nullptr ? node->number : 1; }

void scale_workload(const json::Node& workload, const std::string& pointer, double factor,
                    std::vector<std::string>& edits) {
  const json::Node* source = workload.find("source");
  if (source != nullptr && source->text == "trace") {
    if (const json::Node* time = workload.find("time_scale")) {
      edits.push_back(fmt::format("{}/time_scale={:.17g}", pointer, time->number / factor));
    } else {
      edits.push_back(
          fmt::format("{}/rate_scale={:.17g}", pointer, number_or_one(workload.find("rate_scale")) * factor));
    }
    return;
  }
  const std::size_t before = edits.size();
  scale_rates(workload, pointer, factor, edits);
  if (edits.size() == before) throw InputError(pointer + ": its arrivals have no rate that could be changed");
}

}  // namespace

Traffic survey(const LoadedScenario& loaded) {
  Traffic traffic;
  for (std::size_t i = 0; i < loaded.scenario.workloads.size(); ++i) {
    SourceContext context;
    context.seed = loaded.scenario.seed;
    context.workload = static_cast<std::int32_t>(i);
    context.base_directory = loaded.build.base_directory;
    context.search = loaded.build.directories;
    const auto source = loaded.scenario.workloads[i].open(context);
    traffic.shares_tokens = traffic.shares_tokens || source->shares_tokens();
    traffic.closed_loop = traffic.closed_loop || source->closed_loop();
    if (!traffic.closed_loop) take_all(*source, traffic);
  }
  if (traffic.closed_loop || traffic.requests == 0) {
    Traffic nothing;
    nothing.closed_loop = traffic.closed_loop;
    nothing.shares_tokens = traffic.shares_tokens;
    return nothing;
  }
  const auto requests = static_cast<double>(traffic.requests);
  traffic.mean.input /= requests;
  traffic.mean.uncached = traffic.mean.input;
  traffic.mean.output /= requests;
  if (traffic.last_arrival_s > 0) traffic.requests_per_s = requests / traffic.last_arrival_s;
  return traffic;
}

std::vector<std::string> rate_edits(const json::Node& scenario, double factor) {
  std::vector<std::string> edits;
  if (factor == 1) return edits;
  if (const json::Node* one = scenario.find("workload")) scale_workload(*one, "/workload", factor, edits);
  if (const json::Node* several = scenario.find("workloads")) {
    for (std::size_t i = 0; i < several->items.size(); ++i) {
      scale_workload(several->items[i], "/workloads/" + std::to_string(i), factor, edits);
    }
  }
  return edits;
}

std::string indented_json(const json::Node& node) {
  std::string out;
  JsonWriter(out).value(node).finish();
  return out;
}

std::string json_text(const json::Node& node) {
  std::string out = indented_json(node);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace memwall::tools::plan
