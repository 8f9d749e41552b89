#include "tools/plan/stretched_links.hpp"

#include <fmt/format.h>

#include "sim/base/units.hpp"
#include "sim/config/json.hpp"
#include "tools/plan/traffic.hpp"

namespace memwall::tools::plan {
namespace {

/// Light in glass of a refractive index of 1.468 (standard single-mode fibre at 1,550 nm); signals in twinaxial copper
/// are as fast within a tenth.
constexpr double seconds_per_metre = 1.468 / 299'792'458.0;

void lengthen(json::Node& time, double seconds) {
  json::Node* text = time.kind == json::Kind::object ? time.find("value") : &time;
  if (text == nullptr) return;
  const units::Parsed parsed = units::parse(text->text, Seconds::dimension);
  if (parsed.value) text->text = fmt::format("{:.17g} s", *parsed.value + seconds);
}

/// Methods in steps take the way once a step, others once.
void lengthen_methods(json::Node& list, double seconds) {
  for (json::Node& method : list.items) {
    json::Node* time = method.find("step");
    if (time == nullptr) time = method.find("start");
    if (time != nullptr) lengthen(*time, seconds);
  }
}

}  // namespace

std::string stretched_links(std::string_view text, const std::string& id, std::int64_t chips, Metres further_cable) {
  json::Tree tree = json::parse(text, id);
  json::Node& root = tree.root;
  const double further = 2 * further_cable.value * seconds_per_metre;
  if (json::Node* name = root.find("id")) name->text = id;
  if (json::Node* devices = root.find("devices")) {
    devices->number = static_cast<double>(chips);
    devices->integer = chips;
    devices->text = std::to_string(chips);
  }
  if (json::Node* step = root.find("step_latency")) lengthen(*step, further);
  for (const char* key : {"methods", "expert_exchange"}) {
    if (json::Node* list = root.find(key)) lengthen_methods(*list, further);
  }
  // Measured tables hold for the few devices that they were measured on, in whatever domain.
  std::erase_if(root.members, [](const json::Member& member) { return member.key == "joins"; });
  return indented_json(root);
}

}  // namespace memwall::tools::plan
