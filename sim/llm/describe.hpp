// The figures of a model that `memwall model` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/quantity.hpp"
#include "sim/hw/precision.hpp"
#include "sim/llm/model.hpp"
#include "sim/llm/parameters.hpp"

namespace memwall {

struct ModelDescription {
  struct Weights {
    Precision format;
    Bytes bytes;  ///< on one device; embedding, head, router and norms in 16 bits where the format is narrower
  };
  struct Cache {
    Precision format;
    Bytes per_token;       ///< while no window has been left
    Bytes beyond_windows;  ///< for each token after that
  };
  /// Layers of one kind of attention or feed-forward, in words.
  struct Kind {
    std::string name;
    std::int64_t layers = 0;
  };
  struct AtContext {
    std::int64_t tokens = 0;
    Flops decode;   ///< for one more token behind so many
    Flops prefill;  ///< for a prompt of so many, mean of one token
    Bytes cache;    ///< of one sequence, in 16 bits, its constant state included
  };

  std::string name;
  std::string family;
  std::string source;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t vocab = 0;
  std::int64_t max_position = 0;
  Precision declared_weights = Precision::bf16;
  std::optional<Precision> declared_attention;
  std::optional<Precision> declared_dense;
  std::int64_t mtp_layers = 0;
  std::vector<Kind> attention;
  std::vector<Kind> ffn;
  Bytes state;  ///< constant, of one sequence
  ParameterCount parameters;
  ParameterCount active;
  std::vector<Weights> weights;
  std::vector<Cache> cache;
  std::vector<AtContext> contexts;  ///< up to the longest position of the model
  std::vector<std::string> notes;
};

[[nodiscard]] ModelDescription describe(const ModelShape& model);

/// The description as a table of lines for a terminal.
[[nodiscard]] std::string text(const ModelDescription& description);

}  // namespace memwall
