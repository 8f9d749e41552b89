#include "tools/accuracy/decide.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "tools/accuracy/names.hpp"

namespace memwall::accuracy {
namespace {

/// Thrown inside this file only: the first thing that stands against a row.
struct Refusal {
  std::string reason;
};

std::optional<double> as_number(std::string_view text) {
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value <= 0) return std::nullopt;
  return value;
}

/// The number behind "<name> " or "<name>=" in a sentence.
std::optional<double> stated(std::string_view sentence, std::string_view name) {
  const std::size_t at = sentence.find(name);
  if (at == std::string_view::npos || at + name.size() >= sentence.size()) return std::nullopt;
  std::string_view rest = sentence.substr(at + name.size() + 1);
  rest = rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
  return as_number(rest);
}

std::int64_t rounded(double tokens) { return std::max<std::int64_t>(1, std::llround(tokens)); }

/// Whether vLLM of that version schedules asynchronously: by default from 0.11 on.
bool schedules_async(std::string_view version) {
  const std::size_t dot = version.find('.');
  if (dot == std::string_view::npos) return true;
  const auto major = as_number(version.substr(0, dot)).value_or(0);
  std::string_view rest = version.substr(dot + 1);
  rest = rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
  return major >= 1 || as_number(rest).value_or(0) >= 11;
}

class Decider {
 public:
  Decider(const MeasuredRow& row, const ModelCatalogue& models) : row_(row), models_(models) {}

  ServingCase decide() {
    if (row_.quality == "C") throw Refusal{"quality C: its source says not to score against it"};
    device();
    model();
    formats();
    parallelism();
    engine();
    lengths();
    load();
    if (row_.measured.empty()) throw Refusal{"no measured column that is compared"};
    return std::move(case_);
  }

 private:
  void device() {
    const DeviceName* found = find_device(row_.device);
    if (found == nullptr) throw Refusal{"device not in the catalogue: " + row_.device};
    case_.device = found->device;
    case_.interconnect = found->interconnect;
    case_.device_name = found->measured;
  }

  void model() {
    case_.model = row_.model;
    if (const ModelName* other = find_model_name(row_.model)) {
      case_.model = other->model;
      assume("priced as " + case_.model);
    }
    const auto names = models_.names();
    const bool known =
        std::binary_search(names.begin(), names.end(), case_.model) || models_.aliases().count(case_.model) != 0;
    if (!known) throw Refusal{"model not in the catalogue: " + row_.model};
  }

  void formats() {
    const auto weights = find_precision(row_.weights);
    if (!weights) throw Refusal{"weights of unknown format: " + row_.weights};
    case_.weights = *weights;
    const Precision wide = bytes_per_weight(*weights) < 2 ? Precision::bf16 : *weights;
    case_.kv = wide;
    if (row_.kv.empty()) {
      assume(fmt::format("KV cache in {}", name(wide)));
    } else if (row_.kv != "auto") {
      const auto kv = find_precision(row_.kv);
      if (!kv) throw Refusal{"KV cache of unknown format: " + row_.kv};
      case_.kv = *kv;
    }
  }

  void parallelism() {
    const auto only_one = [](const std::optional<double>& degree, const char* what) {
      if (degree.value_or(1) != 1) throw Refusal{fmt::format("{} parallelism of {:g}", what, *degree)};
    };
    only_one(row_.pipeline, "pipeline");
    only_one(row_.expert, "expert");
    only_one(row_.data, "data");
    if (!row_.tensor && row_.devices.value_or(1) != 1) throw Refusal{"several devices and no tensor parallelism given"};
    const double tensor = row_.tensor.value_or(1);
    if (tensor != std::floor(tensor) || tensor > 1024) throw Refusal{fmt::format("tensor parallelism of {:g}", tensor)};
    if (row_.devices.value_or(tensor) != tensor) throw Refusal{"more devices than tensor parallelism explains"};
    case_.tensor = static_cast<int>(tensor);
    if (!row_.speculation.empty() && row_.speculation != "off" && row_.speculation != "no") {
      throw Refusal{"speculative decoding: " + row_.speculation};
    }
  }

  void engine() {
    if (row_.engine.starts_with("TensorRT-LLM")) {
      case_.engine = Engine::tensorrt_llm;
      assume("TensorRT-LLM as a scheduler without host or sampling time on kernels of vLLM");
    } else if (row_.engine.starts_with("vLLM")) {
      case_.engine = schedules_async(row_.engine_version) ? Engine::vllm_async : Engine::vllm_sync;
      if (row_.engine_version.empty()) assume("vLLM of unknown version schedules asynchronously");
    } else {
      throw Refusal{"engine not simulated: " + row_.engine};
    }
    if (const auto share = setting("gpu_mem_util")) {
      if (*share > 1) throw Refusal{"gpu_mem_util above 1"};
      case_.gpu_memory_utilization = *share;
    }
    if (const auto tokens = setting("max_num_batched_tokens")) case_.max_num_batched_tokens = rounded(*tokens);
    if (const auto sequences = stated(row_.notes, "max_num_seqs")) case_.max_num_seqs = rounded(*sequences);
  }

