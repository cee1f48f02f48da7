#include "linalg/conjugate_gradients.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "linalg/products.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Y := a X + b Y, entry by entry.
void combine(double a, const BlockCyclicMatrix& X, double b, BlockCyclicMatrix& Y) {
  for (Index j = 0; j < Y.local_cols(); ++j)
    for (Index i = 0; i < Y.local_rows(); ++i) Y.at(i, j) = a * X.at(i, j) + b * Y.at(i, j);
}

}  // namespace

void ConjugateGradients::set(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  G_ = &G;
  samples_ = nullptr;
  std::vector<double> diagonal(static_cast<std::size_t>(G.rows()), 0.0);
  for_each_diagonal(G,
                    [&](Index i, double entry) { diagonal[static_cast<std::size_t>(i)] = entry; });
  G.grid().sum(diagonal.data(), G.rows());
  set_diagonal(diagonal, shift, G);
}

void ConjugateGradients::set(SampleGram& G, const DiagonalShift& shift,
                             const BlockCyclicMatrix& like) {
  G_ = nullptr;
  samples_ = &G;
  set_diagonal(G.diagonal(), shift, like);
}

void ConjugateGradients::set_diagonal(const std::vector<double>& diagonal,
                                      const DiagonalShift& shift, const BlockCyclicMatrix& like) {
  const Index n = like.cols();
  grid_ = &like.grid();
  order_ = n;
  own_columns_ = like.local_cols();
  least_shift_ = std::min(shift.at(0, n), shift.at(n - 1, n));
  shift_.clear();
  diagonal_.clear();
  for (Index j = 0; j < like.local_cols(); ++j) {
    const Index g = like.global_col(j);
    shift_.push_back(shift.at(g, n));
    const double entry = diagonal[static_cast<std::size_t>(g)] + shift_.back();
    diagonal_.push_back(entry == 0.0 ? 1.0 : entry);
  }
}

void ConjugateGradients::multiply(const BlockCyclicMatrix& X, BlockCyclicMatrix& Y) const {
  if (samples_ != nullptr)
    samples_->multiply(X, Y);
  else
    multiply_symmetric(1.0, X, *G_, Y);
  for (Index j = 0; j < X.local_cols(); ++j)
    for (Index i = 0; i < X.local_rows(); ++i)
      Y.at(i, j) += shift_[static_cast<std::size_t>(j)] * X.at(i, j);
}

/// On shapes as many as the bound says, with a trace of G of 1.
Index ConjugateGradients::most_steps() const {
  const Index most = std::max<Index>(100, order_);
  if (grid_->ledger() == nullptr || !(least_shift_ > 0.0)) return most;
  const double bound = 0.5 * std::sqrt(1.0 / least_shift_ + 1.0) * std::log(2.0 / kTolerance);
  return std::min(most, static_cast<Index>(bound) + 1);
}

CgStatus ConjugateGradients::solve_right(BlockCyclicMatrix& B,
                                         const BlockCyclicMatrix* guess) const {
  ADMMNET_REQUIRE(grid_ != nullptr && B.cols() == order_ && B.local_cols() == own_columns_,
                  "ConjugateGradients: solve_right before set, or wrong shape");
  const auto zero = [&] {
    return BlockCyclicMatrix(B.grid(), B.rows(), B.cols(), B.row_block(), B.col_block());
  };
  // Residual R = B - X H with H = G + shift, Z = R / diag(H), direction P, Q = P H.
  BlockCyclicMatrix X = zero(), R = zero(), Z = zero(), P = zero(), Q = zero();
  R.copy_from(B);
  if (guess != nullptr) {
    multiply(*guess, Q);
    const double size = inner_product(*guess, Q);
    const double scale = size > 0.0 ? inner_product(*guess, B) / size : 0.0;
    combine(scale, *guess, 0.0, X);
    combine(-scale, Q, 1.0, R);
  }
  const double target = kTolerance * std::sqrt(sum_of_squares(B, B.cols()));
  const Index most = most_steps();
  double r_z = 1.0;
  for (Index step = 0;; ++step) {
    if (std::sqrt(sum_of_squares(R, R.cols())) <= target) {
      B.copy_from(X);
      return {true, step};
    }
    if (step == most) return {B.grid().ledger() != nullptr, step};
    for (Index j = 0; j < R.local_cols(); ++j)
      for (Index i = 0; i < R.local_rows(); ++i)
        Z.at(i, j) = R.at(i, j) / diagonal_[static_cast<std::size_t>(j)];
    const double before = std::exchange(r_z, inner_product(R, Z));
    combine(1.0, Z, r_z / before, P);  // P = Z + (r z) / (r z of the last step) P; P = 0 at first
    multiply(P, Q);
    const double curvature = inner_product(P, Q);
    if (!(curvature > 0.0)) return {false, step};  // H is not positive definite, or NaN
    combine(r_z / curvature, P, 1.0, X);
    combine(-r_z / curvature, Q, 1.0, R);
  }
}

}  // namespace admmnet
