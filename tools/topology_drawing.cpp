#include "tools/topology_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "sim/base/units.hpp"
#include "sim/config/json_writer.hpp"
#include "tools/results/markup.hpp"

namespace memwall::tools {
namespace {

/// Above this, walks from every chip take longer than a reader wants to wait.
constexpr std::size_t most_walked = 1200;

struct Point {
  double x = 0;
  double y = 0;
};

/// Steps from the nearest chip: chips 0, the switches that they meet in 1, and so on.
std::vector<int> levels(const Topology& topology) {
  std::vector<int> level(topology.nodes.size(), -1);
  std::vector<int> open = topology.chips();
  for (const int chip : open) level[static_cast<std::size_t>(chip)] = 0;
  for (int depth = 1; !open.empty(); ++depth) {
    std::vector<int> next;
    for (const TopologyLink& link : topology.links) {
      for (const auto& [near, far] : {std::pair(link.from, link.to), std::pair(link.to, link.from)}) {
        if (level[static_cast<std::size_t>(near)] != depth - 1 || level[static_cast<std::size_t>(far)] >= 0) continue;
        level[static_cast<std::size_t>(far)] = depth;
        next.push_back(far);
      }
    }
    open = std::move(next);
  }
  return level;
}

constexpr double width = 1000;
constexpr double height = 620;
constexpr double margin = 60;
constexpr double legend = 24;

/// Places of a grid: two dimensions across and down, a third as blocks beside each other.
std::vector<Point> grid_places(const Topology& topology) {
  std::vector<Point> out;
  const std::size_t dimensions = topology.extent.size();
  const int across = topology.extent.back();
  const int down = dimensions > 1 ? topology.extent[dimensions - 2] : 1;
  int blocks = 1;
  for (std::size_t d = 0; d + 2 < dimensions; ++d) blocks *= topology.extent[d];
  const double cell =
      std::min((width - 2 * margin) / (blocks * (across + 1)), (height - 3 * margin) / std::max(1, down));
  for (const TopologyNode& node : topology.nodes) {
    // The name says where the chip is: "chip z,y,x".
    std::vector<int> at;
    for (const char c : node.name.substr(node.name.find(' '))) {
      if (c == ' ' || c == ',') {
        at.push_back(0);
      } else {
        at.back() = at.back() * 10 + (c - '0');
      }
    }
    int block = 0;
    for (std::size_t d = 0; d + 2 < dimensions; ++d) block = block * topology.extent[d] + at[d];
    const double y = dimensions > 1 ? at[dimensions - 2] : 0;
    out.push_back({margin + (block * (across + 1) + at.back() + 0.5) * cell, 2 * margin + (y + 0.5) * cell});
  }
  return out;
}

/// Chips of a graph without switches on a ring, all else in rows.
std::vector<Point> other_places(const Topology& topology) {
  const std::vector<int> level = levels(topology);
  const int top = *std::max_element(level.begin(), level.end());
  std::vector<Point> out(topology.nodes.size());
  std::vector<int> count(static_cast<std::size_t>(top) + 1, 0);
  for (const int l : level) ++count[static_cast<std::size_t>(l)];
  std::vector<int> seen(count.size(), 0);
  constexpr double turn = 6.283185307179586;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto l = static_cast<std::size_t>(level[i]);
    const double part = (seen[l]++ + 0.5) / count[l];
    if (top == 0) {
      // The C library may round these differently elsewhere: a picture is no record.
      out[i] = {width / 2 + 0.38 * height * std::cos(turn * part),
                margin / 2 + height / 2 + 0.38 * height * std::sin(turn * part)};
    } else {
      out[i] = {margin + part * (width - 2 * margin),
                height - 2 * margin - static_cast<double>(l) * (height - 4 * margin) / top};
    }
  }
  return out;
}

std::string rate(BytesPerSecond value) { return units::format(value); }

struct Walked {
  BytesPerSecond bisection, all_to_all, bound;
  Seconds farthest;
};

Walked walk(const Topology& topology) {
  const TopologyGraph graph(topology);
  Walked out;
  const std::size_t chips = topology.chips().size();
  if (chips < 2) return out;
  out.bisection = graph.bisection();
  out.bound = graph.all_to_all_bound();
  if (chips <= most_walked) {
    out.all_to_all = graph.all_to_all(static_cast<int>(chips));
    out.farthest = graph.farthest(static_cast<int>(chips));
  }
  return out;
}

}  // namespace

