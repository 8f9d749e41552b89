#include "tools/compare/pareto.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.hpp"
#include "tools/compare/vega.hpp"

namespace memwall::tools::compare {
namespace {

double number(const SummaryView& run, std::string_view pointer) {
  const SummaryView::Value value = run.at(pointer);
  const auto* found = std::get_if<double>(&value);
  return found != nullptr ? *found : 0;
}

}  // namespace

Sheet closed_loop(const Sheet& sheet, const Catalogue& catalogue, std::int64_t concurrency) {
  const LoadedScenario loaded = load_scenario(sheet, catalogue);
  const json::Node* workload = loaded.resolved.find("workload");
  const json::Node* source = workload == nullptr ? nullptr : workload->find("source");
  const std::string kind = source == nullptr ? "" : source->text;
  const std::string clients = std::to_string(concurrency);
  Sheet out = sheet;
  if (kind == "synthetic") {
    out.document.set({R"(/workload/arrivals={"process": "closed_loop", "concurrency": )" + clients + "}"});
  } else if (kind == "trace" || kind == "preset") {
    out.document.set({"/workload/concurrency=" + clients});
  } else {
    throw InputError(sheet.path +
                     ": --concurrency wants one workload of source synthetic, trace or preset, which can be put "
                     "under a closed loop");
  }
  return out;
}

std::optional<Point> point_of(const Contender& contender, std::int64_t concurrency) {
  if (contender.runs.empty()) return std::nullopt;
  const SummaryView& run = contender.runs.front();
  const double tpot = number(run, "/latency/tpot_s/mean");
  if (tpot <= 0) return std::nullopt;
  Point out;
  out.name = contender.name;
  out.concurrency = concurrency;
  out.tokens_per_s_user = 1 / tpot;
  out.tokens_per_s_device = number(run, "/throughput/output_tokens_per_s_per_device");
  const double tokens_per_s = number(run, "/throughput/output_tokens_per_s");
  const double usd_per_hour = number(run, "/cost/usd_per_hour");
  if (usd_per_hour > 0) out.tokens_per_usd = tokens_per_s * 3600 / usd_per_hour;
  const double joules = number(run, "/energy/joules_per_output_token");
  if (joules > 0) out.tokens_per_s_mw = 1e6 / joules;
  return out;
}

std::vector<Point> frontier(const std::vector<Sheet>& sheets, const std::vector<std::int64_t>& levels,
                            const Catalogue& catalogue, const Parallel& parallel) {
  std::vector<std::optional<Point>> found(sheets.size() * levels.size());
  parallel(found.size(), [&](std::size_t i) {
    const Sheet& sheet = sheets[i / levels.size()];
    const std::int64_t level = levels[i % levels.size()];
    if (!sheet.refusal.empty()) return;
    found[i] = point_of(run_contender(closed_loop(sheet, catalogue, level), catalogue, 1), level);
  });
  std::vector<Point> out;
  for (const auto& point : found) {
    if (point) out.push_back(*point);
  }
  mark_dominated(out);
  return out;
}

void mark_dominated(std::vector<Point>& points) {
  for (Point& point : points) {
    point.dominated = std::any_of(points.begin(), points.end(), [&](const Point& other) {
      const bool no_worse =
          other.tokens_per_s_user >= point.tokens_per_s_user && other.tokens_per_s_device >= point.tokens_per_s_device;
      const bool better =
          other.tokens_per_s_user > point.tokens_per_s_user || other.tokens_per_s_device > point.tokens_per_s_device;
      return no_worse && better;
    });
  }
}

std::string pareto_text(const std::vector<Point>& points) {
  std::size_t width = 10;
  for (const Point& each : points) width = std::max(width, each.name.size());
  std::string out = fmt::format(
      "\nfrontier: speed of a user against yield (* = no other point beats it)\n  "
      "{:<{}}{:>9}{:>16}{:>18}{:>14}{:>16}\n",
      "", width, "clients", "tokens/s/user", "tokens/s/device", "tokens/USD", "tokens/s/MW");
  const auto known = [](double value) { return value > 0 ? fmt::format("{:.4g}", value) : std::string("unknown"); };
  for (const Point& each : points) {
    out += fmt::format("{} {:<{}}{:>9}{:>16.4g}{:>18.4g}{:>14}{:>16}\n", each.dominated ? ' ' : '*', each.name, width,
                       each.concurrency, each.tokens_per_s_user, each.tokens_per_s_device, known(each.tokens_per_usd),
                       known(each.tokens_per_s_mw));
  }
  return out;
}

std::string pareto_csv(const std::vector<Point>& points) {
  std::string out =
      "scenario,concurrency,tokens_per_s_user,tokens_per_s_device,tokens_per_usd,tokens_per_s_mw,dominated\n";
  for (const Point& each : points) {
    std::string name;
    for (const char c : each.name) name += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += fmt::format("\"{}\",{},{},{},{},{},{}\n", name, each.concurrency, each.tokens_per_s_user,
                       each.tokens_per_s_device, each.tokens_per_usd, each.tokens_per_s_mw, each.dominated ? 1 : 0);
  }
  return out;
}

std::string pareto_vega(const std::vector<Point>& points) {
  const auto values = [&points](JsonWriter& json) {
    for (const Point& each : points) {
      json.begin_object().member("scenario", each.name).member("concurrency", each.concurrency);
      json.member("user", each.tokens_per_s_user).member("device", each.tokens_per_s_device);
      json.member("frontier", !each.dominated).end_object();
    }
  };
  return vega_text(values, R"({"mark": {"type": "line", "point": true}, "encoding": {
    "x": {"field": "user", "type": "quantitative", "title": "output tokens/s for one user", "scale": {"type": "log"}},
    "y": {"field": "device", "type": "quantitative", "title": "output tokens/s for one device",
          "scale": {"type": "log"}},
    "color": {"field": "scenario", "type": "nominal"},
    "order": {"field": "concurrency"},
    "tooltip": [{"field": "scenario"}, {"field": "concurrency"}, {"field": "user"}, {"field": "device"},
                {"field": "frontier"}]}})");
}

Answer frontier_answer(const std::vector<Point>& points) {
  Answer out;
  out.text = pareto_text(points);
  out.key = "frontier";
  out.json = [points](JsonWriter& json) {
    json.begin_list();
    for (const Point& each : points) {
      json.begin_object().member("scenario", each.name).member("concurrency", each.concurrency);
      json.member("tokens_per_s_user", each.tokens_per_s_user).member("tokens_per_s_device", each.tokens_per_s_device);
      if (each.tokens_per_usd > 0) json.member("tokens_per_usd", each.tokens_per_usd);
      if (each.tokens_per_s_mw > 0) json.member("tokens_per_s_mw", each.tokens_per_s_mw);
      json.member("dominated", each.dominated).end_object();
    }
    json.end_list();
  };
  out.csv = pareto_csv(points);
  out.vega = pareto_vega(points);
  return out;
}

}  // namespace memwall::tools::compare
