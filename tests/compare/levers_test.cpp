// What levers leave of an advantage.
#include "tools/compare/levers.hpp"

#include "sim/llm/catalogue.hpp"
#include "sim/llm/describe.hpp"
#include "tests/catch.hpp"
#include "tests/compare/field.hpp"
#include "tools/compare/metric.hpp"

using namespace memwall;
using namespace memwall::test;
using namespace memwall::tools::compare;

TEST_CASE("a lever is the run of the scenario with its key, and ratios are times better") {
  const Catalogue catalogue = tools::program_catalogue();
  Small b200;
  b200.pool = R"("device": "b200_sxm")";
  const Field field = field_of(catalogue, {text_of({}), text_of(b200)});
  for (const char* metric : {"/latency/tpot_s/p50", "/throughput/output_tokens_per_s"}) {
    const Measure measure = measure_called(metric);
    const auto rows = lever_rows(field, std::nullopt, measure);
    REQUIRE(rows.size() == 6);
    CHECK(rows[0].cells[0].value == field.contenders[0].value(measure));
    CHECK(rows[0].cells[0].gain == 1.0);
    Small int4 = b200;
    int4.model = R"(, "weights": "int4")";
    const double with = field_of(catalogue, {text_of(int4)}).contenders[0].value(measure).value();
    const LeverCell& cell = rows[1].cells[1];
    CHECK(cell.value == with);
    const double before = *rows[0].cells[1].value;
    const double other = *rows[1].cells[0].value;
    CHECK(*cell.gain == Approx(measure.higher_is_better ? with / before : before / with));
    CHECK(*cell.advantage == Approx(measure.higher_is_better ? with / other : other / with));
    Small student = b200;
    student.config = "meta-llama/Llama-3.2-1B";
    CHECK(rows[5].cells[1].value == field_of(catalogue, {text_of(student)}).contenders[0].value(measure).value());
  }
}

TEST_CASE("the same scenario twice has the same advantage with every lever, none") {
  const Catalogue catalogue = tools::program_catalogue();
  const Field field = field_of(catalogue, {text_of({}), text_of({})});
  for (const LeverRow& row : lever_rows(field, std::nullopt, measure_called("/latency/e2e_s/p95"))) {
    REQUIRE(row.cells[1].value.has_value());
    CHECK(row.cells[0].value == row.cells[1].value);
    CHECK(row.cells[1].advantage == 1.0);
  }
}

TEST_CASE("levers that cannot be pulled are refused with the reason, and only they") {
  const Catalogue catalogue = tools::program_catalogue();
  Small small;
  small.config = "meta-llama/Llama-3.2-1B";
  const Field field = field_of(catalogue, {text_of(small), text_of(small)});
  const Measure measure = measure_called("/latency/tpot_s/p50");
  const auto rows = lever_rows(field, std::nullopt, measure);
  CHECK(rows[1].cells[0].value.has_value());
  CHECK(rows[5].cells[0].refusal ==
        "no model that was distilled from meta-llama/Llama-3.2-1B is known; name one with --distilled");
  CHECK_FALSE(rows[5].cells[0].advantage.has_value());
  CHECK(lever_rows(field, "meta-llama/Llama-3.1-8B", measure)[5].cells[0].value.has_value());
  const Answer answer = levers_answer(field, rows, measure);
  CHECK(answer.text.find("refused: a, distillation: no model") != std::string::npos);
}

TEST_CASE("every student is a model of the catalogue") {
  const Catalogue catalogue = tools::program_catalogue();
  const ModelCatalogue models(catalogue.models);
  int students = 0;
  for (const std::string& teacher : models.names()) {
    const std::string student(distilled_from(teacher));
    if (student.empty()) continue;
    ++students;
    CHECK(describe(models.find(student)).parameters.total() < describe(models.find(teacher)).parameters.total());
  }
  CHECK(students == 8);
}
