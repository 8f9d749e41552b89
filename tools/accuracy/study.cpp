#include "tools/accuracy/study.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/base/error.hpp"
#include "sim/metrics/distribution.hpp"
#include "tools/accuracy/metric.hpp"
#include "tools/accuracy/simulate.hpp"

namespace memwall::accuracy {
namespace {

std::string class_of(const ModelShape& model) {
  std::string out = "dense";
  for (const LayerGroup& group : model.layers) {
    if (std::holds_alternative<LatentAttention>(group.attention)) return "mla";
    if (std::holds_alternative<MoeFfn>(group.ffn)) out = "moe";
  }
  return out;
}

constexpr Band bands[] = {{0, "any"}, {1, "1"}, {2, "2-16"}, {17, "17-64"}, {65, "65-256"}, {257, "257-"}};

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// What a log says about its requests, by the definitions of the simulated metrics.
std::map<std::string, double> measured_of(const std::vector<LoggedRequest>& requests) {
  Distribution ttft;
  Distribution tpot;
  Distribution e2e;
  for (const LoggedRequest& each : requests) {
    ttft.add(Duration::from(Seconds{each.first_token_s - each.queued_s}));
    e2e.add(Duration::from(Seconds{each.last_token_s - each.queued_s}));
    if (each.output_tokens < 2) continue;
    const double gaps = static_cast<double>(each.output_tokens - 1);
    tpot.add(Duration::from(Seconds{(each.last_token_s - each.first_token_s) / gaps}));
  }
  std::map<std::string, double> out;
  const auto put = [&out](const std::string& name, const Distribution& times) {
    if (times.count() == 0) return;
    const Summary summary = times.summary();
    for (const auto& [suffix, seconds] : {std::pair{"_ms_mean", summary.mean},
                                          {"_ms_p50", summary.p50},
                                          {"_ms_p90", summary.p90},
                                          {"_ms_p99", summary.p99}}) {
      if (seconds > 0) out[name + suffix] = seconds * 1e3;
    }
  };
  put("ttft", ttft);
  put("tpot", tpot);
  put("e2e", e2e);
  return out;
}

class Student {
 public:
  explicit Student(const Catalogue& catalogue) : catalogue_(catalogue), models_(catalogue.models) {}

  Study take(const TraceFile& file) {
    const MeasuredTable table = read_measured_table(file);
    out_.file = file.label;
    out_.not_compared = table.not_compared;
    for (const MeasuredRow& row : table.rows) compare(row.id, decide(row, models_), row.measured);
    for (const auto& [run, requests] : table.runs) {
      compare(run, decide(run, requests, models_), measured_of(requests));
    }
    summarize_all();
    return std::move(out_);
  }

 private:
  void compare(const std::string& id, Decision decision, const std::map<std::string, double>& measured) {
    ++out_.rows;
    if (const auto* refused = std::get_if<Unsupported>(&decision)) {
      ++out_.unsupported[refused->reason];
      return;
    }
    const auto& served = std::get<ServingCase>(decision);
    Simulated run;
    std::string model_class;
    try {
      model_class = class_of(models_.find(served.model));
      run = simulate(served, catalogue_);
    } catch (const InputError&) {
      // Of what the decision leaves, only capacity and divisibility can stand against a run.
      ++out_.unsupported["does not fit: " + served.model + " in " + std::string(name(served.weights)) + " on " +
                         std::to_string(served.tensor) + " x " + served.device];
      return;
    }
    ++out_.simulated;
    for (const Metric& metric : metrics()) {
      const auto at = measured.find(std::string(metric.column));
      if (at == measured.end()) continue;
      const double simulated = metric.of(run);
      if (!(simulated > 0)) continue;  // energy of a device whose file has none
      Figure figure{id, at->first, at->second, simulated, std::string(name(run.bottleneck)), {}, {}};
      figure.regime = {served.device_name, model_class, served.phase, band_of(served.batch).from};
      figure.assumption = joined(served.assumptions);
      out_.figures.push_back(std::move(figure));
    }
  }

  RegimeErrors summarize(const std::vector<const Figure*>& figures) const {
    RegimeErrors out;
    std::vector<double> signed_errors;
    std::vector<double> absolute;
    TierArray<std::int64_t> votes;
    for (const Figure* figure : figures) {
      const double error = figure->error();
      signed_errors.push_back(error);
      absolute.push_back(std::abs(error));
      if (out.worst_id.empty() || std::abs(error) > std::abs(out.worst)) {
        out.worst = error;
        out.worst_id = figure->id;
      }
      for (std::size_t i = 0; i < tier_count; ++i) votes.at[i] += tier_names[i] == figure->bottleneck ? 1 : 0;
    }
    out.regime = figures.front()->regime;
    out.metric = figures.front()->metric;
    out.figures = static_cast<std::int64_t>(figures.size());
    out.median = median(std::move(signed_errors));
    out.median_absolute = median(std::move(absolute));
    const auto most = std::max_element(votes.at.begin(), votes.at.end());
    out.bottleneck = tier_names[static_cast<std::size_t>(most - votes.at.begin())];
    return out;
  }

  void summarize_all() {
    for (const Metric& metric : metrics()) {
      std::map<Regime, std::vector<const Figure*>> by_regime;
      std::vector<const Figure*> all;
      for (const Figure& figure : out_.figures) {
        if (figure.metric != metric.column) continue;
        by_regime[figure.regime].push_back(&figure);
        all.push_back(&figure);
      }
      if (all.empty()) continue;
      for (const auto& [regime, figures] : by_regime) out_.regimes.push_back(summarize(figures));
      out_.totals.push_back(summarize(all));
      out_.totals.back().regime = {};
    }
  }

  const Catalogue& catalogue_;
  ModelCatalogue models_;
  Study out_;
};

}  // namespace

const Band& band_of(std::int64_t batch) {
  const Band* found = bands;
  for (const Band& band : bands) {
    if (batch >= band.from) found = &band;
  }
  return *found;
}

std::string Regime::text() const {
  return device + ", " + model_class + ", " + phase + ", " + std::string(band_of(band).text);
}

Study study(const TraceFile& file, const Catalogue& catalogue) { return Student(catalogue).take(file); }

}  // namespace memwall::accuracy
