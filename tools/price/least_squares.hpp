// Least squares with unknowns that may not be negative. The library of linear algebra stays behind least_squares.cpp.
#pragma once

#include <cstddef>
#include <vector>

namespace memwall::tools::price {

/// Sums over rows from which the best unknowns follow: G = sum w a a', h = sum w a b, s = sum w b^2 for rows a with
/// target b and weight w. Sums of two sets of rows are the sums over both.
class LeastSquares {
 public:
  explicit LeastSquares(std::size_t unknowns) : n_(unknowns), gram_(unknowns * unknowns), rhs_(unknowns) {}

  void add(const std::vector<double>& row, double target, double weight);
  LeastSquares& operator+=(const LeastSquares& other);
  LeastSquares& operator-=(const LeastSquares& other);

  [[nodiscard]] std::size_t unknowns() const { return n_; }
  [[nodiscard]] double gram(std::size_t i, std::size_t j) const { return gram_[i * n_ + j]; }
  [[nodiscard]] double rhs(std::size_t i) const { return rhs_[i]; }
  [[nodiscard]] double square() const { return square_; }

  /// The non-negative x that makes sum w (a x - b)^2 smallest, by active sets (Lawson and Hanson, Solving Least Squares
  /// Problems, 1974, chapter 23). Unknowns whose columns are zero are 0.
  [[nodiscard]] std::vector<double> solve() const;
  /// That sum for any x; rounding may leave it a little below zero where the fit is exact.
  [[nodiscard]] double error(const std::vector<double>& x) const;

 private:
  std::size_t n_;
  std::vector<double> gram_;
  std::vector<double> rhs_;
  double square_ = 0;
};

}  // namespace memwall::tools::price
