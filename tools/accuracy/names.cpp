#include "tools/accuracy/names.hpp"

#include <algorithm>
#include <cctype>

namespace memwall::accuracy {
namespace {

bool equal_names(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

constexpr DeviceName device_names[] = {
    {"A100", "a100_sxm_80", "hgx_a100"},
    {"H100", "h100_sxm", "hgx_h100"},
    {"H200", "h200_sxm", "hgx_h200"},
    {"B200", "b200_sxm", "hgx_b200"},
};

constexpr ModelName model_names[] = {
    {"LLaMA 7B", "meta-llama/Llama-2-7b-hf"},
    {"LLaMA 70B", "meta-llama/Llama-2-70b-hf"},
    {"Mistral 7B", "mistralai/Mistral-7B-v0.3"},
    {"Mixtral 8x7B", "mistralai/Mixtral-8x7B-v0.1"},
    {"Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen/Qwen3-30B-A3B"},
    {"Qwen/Qwen3-30B-A3B-Thinking-2507", "Qwen/Qwen3-30B-A3B"},
    {"Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen/Qwen3-235B-A22B"},
    {"Qwen/Qwen3-235B-A22B-Instruct-2507-FP8", "Qwen/Qwen3-235B-A22B"},
    {"Qwen/Qwen3-235B-A22B-Thinking-2507", "Qwen/Qwen3-235B-A22B"},
    {"Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "Qwen/Qwen3-235B-A22B"},
    // Names of runs in logs of requests.
    {"llama3.1-8b", "meta-llama/Llama-3.1-8B"},
    {"llama3.1-70b", "meta-llama/Llama-3.1-70B"},
    {"qwen3-30b-a3b", "Qwen/Qwen3-30B-A3B"},
    {"qwen3-32b", "Qwen/Qwen3-32B"},
};

struct PrecisionName {
  std::string_view measured;
  Precision precision;
};

constexpr PrecisionName precision_aliases[] = {{"bfloat16", Precision::bf16},
                                               {"float16", Precision::fp16},
                                               {"half", Precision::fp16},
                                               {"fp8_e4m3", Precision::fp8}};

// Answers in Chatbot Arena: quantiles of the 1,500 requests of the VTC artifact (Ying1123/VTC-artifact, Apache-2.0,
// fair_bench/real_trace.pkl), whose prompts have 136 tokens in the mean. Coefficient of variation 0.79.
constexpr double arena_probabilities[] = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};
constexpr double arena_answers[] = {1, 3, 10, 62, 211, 458, 513, 513, 785, 977};

// A GPQA question with its four options and the instruction around it is taken at 250 tokens: an estimate. How far its
// answers spread is not published; equal lengths are the simplest assumption.
constexpr TaskName task_names[] = {{"lm-arena-chat", 136, {arena_probabilities, arena_answers}}, {"gpqa", 250, {}}};

}  // namespace

double Spread::mean() const {
  double sum = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    sum += (probabilities[i] - probabilities[i - 1]) * (values[i] + values[i - 1]) / 2;
  }
  return values.empty() ? 1 : sum;
}

const DeviceName* find_device(std::string_view measured) {
  for (const DeviceName& name : device_names) {
    if (equal_names(name.measured, measured) || name.device == measured) return &name;
  }
  return nullptr;
}

const ModelName* find_model_name(std::string_view measured) {
  for (const ModelName& name : model_names) {
    if (name.measured == measured) return &name;
  }
  return nullptr;
}

std::optional<Precision> find_precision(std::string_view measured) {
  for (std::size_t i = 0; i < precision_count; ++i) {
    if (equal_names(precision_names[i], measured)) return static_cast<Precision>(i);
  }
  for (const PrecisionName& name : precision_aliases) {
    if (equal_names(name.measured, measured)) return name.precision;
  }
  return std::nullopt;
}

const TaskName* find_task(std::string_view lengths) {
  for (const TaskName& name : task_names) {
    if (lengths.find(name.task) != std::string_view::npos) return &name;
  }
  return nullptr;
}

}  // namespace memwall::accuracy
