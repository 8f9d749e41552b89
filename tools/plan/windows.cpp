#include "tools/plan/windows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"
#include "tools/plan/goodput.hpp"

namespace memwall::tools::plan {
namespace {

constexpr std::int64_t most_windows = 10'000;

/// The requests of a source that arrive in [from, to), as if the run had begun at `from`.
class WindowSource final : public RequestSource {
 public:
  WindowSource(std::unique_ptr<RequestSource> whole, Duration from, Duration to)
      : whole_(std::move(whole)), from_(from), end_(Time{} + to) {
    while (!whole_->exhausted() && whole_->next_arrival() < Time{} + from_) (void)whole_->pop();
  }

  [[nodiscard]] Time next_arrival() const override {
    return exhausted() ? Time::never() : Time{} + ((whole_->next_arrival() - Time{}) - from_);
  }
  Request pop() override {
    Request request = whole_->pop();
    const auto earlier = [this](Time& moment) {
      if (moment != Time::never()) moment = Time{} + ((moment - Time{}) - from_);
    };
    earlier(request.arrival);
    earlier(request.gives_up);
    earlier(request.labels.deadline);
    return request;
  }
  void ended(const Request&, Time) override {}
  [[nodiscard]] bool exhausted() const override { return whole_->exhausted() || whole_->next_arrival() >= end_; }
  [[nodiscard]] bool shares_tokens() const override { return whole_->shares_tokens(); }
  [[nodiscard]] LabelNames names() const override { return whole_->names(); }
  [[nodiscard]] SourceNotes notes() const override { return whole_->notes(); }

 private:
  std::unique_ptr<RequestSource> whole_;
  Duration from_;
  Time end_;
};

Adjust cut(const Window& window) {
  const Duration from = Duration::from(Seconds{window.from_s});
  const Duration to = Duration::from(Seconds{window.to_s});
  return [from, to](LoadedScenario& loaded) {
    for (WorkloadSpec& workload : loaded.scenario.workloads) {
      workload.open = [open = workload.open, from, to](const SourceContext& context) {
        return std::make_unique<WindowSource>(open(context), from, to);
      };
    }
  };
}

/// Fewest replicas of the window, by steps up from the estimate and bisection.
std::size_t fill(const Base& base, const Layout& layout, std::int64_t most, double factor, const Demands& demands,
                 Window& window) {
  const Adjust adjust = cut(window);
  LoadedScenario loaded = load_fleet(base, {&layout, 1, factor});
  adjust(loaded);
  const Traffic traffic = survey(loaded);
  window.requests = traffic.requests;
  if (window.requests == 0) return 0;
  const Feasible found = feasible(base, layout, traffic);
  std::size_t runs = 0;
  std::optional<Trial> passing;
  const auto passes = [&](std::int64_t replicas) {
    Trial trial = try_fleet(base, {&layout, replicas, factor}, demands, adjust);
    ++runs;
    if (!trial.passed()) {
      window.rejection = trial.rejection;
      return false;
    }
    passing = std::move(trial);
    return true;
  };
  std::int64_t next = std::min(found.least_replicas(traffic, 1), most);
  std::int64_t failed = next - 1;
  for (std::int64_t step = 1; !passes(next); step *= 2) {
    if (next == most) return runs;
    failed = next;
    next = std::min(most, next + step);
  }
  while (next - failed > 1) {
    const std::int64_t middle = failed + (next - failed) / 2;
    (passes(middle) ? next : failed) = middle;
  }
  window.replicas = next;
  window.run = std::move(passing);
  window.rejection = {};
  return runs;
}

std::vector<Window> cut_period(Stretch stretch) {
  const auto [period_s, window_s] = stretch;
  const double count = std::ceil(period_s / window_s);
  if (count > static_cast<double>(most_windows)) {
    throw InputError(fmt::format("{:.0f} windows are more than {}; make them longer", count, most_windows));
  }
  std::vector<Window> out(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].from_s = static_cast<double>(i) * window_s;
    out[i].to_s = std::min(period_s, static_cast<double>(i + 1) * window_s);
  }
  return out;
}

void add_up(Schedule& schedule) {
  double requests = 0;
  double hours = 0;
  double peak = 0;
  const double each = schedule.found.usd_per_hour;
  for (const Window& window : schedule.windows) {
    const auto energy = [](const std::optional<Trial>& run) { return run ? run->energy_usd_per_hour : 0; };
    schedule.oracle_usd += (each * static_cast<double>(window.replicas) + energy(window.run)) * window.hours();
    schedule.static_usd += (each * static_cast<double>(schedule.peak_replicas) + energy(window.peak)) * window.hours();
    requests += static_cast<double>(window.requests);
    hours += window.hours();
    peak = std::max(peak, window.rate());
  }
  if (requests > 0) schedule.peak_to_mean = peak / (requests / hours / 3600);
}

}  // namespace

