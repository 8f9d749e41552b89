#include "sim/llm/config_reader.hpp"

#include <optional>
#include <utility>

#include "sim/llm/config_document.hpp"
#include "sim/llm/families.hpp"
#include "sim/llm/family_defaults.hpp"
#include "sim/llm/mechanisms.hpp"
#include "sim/llm/quantization.hpp"
#include "sim/llm/read_attention.hpp"
#include "sim/llm/read_layers.hpp"

namespace memwall {
namespace {

using namespace bounds;

void add_notes(ConfigDocument& config, ModelShape& model) {
  if (config.has("text_config") || config.has("vision_config"))
    model.notes.emplace_back("only the language model is counted, not its encoders");
  if (config.bare_words()) {
    model.notes.emplace_back("the file holds Infinity or NaN, which is not JSON; it is read as absent");
  }
  const std::int64_t modules = config.integer("num_mtp_modules", 0, 0, most_layers);
  if (modules > 0 && model.mtp_layers == 0) {
    model.notes.push_back("the file names " + std::to_string(modules) +
                          " modules for multi-token prediction without their shape; they are not counted");
  }
}

/// The language model's own type where the file knows it, else the type of the whole.
const Family* read_family(ConfigDocument& config, ModelShape& model) {
  model.family = config.text("model_type", "");
  refuse_unknown_mechanisms(config, model.family);
  const Family* family = find_family(model.family);
  if (family == nullptr) {
    const std::string given = model.family.empty() ? "is missing" : "'" + model.family + "' is not known";
    config.fault("model_type", given + "; its layers may hold anything. Known are " + family_list());
  }
  return family;
}

}  // namespace

ModelShape read_model_config(const std::string& path, std::string_view text, std::string name) {
  ConfigDocument config(path, text);
  ModelShape model;
  model.name = std::move(name);
  model.source = config.text("source", "");
  const Family* family = read_family(config, model);
  // A file of an unknown mechanism is not read further: its dimensions would give misleading faults.
  config.throw_if_faulty();

  if (std::string note = apply_family_defaults(config, model.family); !note.empty()) {
    model.notes.push_back(std::move(note));
  }
  model.hidden = config.integer("hidden_size", std::nullopt, 1, widest_hidden);
  model.vocab = config.integer("vocab_size", std::nullopt, 1, largest_vocab);
  model.tied_embeddings = config.boolean("tie_word_embeddings", family->has(trait::tied));
  model.head_bias = config.boolean("lm_head_bias", false);
  model.norm_bias = family->has(trait::norm_bias);
  model.max_position =
      config.integer(spelled(config, {"max_position_embeddings", "model_max_length", "max_sequence_length"}),
                     std::nullopt, 1, longest_position);
  read_layers(config, *family, model);
  read_formats(config, model);
  add_notes(config, model);
  config.throw_if_faulty();
  return model;
}

std::map<std::string, std::string> read_aliases(const std::string& path, std::string_view text) {
  ConfigDocument document(path, text);
  std::map<std::string, std::string> out = document.text_members();
  document.throw_if_faulty();
  return out;
}

}  // namespace memwall
