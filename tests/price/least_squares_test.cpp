// Least squares without negative unknowns: optimal by the conditions that make an optimum, and against every active
// set.
#include "tools/price/least_squares.hpp"

#include "sim/base/random.hpp"
#include "tests/catch.hpp"

using namespace memwall;
using namespace memwall::tools::price;

namespace {

double draw(std::uint64_t seed, std::uint64_t index) {
  return random_uniform({.seed = seed, .stream = 0, .request = index, .purpose = Purpose::routing}) * 2 - 1;
}

LeastSquares random_problem(std::uint64_t seed, std::size_t unknowns, std::size_t rows) {
  LeastSquares out(unknowns);
  std::uint64_t index = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<double> row(unknowns);
    for (double& each : row) each = draw(seed, index++);
    const double target = draw(seed, index++);
    out.add(row, target, 1.5 + draw(seed, index++));
  }
  return out;
}

/// The part of a problem with only the unknowns of the set.
std::vector<double> over_set(const LeastSquares& all, unsigned set) {
  // Gauss on at most five unknowns; random rows leave no zero pivot.
  const std::size_t n = all.unknowns();
  std::vector<std::size_t> in;
  for (std::size_t i = 0; i < n; ++i) {
    if ((set >> i & 1U) != 0) in.push_back(i);
  }
  std::vector<std::vector<double>> a(in.size(), std::vector<double>(in.size() + 1));
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t j = 0; j < in.size(); ++j) a[i][j] = all.gram(in[i], in[j]);
    a[i][in.size()] = all.rhs(in[i]);
  }
  for (std::size_t i = 0; i < in.size(); ++i) {
    for (std::size_t k = 0; k < in.size(); ++k) {
      if (k == i) continue;
      const double factor = a[k][i] / a[i][i];
      for (std::size_t j = i; j <= in.size(); ++j) a[k][j] -= factor * a[i][j];
    }
  }
  std::vector<double> out(n);
  for (std::size_t i = 0; i < in.size(); ++i) out[in[i]] = a[i][in.size()] / a[i][i];
  return out;
}

}  // namespace

TEST_CASE("the solution has the least error of all sets of unknowns that are allowed") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const std::size_t n = 1 + seed % 5;
    const LeastSquares problem = random_problem(seed, n, n + 4);
    const double found = problem.error(problem.solve());
    double least = problem.square();
    for (unsigned set = 1; set < 1U << n; ++set) {
      const std::vector<double> x = over_set(problem, set);
      const bool allowed = std::all_of(x.begin(), x.end(), [](double each) { return each >= 0; });
      if (allowed) least = std::min(least, problem.error(x));
    }
    INFO(seed);
    CHECK(std::abs(found - least) <= 1e-9 * problem.square());
  }
}

TEST_CASE("no unknown is negative, none that is zero wants to grow, and the others are level") {
  for (std::uint64_t seed = 500; seed < 560; ++seed) {
    const LeastSquares problem = random_problem(seed, 9, 40);
    const std::vector<double> x = problem.solve();
    for (std::size_t i = 0; i < 9; ++i) {
      double gradient = problem.rhs(i);
      for (std::size_t j = 0; j < 9; ++j) gradient -= problem.gram(i, j) * x[j];
      INFO(seed << " " << i);
      CHECK(x[i] >= 0);
      if (x[i] == 0) {
        CHECK(gradient <= 1e-8);
      } else {
        CHECK(std::abs(gradient) <= 1e-8);
      }
    }
  }
}

TEST_CASE("an exact fit is found, also where columns are equal or empty") {
  LeastSquares problem(4);
  for (const double a : {1.0, 2.0, 5.0}) problem.add({a * 1e6, a * 1e6, 0, 256}, a * 3 + 256 * 2e-3, 1);
  const std::vector<double> x = problem.solve();
  CHECK(std::abs((x[0] + x[1]) * 1e6 - 3) <= 1e-9);
  CHECK(x[2] == 0);
  CHECK(std::abs(x[3] - 2e-3) <= 1e-11);
}