bool Schedule::holds() const {
  return std::all_of(windows.begin(), windows.end(),
                     [](const Window& window) { return window.rejection.reason == Reason::none; });
}

Schedule schedule(const Base& base, const Layout& layout, std::int64_t most_replicas, double rate_factor,
                  Stretch stretch, const Demands& demands, const Parallel& parallel) {
  Schedule out;
  out.layout = layout;
  const Traffic traffic = survey(base.loaded);
  require_rate(traffic, "a plan by windows");
  out.found = feasible(base, layout, traffic);
  out.windows = cut_period(stretch);
  std::vector<std::size_t> runs(out.windows.size());
  parallel(out.windows.size(),
           [&](std::size_t i) { runs[i] = fill(base, layout, most_replicas, rate_factor, demands, out.windows[i]); });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    out.runs += runs[i];
    out.peak_replicas = std::max(out.peak_replicas, out.windows[i].replicas);
  }
  if (out.holds()) {
    parallel(out.windows.size(), [&](std::size_t i) {
      Window& window = out.windows[i];
      if (window.requests == 0) return;
      window.peak = try_fleet(base, {&layout, out.peak_replicas, rate_factor}, demands, cut(window));
    });
    out.runs += out.windows.size();
  }
  add_up(out);
  return out;
}

std::string schedule_text(const Schedule& schedule) {
  std::string out = fmt::format(
      "windows of {}, each with as few replicas as meet everything\n  {:>10}  {:>9}  {:>10}  {:>8}  {:>6}\n",
      schedule.layout.name(schedule.found.devices), "from, h", "requests", "requests/s", "replicas", "load");
  for (const Window& window : schedule.windows) {
    const std::string load = window.run && window.run->load ? fmt::format("{:.0f} %", 100 * *window.run->load) : "-";
    out += fmt::format("  {:>10.3f}  {:>9}  {:>10.4g}  {:>8}  {:>6}  {}\n", window.from_s / 3600, window.requests,
                       window.rate(), window.replicas, load,
                       window.rejection.reason == Reason::none
                           ? ""
                           : fmt::format("{}: {}", name(window.rejection.reason), window.rejection.text));
  }
  if (!schedule.holds()) return out + "some windows are not met with as many replicas as allowed; see --max-devices\n";
  const double gap = schedule.static_usd - schedule.oracle_usd;
  return out + fmt::format(
                   "rate: peak over mean {:.2f}\nstatic at the peak: {} replicas, {:.2f} USD\noracle: {:.2f} USD; no "
                   "autoscaler can "
                   "save more than {:.2f} USD, {:.0f} % ({} runs)\n",
                   schedule.peak_to_mean, schedule.peak_replicas, schedule.static_usd, schedule.oracle_usd, gap,
                   schedule.static_usd > 0 ? 100 * gap / schedule.static_usd : 0, schedule.runs);
}

std::string schedule_csv(const Schedule& schedule) {
  std::string out = "from_s,to_s,requests,requests_per_s,replicas,load_over_capacity,bottleneck,met\n";
  for (const Window& window : schedule.windows) {
    out += fmt::format("{},{},{},{},{},{},{},{}\n", window.from_s, window.to_s, window.requests, window.rate(),
                       window.replicas, window.run && window.run->load ? fmt::format("{}", *window.run->load) : "",
                       window.run ? std::string(name(window.run->bottleneck)) : "idle",
                       window.rejection.reason == Reason::none ? 1 : 0);
  }
  return out;
}

}  // namespace memwall::tools::plan
