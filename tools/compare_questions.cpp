#include "tools/compare_questions.hpp"

#include "sim/base/error.hpp"
#include "tools/compare/break_even.hpp"
#include "tools/compare/draws.hpp"
#include "tools/compare/levers.hpp"
#include "tools/compare/matrix.hpp"
#include "tools/compare/metric.hpp"
#include "tools/compare/names.hpp"
#include "tools/compare/pareto.hpp"
#include "tools/compare/waterfall.hpp"

namespace memwall::tools {
namespace {

using namespace compare;
using Kind = Option::Kind;

Measure measure_asked(const Field& field, const Arguments& given) {
  return measure_for(given.text("metric"), field.contenders);
}

Answer ask_frontier(const Field& field, const Arguments& given) {
  const auto levels = listed_numbers("--concurrency", *given.text("concurrency"));
  return frontier_answer(frontier(field.sheets, levels, field.catalogue, field.parallel));
}

Answer ask_waterfall(const Field& field, const Arguments& given) {
  return waterfall_answer(field, measure_asked(field, given));
}

Answer ask_matrix(const Field& field, const Arguments& given) {
  const auto names = [&given](const std::string& option) {
    const auto list = given.text(option);
    return list ? listed("--" + option, *list) : std::vector<std::string>();
  };
  return matrix_answer(matrix_of(field, names("models"), names("traces"), given.text("metric")));
}

Answer ask_levers(const Field& field, const Arguments& given) {
  const Measure measure = measure_asked(field, given);
  return levers_answer(field, lever_rows(field, given.text("distilled"), measure), measure);
}

Answer ask_break_even(const Field& field, const Arguments& given) {
  return break_even_answer(field, *given.text("break-even"), given.text("metric"));
}

Answer ask_draws(const Field& field, const Arguments& given) {
  const std::vector<std::int64_t> count = listed_numbers("--draws", *given.text("draws"));
  constexpr std::int64_t most = 100'000;
  if (count.size() != 1 || count.front() > most)
    throw InputError("--draws: must be one number up to 100000, such as 200");
  return draws_answer(field, draw_all(field, static_cast<std::size_t>(count.front()), measure_asked(field, given)));
}

}  // namespace

std::span<const Question> compare_questions() {
  static const std::vector<Question> all = {
      {{{"waterfall", Kind::flag, "from the first to each other, a group of parameters at a time"}}, ask_waterfall},
      {{{"concurrency", Kind::value, "so many clients in a closed loop, one after another: the frontier"}},
       ask_frontier},
      {{{"models", Kind::value, "each scenario with each of these models: who wins where, and the least worst regret"},
        {"traces", Kind::value, "likewise under each of these trace files or presets; NAME@64: a closed loop of 64"}},
       ask_matrix},
      {{{"levers", Kind::flag,
         "what is left of each advantage with low bits, a compressed cache, sparsity, distillation"},
        {"distilled", Kind::value, "the model that stands for distillation; default: a smaller one of the family"}},
       ask_levers},
      {{{"break-even", Kind::value,
         "price, power, bandwidth, capacity or a key of what_if: where each equals the first"}},
       ask_break_even},
      {{{"draws", Kind::value,
         "so many draws of every number that is known within a range: who wins how often, and why"}},
       ask_draws},
  };
  return all;
}

}  // namespace memwall::tools