  void lengths() {
    if (!row_.output_tokens) throw Refusal{"output length not given"};
    case_.output_tokens = rounded(*row_.output_tokens);
    if (row_.lengths.find("natural stop") != std::string::npos) {
      case_.stops_by_eos = true;
    }
    const TaskName* task = find_task(row_.lengths);
    if (case_.stops_by_eos && task != nullptr) case_.spread = task->spread;
    if (case_.stops_by_eos) {
      assume(case_.spread.values.empty() ? "equal answers" : "answers spread as in Chatbot Arena");
    }
    if (row_.input_tokens) {
      case_.input_tokens = rounded(*row_.input_tokens);
    } else if (task != nullptr) {
      case_.input_tokens = task->input_tokens;
      assume(fmt::format("prompts of {} tokens", task->input_tokens));
    } else {
      throw Refusal{"input length not given, and no task is named for which one is assumed"};
    }
    if (row_.lengths.find("shared_prefix") != std::string::npos) assume("prompts share no prefix");
  }

  void load() {
    const auto value = as_number(row_.load_value);
    if (!value) {
      const bool stages = row_.load_value.find(';') != std::string::npos;
      throw Refusal{stages ? "several load stages in one row" : "load not given as a number"};
    }
    const std::string& mode = row_.load_mode;
    if (mode == "saturated_max_num_seqs") {
      set_clients(*value, "saturated");
      case_.max_num_seqs = case_.clients;
      // A queue that never runs dry, so that a freed place is taken in the next cycle.
      case_.load = Load::steady_loop;
      case_.clients += case_.clients / 4 + 1;
    } else if (mode.starts_with("closed_loop")) {
      set_clients(*value, "closed loop");
      case_.load = Load::steady_loop;
    } else if (mode == "static_batch") {
      set_clients(*value, case_.output_tokens == 1 ? "prefill" : "static batch");
      case_.load = Load::together;
      case_.max_num_seqs = case_.clients;
    } else if (mode == "open_loop") {
      case_.load = Load::poisson;
      case_.rate_per_s = *value;
      case_.phase = "open loop";
      assume("Poisson arrivals for 600 s");
    } else {
      throw Refusal{"load mode not simulated: " + mode};
    }
  }

  void set_clients(double value, std::string phase) {
    if (value != std::floor(value) || value > 1e6) throw Refusal{"load is not a number of sequences"};
    case_.clients = static_cast<std::int64_t>(value);
    case_.phase = std::move(phase);
    case_.batch = case_.clients;
  }

  std::optional<double> setting(const std::string& key) const {
    const auto at = row_.settings.find(key);
    return at == row_.settings.end() ? std::nullopt : as_number(at->second);
  }

  void assume(std::string what) { case_.assumptions.push_back(std::move(what)); }

  const MeasuredRow& row_;
  const ModelCatalogue& models_;
  ServingCase case_;
};

}  // namespace

Decision decide(const MeasuredRow& row, const ModelCatalogue& models) {
  try {
    return Decider(row, models).decide();
  } catch (const Refusal& refusal) {
    return Unsupported{refusal.reason};
  }
}

Decision decide(const std::string& run, const std::vector<LoggedRequest>& requests, const ModelCatalogue& models) {
  const std::size_t joint = run.find('_');
  const std::string device = run.substr(0, joint);
  const std::string model = joint == std::string::npos ? std::string() : run.substr(joint + 1);
  if (find_device(device) == nullptr) return Unsupported{"device not in the catalogue: " + device};
  // A run's name says which machine and model it is and nothing else; the rest is decided as for a row without it.
  MeasuredRow row;
  row.device = device;
  row.model = model;
  row.engine = "vLLM";
  row.weights = "bf16";
  row.input_tokens = row.output_tokens = 1;
  row.load_mode = "open_loop";
  row.load_value = "1";
  row.measured["e2e_ms_mean"] = 1;
  Decision decision = decide(row, models);
  auto* found = std::get_if<ServingCase>(&decision);
  if (found == nullptr) return decision;
  found->load = Load::replayed;
  found->phase = "replayed log";
  found->assumptions = {"vLLM schedules asynchronously", "one device, weights and KV cache in bf16"};
  for (const LoggedRequest& logged : requests) {
    Request request;
    request.arrival = Time{} + Duration::from(Seconds{logged.queued_s - requests.front().queued_s});
    request.input_tokens = logged.input_tokens;
    request.output_tokens = request.max_tokens = logged.output_tokens;
    found->requests.push_back(request);
  }
  return decision;
}

}  // namespace memwall::accuracy
