// Speeds that vendors and others have published for machines, against the same machines simulated.
#pragma once

#include <algorithm>

#include "tests/claims/claim.hpp"
#include "tests/devices/sn40l_rows.hpp"
#include "tests/shared.hpp"

namespace memwall::test {

/// What a source says of how its number was reached.
enum class Stated : std::uint8_t {
  all,      ///< chips, batch and speculation, or only one reading is possible
  partly,   ///< some of them are left open
  spec_on,  ///< with speculative decoding, which is not built
  fitted,   ///< the one claim that the mechanism's constant was fitted to
};

struct Published {
  std::string claim;
  double value = 0;     ///< tokens/s
  bool of_user = true;  ///< of one user; else of the whole machine, prompts not counted
  Stated stated = Stated::partly;
  std::string source;
  std::string seed;
  std::vector<std::string> set = {};
  std::string about = "";  ///< machine and model, where sources together give an interval
};

inline std::string model_is(const std::string& name) { return "/model/config=" + name; }

/// Facts of their sources (claim, number, conditions); nothing here is computed.
inline std::vector<Published> published() {
  const std::string aa = "Artificial Analysis, via the vendor";
  const std::string llama8 = model_is("meta-llama/Llama-3.1-8B"), llama70 = model_is("meta-llama/Llama-3.1-70B"),
                    llama405 = model_is("meta-llama/Llama-3.1-405B"), oss = model_is("openai/gpt-oss-120b");
  const std::string int8 = "/model/weights=int8";
  return {
      {"LPU v1, 576 chips, Llama-2-70B", 300, true, Stated::fitted, "press, 2024", "lpu_70b_int8", {}, "LPU v1, 70B"},
      {"LPU v1, Llama-2-70B, five clients",
       184,
       true,
       Stated::partly,
       "LLMPerf, over the network, 2023",
       "lpu_70b_int8",
       {"/workload/arrivals/concurrency=5", "/workload/lengths/input=550", "/workload/lengths/output=150"},
       "LPU v1, 70B"},
      {"LPU v1, Llama-3.1-70B", 250, true, Stated::partly, aa, "lpu_70b", {}, "LPU v1, 70B"},
      {"LPU v1, Llama-3.1-8B", 751, true, Stated::partly, aa, "lpu_70b", {llama8}, "LPU v1, 8B"},
      {"LPU v1, Llama-3-8B", 1300, true, Stated::partly, "forum, 2024", "lpu_70b", {llama8}, "LPU v1, 8B"},
      {"LPU v1, Mixtral 8x7B",
       480,
       true,
       Stated::partly,
       "press, 2024",
       "lpu_70b",
       {model_is("mistralai/Mixtral-8x7B-v0.1")}},
      {"LPU v1, gpt-oss-120b", 476, true, Stated::partly, "blog, after Artificial Analysis", "lpu_70b", {oss, int8}},
      {"LPU v1, Llama-3.1-70B with speculation", 1660, true, Stated::spec_on, "vendor, 2024", "lpu_70b"},
      {"WSE-3, 1 wafer, Llama-3.1-8B", 1800, true, Stated::fitted, "vendor, 2024", "wafer_8b", {}, "WSE-3, 8B"},
      {"WSE-3, 1 wafer, Llama-3.1-8B", 1837, true, Stated::partly, aa, "wafer_8b", {}, "WSE-3, 8B"},
      {"WSE-3, Llama-3.1-70B", 2148, true, Stated::partly, "vendor's staff, 2024", "wafers"},
      {"WSE-3, gpt-oss-120b", 3000, true, Stated::partly, "vendor, 2025", "wafers", {oss}, "WSE-3, gpt-oss-120b"},
      {"WSE-3, gpt-oss-120b",
       2059,
       true,
       Stated::partly,
       "tokenomics.info, measured",
       "wafers",
       {oss},
       "WSE-3, gpt-oss-120b"},
      {"WSE-3, gpt-oss-120b",
       1706,
       true,
       Stated::partly,
       "blog, after Artificial Analysis",
       "wafers",
       {oss},
       "WSE-3, gpt-oss-120b"},
      {"SN40L, 16 RDUs, Llama-3.1-8B", 1042, true, Stated::partly, aa, "sn40l_8b", {}, "SN40L, 8B"},
      {"SN40L, 16 RDUs, Llama-3-8B", 1000, true, Stated::partly, "vendor, 2024", "sn40l_8b", {}, "SN40L, 8B"},
      {"SN40L, 16 RDUs, Llama-3.1-70B", 457, true, Stated::partly, aa, "sn40l_8b", {llama70}},
      {"SN40L, 16 RDUs, Llama-3.1-405B", 129, true, Stated::partly, aa, "sn40l_8b", {llama405}},
      {"SN40L, 16 RDUs, DeepSeek-R1",
       198,
       true,
       Stated::partly,
       "vendor, 2025",
       "sn40l_8b",
       {model_is("deepseek-ai/DeepSeek-R1"), "/model/weights=fp8"}},
      {"SN40L, gpt-oss-120b",
       692,
       true,
       Stated::partly,
       "blog, after Artificial Analysis",
       "sn40l_8b",
       {oss, "/model/weights=mxfp4"}},
      {"Corsair, 8 cards, Llama-3-8B, about 60 users",
       60000,
       false,
       Stated::all,
       "vendor: 1 ms a token",
       "corsair_8b",
       {"/workload/arrivals/concurrency=60", "/workload/requests=120"}},
      {"Corsair, rack of 64 cards, Llama-3-70B, about 60 users", 30000, false, Stated::all, "vendor: 2 ms a token",
       "corsair_70b_rack"},
      {"Sohu, 8 chips, Llama-3-70B, tokens of prompts counted", 500000, false, Stated::partly, "vendor, 2024",
       "sohu_70b"},
      {"8 H200, Llama-3.1-405B, batch not stated", 506, false, Stated::partly, "NVIDIA, low latency, 2024",
       "llama405_h200"},
  };
}

inline double speed_of(const Outcome& outcome, const Published& each) {
  if (each.of_user) return 1 / outcome.results.latency.tpot.mean;
  const Throughput& t = outcome.results.throughput;
  return each.claim.find("prompts counted") == std::string::npos ? t.output_tokens_per_s
                                                                 : t.output_tokens_per_s + t.input_tokens_per_s;
}

/// Within a quarter, or by which factor and by which tier not.
inline Claim against(const Published& each) {
  Claim out;
  out.claim = fmt::format("{}: {:g} tokens/s{}", each.claim, each.value, each.of_user ? " of one user" : "");
  out.source = each.source;
  out.how = fmt::format("`seed/{}.json`", each.seed);
  for (const std::string& edit : each.set) out.how += fmt::format(" `--set '{}'`", edit);
  Outcome outcome;
  try {
    outcome = seed_run(each.seed, each.set);
  } catch (const InputError& error) {
    out.numbers = fmt::format("refused: {}", error.what());
    out.says = each.stated == Stated::all ? Says::fails : Says::open;
    return out;
  }
  const double speed = speed_of(outcome, each);
  const Tier tier = largest(outcome.results.cycles.all.time_share);
  const double share = outcome.results.cycles.all.time_share[tier];
  out.numbers = fmt::format("{:.4g} on {} chips, {:+.0f} %", speed, outcome.built.pools[0].devices(),
                            100 * (speed / each.value - 1));
  const bool close = near(speed, each.value, 0.25);
  if (!close) {
    const double factor = std::max(speed / each.value, each.value / speed);
    out.numbers += fmt::format("; a factor of {:.2g} {}, {} has {:.0f} % of the time", factor,
                               speed < each.value ? "below" : "above", name(tier), 100 * share);
  }
  switch (each.stated) {
    case Stated::all: out.says = holds_if(close); break;
    case Stated::fitted:
      out.numbers += "; the fit of this mechanism's constant";
      out.says = Says::conditions;
      break;
    case Stated::spec_on:
      out.numbers += "; simulated without speculation, which is not built";
      out.says = Says::open;
      break;
    case Stated::partly:
      out.numbers += close ? "" : "; its chips, batch or speculation are not stated";
      out.says = close ? Says::conditions : Says::open;
      break;
  }
  return out;
}

/// Where several sources give a speed of a machine with a model, and none of them everything that decides it: whether
/// the simulated one lies between the lowest and the highest, or within a quarter of them.
inline std::vector<Claim> intervals() {
  std::vector<Claim> out;
  const std::vector<Published> all = published();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& about = all[i].about;
    const auto same = [&](const Published& other) { return other.about == about; };
    if (about.empty() || std::find_if(all.begin(), all.end(), same) != all.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    double low = all[i].value, high = all[i].value, slow = 0, fast = 0;
    for (const Published& each : all) {
      if (!same(each)) continue;
      low = std::min(low, each.value), high = std::max(high, each.value);
      const double speed = speed_of(seed_run(each.seed, each.set), each);
      slow = slow == 0 ? speed : std::min(slow, speed), fast = std::max(fast, speed);
    }
    Claim claim{fmt::format("{}: {:g} to {:g} tokens/s of one user", about, low, high), "the sources above together",
                fmt::format("`seed/{}.json`", all[i].seed), "", Says::open};
    claim.numbers = fmt::format("{:.4g}", slow);
    if (fast > slow * 1.001) claim.numbers += fmt::format(" to {:.4g}", fast);
    const bool inside = slow >= low / 1.25 && fast <= high * 1.25;
    if (!inside) claim.numbers += fmt::format("; a factor of {:.2g} outside", std::max(low / slow, fast / high));
    claim.says = holds_if(inside);
    out.push_back(std::move(claim));
  }
  return out;
}

inline Section vendors() {
  Section out{
      "Published speeds",
      "Data sheets and at most one fitted constant a mechanism; no constant was bent to meet a claim. *Holds*: within "
      "25 % where chips, batch and speculation are stated. *Under stated conditions*: within 25 % on the machine named "
      "here, where the source leaves something open, or the claim that was fitted. *Not checkable*: the source leaves "
      "open what would decide it.",
      {}};
  for (const Published& each : published()) out.claims.push_back(against(each));
  for (Claim& claim : intervals()) out.claims.push_back(std::move(claim));
  return out;
}

/// The claim that rests on rows which may not be copied into the project; nothing where they are absent.
inline std::optional<Claim> independent_rows() {
  const auto folder = shared("the SN40L of docs/claims.md");
  if (!folder) return std::nullopt;
  std::vector<double> errors;
  for (const MeasuredRun& run : measured_runs(*folder / "reference" / "measured" / "argonne.csv")) {
    errors.push_back(std::abs(simulated(run) / run.seconds - 1));
  }
  std::sort(errors.begin(), errors.end());
  const std::size_t middle = errors.size() / 2;
  const double median = (errors[middle] + errors[errors.size() - 1 - middle]) / 2;
  Claim out{"SN40L, 8 RDUs, static batches of 7B to 70B: times of whole runs",
            "Argonne, LLM-Inference-Bench",
            "tests/devices/sn40l_test.cpp",
            "",
            {}};
  out.numbers =
      fmt::format("{} rows, median error {:.0f} %, worst {:.0f} %", errors.size(), 100 * median, 100 * errors.back());
  out.says = holds_if(median <= 0.25);
  return out;
}

}  // namespace memwall::test