std::string topology_text(const Topology& topology) {
  std::array<int, node_kind_names.size()> nodes{};
  for (const TopologyNode& node : topology.nodes) ++nodes[static_cast<std::size_t>(node.kind)];
  std::string out = fmt::format("{}\n  {:<20}{}\n", topology.name, "kind", name(topology.shape));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] > 0) out += fmt::format("  {:<20}{}\n", node_kind_names[i], nodes[i]);
  }
  std::vector<int> lanes(topology.link_kinds.size(), 0);
  for (const TopologyLink& link : topology.links) lanes[static_cast<std::size_t>(link.kind)] += link.lanes;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const LinkKind& kind = topology.link_kinds[i];
    out += fmt::format("  {:<20}{} x {} a direction, {}, {} of {}, {}\n", "link " + kind.name, lanes[i],
                       rate(kind.bandwidth.value), units::format(kind.latency.value), units::format(kind.length),
                       name(kind.medium), name(kind.bandwidth.basis));
  }
  const Walked walked = walk(topology);
  out += fmt::format("  {:<20}{} a direction\n", "of a chip", rate(topology.injection()));
  out += fmt::format("  {:<20}{} a direction, by max-flow between the halves of the chips\n", "bisection",
                     rate(walked.bisection));
  out += fmt::format("  {:<20}{} a chip at most", "all-to-all", rate(walked.bound));
  if (walked.all_to_all.value > 0)
    out += fmt::format("; {} over shared shortest paths\n  {:<20}{} apart\n", rate(walked.all_to_all), "farthest chips",
                       units::format(walked.farthest));
  else
    out += "\n";
  return out;
}

std::string topology_json(const Topology& topology) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("id", topology.id).member("name", topology.name);
  json.member("kind", name(topology.shape));
  const Walked walked = walk(topology);
  json.member("chips", static_cast<std::int64_t>(topology.chips().size()));
  json.member("injection_bytes_per_s", topology.injection().value);
  json.member("bisection_bytes_per_s", walked.bisection.value);
  json.member("all_to_all_bound_bytes_per_s", walked.bound.value);
  json.key("nodes").begin_list();
  for (const TopologyNode& node : topology.nodes)
    json.begin_object().member("name", node.name).member("kind", name(node.kind)).end_object();
  json.end_list().key("links").begin_list();
  for (const TopologyLink& link : topology.links) {
    const LinkKind& kind = topology.link_kinds[static_cast<std::size_t>(link.kind)];
    json.begin_object()
        .member("from", topology.nodes[static_cast<std::size_t>(link.from)].name)
        .member("to", topology.nodes[static_cast<std::size_t>(link.to)].name)
        .member("kind", kind.name)
        .member("bytes_per_s", topology.rate(link, true).value)
        .member("bytes_per_s_back", topology.rate(link, false).value)
        .member("latency_s", kind.latency.value.value)
        .member("length_m", kind.length.value)
        .member("medium", name(kind.medium))
        .end_object();
  }
  json.end_list().end_object().finish();
  return text;
}

std::string topology_svg(const Topology& topology) {
  const bool grid =
      !topology.extent.empty() && topology.links.size() > 0 && topology.chips().size() == topology.nodes.size();
  const std::vector<Point> place = grid ? grid_places(topology) : other_places(topology);
  constexpr std::array<const char*, 6> colours = {"#4477aa", "#cc6677", "#228833", "#aa7722", "#66ccee", "#aa3377"};
  constexpr std::array<const char*, node_kind_names.size()> fills = {"#222", "#555", "#fff", "#cde", "#fc9", "#cfc"};
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"{0:g}\" height=\"{1:g}\" fill=\"white\"/>\n<text x=\"{2:g}\" y=\"28\" "
      "font-size=\"16\">{3}</text>\n",
      width, height, margin, escaped(topology.name));
  for (const TopologyLink& link : topology.links) {
    const Point a = place[static_cast<std::size_t>(link.from)];
    const Point b = place[static_cast<std::size_t>(link.to)];
    out += fmt::format(
        "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"0.6\"/>\n", a.x,
        a.y, b.x, b.y, colours[static_cast<std::size_t>(link.kind) % colours.size()]);
  }
  const double radius = topology.nodes.size() > 300 ? 2 : topology.nodes.size() > 60 ? 4 : 7;
  for (std::size_t i = 0; i < place.size(); ++i) {
    const TopologyNode& node = topology.nodes[i];
    out += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:g}\" fill=\"{}\" stroke=\"#222\"><title>{}</title></circle>\n",
        place[i].x, place[i].y, radius, fills[static_cast<std::size_t>(node.kind)], escaped(node.name));
  }
  double y = 48;
  for (std::size_t i = 0; i < topology.link_kinds.size(); ++i, y += legend * 0.7) {
    const LinkKind& kind = topology.link_kinds[i];
    out += fmt::format("<text x=\"{:g}\" y=\"{:g}\" fill=\"{}\">{}: {} a direction, {}</text>\n", margin, y,
                       colours[i % colours.size()], escaped(kind.name), rate(kind.bandwidth.value), name(kind.medium));
  }
  return out + "</svg>\n";
}

}  // namespace memwall::tools
