#include "tools/price/least_squares.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "sim/base/error.hpp"

namespace memwall::tools::price {
namespace {

/// The unconstrained solution over the chosen unknowns; the others are 0. Equal columns share their part.
Eigen::VectorXd over(const Eigen::MatrixXd& gram, const Eigen::VectorXd& rhs, const std::vector<int>& chosen) {
  const auto count = static_cast<Eigen::Index>(chosen.size());
  Eigen::MatrixXd part(count, count);
  Eigen::VectorXd target(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    target(i) = rhs(chosen[static_cast<std::size_t>(i)]);
    for (Eigen::Index j = 0; j < count; ++j) {
      part(i, j) = gram(chosen[static_cast<std::size_t>(i)], chosen[static_cast<std::size_t>(j)]);
    }
  }
  const Eigen::VectorXd found = part.completeOrthogonalDecomposition().solve(target);
  Eigen::VectorXd out = Eigen::VectorXd::Zero(rhs.size());
  for (Eigen::Index i = 0; i < count; ++i) out(chosen[static_cast<std::size_t>(i)]) = found(i);
  return out;
}

/// Largest move from `from` towards `to` that keeps the chosen unknowns from going below zero, 0 to 1.
double step_towards(const Eigen::VectorXd& from, const Eigen::VectorXd& to, const std::vector<int>& chosen) {
  double step = 1;
  for (const int i : chosen) {
    if (to(i) < 0) step = std::min(step, from(i) / (from(i) - to(i)));
  }
  return step;
}

/// On columns scaled to length 1, so that one bound tells a gradient from rounding.
Eigen::VectorXd active_sets(const Eigen::MatrixXd& gram, const Eigen::VectorXd& rhs) {
  const double rounding = 1e-12 * (1 + rhs.cwiseAbs().maxCoeff());
  const auto n = static_cast<int>(rhs.size());
  Eigen::VectorXd x = Eigen::VectorXd::Zero(n);
  std::vector<int> chosen;
  for (int round = 0; round < 10 * n + 10; ++round) {
    const Eigen::VectorXd gradient = rhs - gram * x;
    int best = -1;
    for (int i = 0; i < n; ++i) {
      const bool free = std::find(chosen.begin(), chosen.end(), i) == chosen.end();
      if (free && gram(i, i) > 0 && gradient(i) > rounding && (best < 0 || gradient(i) > gradient(best))) best = i;
    }
    if (best < 0) break;
    chosen.push_back(best);
    while (!chosen.empty()) {
      const Eigen::VectorXd wanted = over(gram, rhs, chosen);
      const double step = step_towards(x, wanted, chosen);
      x += step * (wanted - x);
      if (step >= 1) break;
      std::vector<int> kept;
      for (const int i : chosen) {
        if (x(i) > rounding) {
          kept.push_back(i);
        } else {
          x(i) = 0;
        }
      }
      chosen = std::move(kept);
    }
  }
  return x;
}

}  // namespace

void LeastSquares::add(const std::vector<double>& row, double target, double weight) {
  law(row.size() == n_, "a row has one number for each unknown");
  for (std::size_t i = 0; i < n_; ++i) {
    rhs_[i] += weight * row[i] * target;
    for (std::size_t j = 0; j < n_; ++j) gram_[i * n_ + j] += weight * row[i] * row[j];
  }
  square_ += weight * target * target;
}

LeastSquares& LeastSquares::operator+=(const LeastSquares& other) {
  for (std::size_t i = 0; i < gram_.size(); ++i) gram_[i] += other.gram_[i];
  for (std::size_t i = 0; i < n_; ++i) rhs_[i] += other.rhs_[i];
  square_ += other.square_;
  return *this;
}

LeastSquares& LeastSquares::operator-=(const LeastSquares& other) {
  for (std::size_t i = 0; i < gram_.size(); ++i) gram_[i] -= other.gram_[i];
  for (std::size_t i = 0; i < n_; ++i) rhs_[i] -= other.rhs_[i];
  square_ -= other.square_;
  return *this;
}

std::vector<double> LeastSquares::solve() const {
  const auto n = static_cast<Eigen::Index>(n_);
  if (n == 0 || square_ <= 0) return std::vector<double>(n_);
  Eigen::VectorXd length(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double own = gram(static_cast<std::size_t>(i), static_cast<std::size_t>(i));
    length(i) = own > 0 ? std::sqrt(own) : 0;
  }
  const double target = std::sqrt(square_);
  Eigen::MatrixXd scaled = Eigen::MatrixXd::Zero(n, n);
  Eigen::VectorXd aim = Eigen::VectorXd::Zero(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    if (length(i) == 0) continue;
    aim(i) = rhs_[static_cast<std::size_t>(i)] / (length(i) * target);
    for (Eigen::Index j = 0; j < n; ++j) {
      if (length(j) > 0)
        scaled(i, j) = gram(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) / (length(i) * length(j));
    }
  }
  const Eigen::VectorXd x = active_sets(scaled, aim);
  std::vector<double> out(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    if (length(at) > 0) out[i] = x(at) * target / length(at);
  }
  return out;
}

double LeastSquares::error(const std::vector<double>& x) const {
  double sum = square_;
  for (std::size_t i = 0; i < n_; ++i) {
    sum -= 2 * rhs_[i] * x[i];
    for (std::size_t j = 0; j < n_; ++j) sum += x[i] * gram(i, j) * x[j];
  }
  return sum;
}

}  // namespace memwall::tools::price
