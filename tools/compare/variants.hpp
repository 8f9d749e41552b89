// The same scenario with another model or other traffic.
#pragma once

#include <string>

#include "tools/compare/sheet.hpp"

namespace memwall::tools::compare {

/// The sheet with another model under the same formats. `model` is a name of the catalogue or the path of a
/// config.json. A scenario of several models is refused. Where the model is another one, devices are fitted to it
/// anew, if all pools are on one device of the catalogue. Throws InputError for a model that is not known.
[[nodiscard]] Sheet with_model(const Sheet& sheet, const std::string& model, const Catalogue& catalogue);

/// The sheet with other requests: a trace file, whose format is found by its content, or a preset by its name; "@64"
/// behind either puts it under a closed loop of 64. Keys that every trace has (window, rate_scale, max_requests, ...)
/// are kept. Throws InputError where there is neither.
[[nodiscard]] Sheet with_traffic(const Sheet& sheet, const std::string& traffic);

/// What kind of model it is, in the field's words: "dense GQA", "MoE MLA sparse", "dense hybrid GQA".
[[nodiscard]] std::string generation(const std::string& model, const Catalogue& catalogue);

}  // namespace memwall::tools::compare
