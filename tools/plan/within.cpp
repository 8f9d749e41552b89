#include "tools/plan/within.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/config/json_writer.hpp"

namespace memwall::tools::plan {
namespace {

/// Searched side by side; a constant, so that the number of threads changes nothing.
constexpr std::size_t wave = 8;

/// As many replicas as the budget holds, with the limit that binds.
struct Most {
  std::int64_t replicas = 0;
  Reason limit = Reason::devices;
};

Most most_replicas(const Feasible& found, const Budget& budget) {
  Most most = {budget.max_devices / found.devices, Reason::devices};
  const auto bind = [&most](double replicas, Reason limit) {
    if (replicas >= static_cast<double>(most.replicas)) return;
    most = {static_cast<std::int64_t>(replicas), limit};
  };
  if (budget.usd_per_hour) bind(*budget.usd_per_hour / found.usd_at_most, Reason::budget);
  if (budget.watts && found.watts) bind(*budget.watts / *found.watts, Reason::power);
  return most;
}

Rejection none_fits(const Feasible& found, Reason limit) {
  if (limit == Reason::budget) {
    return {limit, fmt::format("one replica costs up to {:.2f} USD/h", found.usd_at_most), ""};
  }
  if (limit == Reason::power) {
    return {limit, fmt::format("one replica may draw {:.1f} kW", found.watts.value_or(0) / 1e3), ""};
  }
  return {limit, fmt::format("one replica has {} devices", found.devices), ""};
}

Entry entry_of(const Base& base, const Offer& offer, std::size_t number, const Traffic& traffic, const Budget& budget) {
  Entry entry;
  entry.offer = number;
  const Feasible& found = offer.found;
  entry.rejection = found.fits() ? unreachable(base, found, traffic) : found.rejection;
  if (entry.rejection.reason != Reason::none) return entry;
  if (budget.watts && !found.watts) {
    entry.rejection = {Reason::power, "the file of " + offer.layout.device + " has no board power", ""};
    return entry;
  }
  const Most most = most_replicas(found, budget);
  if (most.replicas == 0) {
    entry.rejection = none_fits(found, most.limit);
    return entry;
  }
  entry.replicas = most.replicas;
  entry.usd_at_most = found.usd_at_most * static_cast<double>(most.replicas);
  entry.requests_at_most = found.capacity->requests_per_s * static_cast<double>(most.replicas);
  return entry;
}

double reached(const Entry& entry) { return entry.found ? entry.found->requests_per_s : 0; }

void give_reasons(Within& within) {
  const double most = within.best ? reached(within.entries[*within.best]) : 0;
  for (std::size_t i = 0; i < within.entries.size(); ++i) {
    Entry& entry = within.entries[i];
    if (entry.rejection.reason != Reason::none || within.best == i) continue;
    if (!entry.found) {
      entry.rejection = {Reason::throughput, fmt::format("its capacity is {:.4g} requests/s", entry.requests_at_most),
                         ""};
    } else if (entry.found->at) {
      entry.rejection = {Reason::throughput,
                         fmt::format("{:.0f} % of the most; beyond: {}", 100 * reached(entry) / most,
                                     entry.found->above->rejection.text),
                         ""};
    } else {
      entry.rejection = entry.found->above->rejection;
    }
  }
}

}  // namespace

Within most_within(const Base& base, std::vector<Offer> offers, const Traffic& traffic, const Budget& budget,
                   const Demands& demands, const Parallel& parallel) {
  require_rate(traffic, "the most goodput within a budget");
  Within out;
  out.offers = std::move(offers);
  for (std::size_t i = 0; i < out.offers.size(); ++i) {
    out.entries.push_back(entry_of(base, out.offers[i], i, traffic, budget));
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const Entry& a, const Entry& b) { return a.requests_at_most > b.requests_at_most; });
  double most = 0;
  for (std::size_t from = 0; from < out.entries.size(); from += wave) {
    const std::size_t to = std::min(from + wave, out.entries.size());
    parallel(to - from, [&](std::size_t i) {
      Entry& entry = out.entries[from + i];
      // Where prompts may be found in a cache capacity is estimated from above and still no bound that is passed.
      if (entry.replicas == 0 || entry.requests_at_most <= most) return;
      const Offer& offer = out.offers[entry.offer];
      entry.found = goodput(base, offer.layout, entry.replicas, offer.found, traffic, demands);
    });
    for (std::size_t i = from; i < to; ++i) {
      most = std::max(most, reached(out.entries[i]));
      out.runs += out.entries[i].found ? out.entries[i].found->runs : 0;
    }
  }
  std::stable_sort(out.entries.begin(), out.entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(reached(a), a.requests_at_most) > std::pair(reached(b), b.requests_at_most);
  });
  if (!out.entries.empty() && reached(out.entries.front()) > 0) out.best = 0;
  give_reasons(out);
  return out;
}

