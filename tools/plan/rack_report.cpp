#include <fmt/format.h>

#include "sim/config/json_writer.hpp"
#include "tools/plan/rack.hpp"

namespace memwall::tools::plan {
namespace {

std::string division_text(const RackPoint& point) {
  return fmt::format("{} {}, batch {:.0f}", point.group, point.experts ? "by expert" : "by tensor", point.batch);
}

/// The point of a size with the most of something among those that are quick enough; null where none is.
template <class Of>
const RackPoint* most(const RackSweep& sweep, std::size_t size, double longest_cycle_s, Of&& of) {
  const RackPoint* best = nullptr;
  for (const RackPoint& point : sweep.points) {
    if (point.size != size || 1 / point.tokens_per_s_user > longest_cycle_s) continue;
    if (best == nullptr || of(point) > of(*best)) best = &point;
  }
  return best;
}

std::string point_text(const char* what, const RackPoint* point) {
  if (point == nullptr) return fmt::format("      {:<17} no division is quick enough\n", what);
  return fmt::format("      {:<17} {:>8.1f} tokens/s/user, {:>9.0f} tokens/USD, {:<26} {}, then {}\n", what,
                     point->tokens_per_s_user, point->tokens_per_usd, division_text(*point), name(point->tier),
                     name(point->limit));
}

}  // namespace

std::string rack_sweep_text(const RackSweep& sweep) {
  std::string out = fmt::format("{} of {}, {} stretched over each domain; steady states of the mean request\n",
                                sweep.device, sweep.name, sweep.links);
  const auto user = [](const RackPoint& point) { return point.tokens_per_s_user; };
  const auto yield = [](const RackPoint& point) { return point.tokens_per_usd; };
  constexpr double any = 1e30;
  for (std::size_t i = 0; i < sweep.sizes.size(); ++i) {
    const RackSize& size = sweep.sizes[i];
    const RackLimit& limit = size.checked.limits.front();
    out +=
        fmt::format("{:>5} chips, {:<17} {:>9.2f} USD/h{}; {}{}: {:g} of {:g} {}\n", size.chips, name(size.medium),
                    size.usd_per_hour,
                    size.optics_usd_per_hour > 0 ? fmt::format(" ({:.2f} of it optics)", size.optics_usd_per_hour) : "",
                    size.checked.feasible() ? "binds first: " : "NOT FEASIBLE, ", limit.name, limit.used,
                    limit.available, limit.unit);
    out += point_text("fastest", most(sweep, i, any, user));
    if (sweep.tpot_s) out += point_text("most in the SLO", most(sweep, i, *sweep.tpot_s, yield));
    out += point_text("most", most(sweep, i, any, yield));
  }
  return out;
}

std::string rack_sweep_csv(const RackSweep& sweep) {
  std::string out =
      "chips,medium,feasible,binding_limit,usd_per_hour,chips_per_replica,divided_by,batch,tokens_per_s_user,"
      "tokens_per_s,tokens_per_usd,bottleneck,batch_limit,dominated\n";
  for (const RackPoint& point : sweep.points) {
    const RackSize& size = sweep.sizes[point.size];
    out +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", size.chips, name(size.medium),
                    size.checked.feasible() ? 1 : 0, size.checked.limits.front().name, size.usd_per_hour, point.group,
                    point.experts ? "expert" : "tensor", point.batch, point.tokens_per_s_user, point.tokens_per_s,
                    point.tokens_per_usd, name(point.tier), name(point.limit), point.dominated ? 1 : 0);
  }
  return out;
}

std::string rack_sweep_vega(const RackSweep& sweep) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("$schema", "https://vega.github.io/schema/vega-lite/v5.json");
  json.key("data").begin_object().key("values").begin_list();
  for (const RackPoint& point : sweep.points) {
    if (point.dominated) continue;
    const RackSize& size = sweep.sizes[point.size];
    json.begin_object().member("chips", std::to_string(size.chips)).member("medium", name(size.medium));
    json.member("feasible", size.checked.feasible()).member("binds", size.checked.limits.front().name);
    json.member("user", point.tokens_per_s_user).member("yield", point.tokens_per_usd);
    json.member("division", division_text(point)).member("bottleneck", name(point.tier)).end_object();
  }
  json.end_list().end_object();
  json.key("mark").begin_object().member("type", "line").member("point", true).end_object();
  json.key("encoding").begin_object();
  const auto axis = [&json](std::string_view channel, std::string_view field, std::string_view title) {
    json.key(channel).begin_object().member("field", field).member("type", "quantitative").member("title", title);
    json.key("scale").begin_object().member("type", "log").end_object().end_object();
  };
  axis("x", "user", "output tokens/s for one user");
  axis("y", "yield", "output tokens for a dollar");
  const auto nominal = [&json](std::string_view channel, std::string_view field) {
    json.key(channel).begin_object().member("field", field).member("type", "nominal").end_object();
  };
  nominal("color", "chips");
  nominal("strokeDash", "medium");
  nominal("shape", "feasible");
  json.key("tooltip").begin_list();
  for (const std::string_view field : {"chips", "medium", "binds", "division", "bottleneck", "user", "yield"}) {
    json.begin_object().member("field", field).end_object();
  }
  json.end_list().end_object().end_object().finish();
  return text;
}

}  // namespace memwall::tools::plan
