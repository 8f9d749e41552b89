// Devices against models and traffic.
#include "tools/compare/matrix.hpp"

#include <algorithm>

#include "sim/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/compare/field.hpp"
#include "tests/refusal.hpp"
#include "tools/compare/variants.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::compare;

namespace {

Row row_of(const std::vector<std::optional<double>>& values, bool higher_is_better) {
  Row row;
  for (const auto& value : values) {
    Cell cell;
    cell.value = value;
    if (!value) cell.refusal = "does not fit";
    row.cells.push_back(cell);
  }
  set_regrets(row, higher_is_better);
  return row;
}

}  // namespace

TEST_CASE("regret is how much worse than the best of the row, whichever way is better") {
  const Row cost = row_of({3.0, 2.0, std::nullopt}, false);
  CHECK(*cost.cells[0].regret == Approx(0.5));
  CHECK(*cost.cells[1].regret == 0);
  CHECK_FALSE(cost.cells[2].regret.has_value());
  CHECK(cost.winner() == 1U);
  const Row speed = row_of({3.0, 2.0}, true);
  CHECK(*speed.cells[0].regret == 0);
  CHECK(*speed.cells[1].regret == Approx(0.5));
  CHECK_FALSE(row_of({std::nullopt}, true).winner().has_value());
}

TEST_CASE("the most robust has the fewest refusals, then the least worst regret") {
  Matrix matrix;
  matrix.names = {"a", "b", "c", "d"};
  // a wins most rows and has the worst case; b never wins; c is best where it runs; d never runs.
  matrix.rows = {row_of({1.0, 1.2, 0.9, std::nullopt}, false), row_of({1.0, 1.1, 0.9, std::nullopt}, false),
                 row_of({3.0, 1.0, std::nullopt, std::nullopt}, false)};
  CHECK(matrix.worst(0).regret == Approx(2));
  CHECK(matrix.worst(1).regret == Approx(1.2 / 0.9 - 1));
  CHECK(matrix.worst(2).refusals == 1);
  CHECK(matrix.most_robust() == 1U);
  CHECK(matrix_answer(matrix).text.find("least worst regret: b, never worse than +33 % over the best of 3 rows\n") !=
        std::string::npos);
  matrix.rows.pop_back();
  CHECK(matrix.most_robust() == 2U);
  CHECK(matrix_answer(matrix).text.find("least worst regret: c, the best of each of 2 rows\n") != std::string::npos);
  matrix.rows = {row_of({std::nullopt, std::nullopt, std::nullopt, std::nullopt}, false)};
  CHECK_FALSE(matrix.most_robust().has_value());
}

TEST_CASE("cells of the matrix are the runs of the scenarios that they stand for") {
  const Catalogue catalogue = tools::program_catalogue();
  Small b200;
  b200.pool = R"("device": "b200_sxm")";
  const Field field = field_of(catalogue, {text_of({}), text_of(b200)});
  const std::vector<std::string> models = {"meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.2-1B"};
  const Matrix matrix = matrix_of(field, models, {}, "/latency/tpot_s/p50");
  REQUIRE(matrix.rows.size() == 2);
  for (std::size_t row = 0; row < 2; ++row) {
    std::vector<double> alone;
    for (const char* device : {"h100_sxm", "b200_sxm"}) {
      Small small;
      small.config = models[row];
      small.pool = std::string("\"device\": \"") + device + "\"";
      alone.push_back(field_of(catalogue, {text_of(small)}).contenders[0].value(matrix.measure).value());
    }
    CHECK(matrix.rows[row].cells[0].value == alone[0]);
    CHECK(matrix.rows[row].cells[1].value == alone[1]);
    CHECK(matrix.rows[row].winner() == (alone[0] <= alone[1] ? 0U : 1U));
  }
  CHECK(matrix.rows[0].kind == "dense GQA");
}

TEST_CASE("the same scenario twice has the same cells and no regret") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of({}), text_of({})});
  const Matrix matrix =
      matrix_of(field, {"meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-70B"}, {"guidellm_chat@4"}, {});
  for (const Row& row : matrix.rows) {
    REQUIRE(row.cells[0].value.has_value());
    CHECK(row.cells[0].value == row.cells[1].value);
    CHECK(*row.cells[0].regret == 0);
    CHECK(*row.cells[1].regret == 0);
  }
  CHECK(matrix.most_robust() == 0U);
  // The larger model gets the devices that it needs: 141 GB of weights on devices of 80.
  CHECK(matrix.rows[0].cells[0].devices == 1);
  CHECK(matrix.rows[1].cells[0].devices == 4);
}

TEST_CASE("generations of models are told by their layers") {
  const Catalogue catalogue = tools::program_catalogue();
  CHECK(generation("meta-llama/Llama-2-7b-hf", catalogue) == "dense MHA");
  CHECK(generation("meta-llama/Llama-3.1-70B", catalogue) == "dense GQA");
  CHECK(generation("mistralai/Mixtral-8x7B-v0.1", catalogue) == "MoE GQA");
  CHECK(generation("deepseek-ai/DeepSeek-V3", catalogue) == "MoE MLA");
  CHECK(generation("deepseek-ai/DeepSeek-V3.2", catalogue) == "MoE MLA sparse");
  CHECK(generation("Qwen/Qwen3-Next-80B-A3B-Instruct", catalogue) == "MoE hybrid GQA");
}

TEST_CASE("models and traffic that nobody knows are refused before anything runs") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of({}), text_of({})});
  const auto matrix = [&](const std::vector<std::string>& models, const std::vector<std::string>& traffic) {
    return test::refusal_of([&] { (void)matrix_of(field, models, traffic, {}); });
  };
  CHECK(matrix({"meta-llama/Llama-3.1-7B"}, {}).find("did you mean") != std::string::npos);
  CHECK(matrix({}, {"no/such.csv"}) ==
        "--traces no/such.csv: is no file here and no preset (docs/generators.md lists them)");
  CHECK(matrix({}, {"guidellm_chat@x"}).find("must be whole numbers from 1 on") != std::string::npos);
}