std::string within_text(const Within& within, const Budget& budget, std::size_t top) {
  std::string limits;
  if (budget.usd_per_hour) limits += fmt::format(" {:.2f} USD/h", *budget.usd_per_hour);
  if (budget.watts) limits += fmt::format("{} {:.1f} kW", limits.empty() ? "" : " and", *budget.watts / 1e3);
  std::size_t width = 6;
  for (const Entry& entry : within.entries) {
    const Offer& offer = within.offers[entry.offer];
    width = std::max(width, offer.layout.name(offer.found.devices).size());
  }
  std::string out =
      fmt::format("the most goodput within{} ({} runs)\n\n  {:<{}}  {:>8}  {:>9}  {:>8}  {:>10}  {:>10}  why\n", limits,
                  within.runs, "layout", width, "replicas", "USD/h", "kW", "requests/s", "tokens/s");
  const std::size_t shown = top == 0 ? within.entries.size() : std::min(top, within.entries.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Entry& entry = within.entries[i];
    const Offer& offer = within.offers[entry.offer];
    const auto number = [](double value, int digits) {
      return value > 0 ? fmt::format("{:.{}f}", value, digits) : std::string("-");
    };
    const double watts = offer.found.watts.value_or(0) * static_cast<double>(entry.replicas);
    const bool best = within.best == i;
    const std::string why = best ? "the most; beyond: " + entry.found->above->rejection.text
                                 : fmt::format("{}: {}", name(entry.rejection.reason), entry.rejection.text);
    out += fmt::format("{} {:<{}}  {:>8}  {:>9}  {:>8}  {:>10}  {:>10}  {}\n", best ? '*' : ' ',
                       offer.layout.name(offer.found.devices), width, number(static_cast<double>(entry.replicas), 0),
                       number(entry.usd_at_most, 2), number(watts / 1e3, 1), number(reached(entry), 2),
                       number(entry.found && entry.found->at ? entry.found->at->output_tokens_per_s : 0, 0), why);
  }
  if (shown < within.entries.size())
    out += fmt::format("  and {} more layouts (--top 0 lists all)\n", within.entries.size() - shown);
  return out;
}

std::string within_json(const Within& within) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("schema", 1).member("simulated", within.runs).key("entries").begin_list();
  for (const Entry& entry : within.entries) {
    const Offer& offer = within.offers[entry.offer];
    json.begin_object().member("device", offer.layout.device).member("devices_per_replica", offer.found.devices);
    json.member("links", offer.layout.links).member("replicas", entry.replicas);
    json.member("usd_per_hour_at_most", entry.usd_at_most);
    json.member("watts_at_most", offer.found.watts.value_or(0) * static_cast<double>(entry.replicas));
    json.member("capacity_requests_per_s", entry.requests_at_most).member("goodput_requests_per_s", reached(entry));
    const bool ran = entry.found && entry.found->at;
    json.member("output_tokens_per_s", ran ? entry.found->at->output_tokens_per_s : 0.0);
    json.member("reason", name(entry.rejection.reason)).member("text", entry.rejection.text).end_object();
  }
  json.end_list().end_object().finish();
  return text;
}

}  // namespace memwall::tools::plan
