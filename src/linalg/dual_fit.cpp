#include "linalg/dual_fit.h"

#include <algorithm>
#include <cmath>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/gram_solver.h"
#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

DualFit::DualFit(const ProcessGrid& grid, Index inputs, Index targets, Index samples, Index block)
    : A_(grid, inputs, samples, block, block), T_(grid, targets, samples, block, block) {}

void DualFit::add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A) {
  ADMMNET_REQUIRE(A.rows() == A_.rows() && T.rows() == T_.rows() && A.cols() == T.cols() &&
                      added_ + A.cols() <= A_.cols(),
                  "DualFit: panels of the wrong shape");
  trace_ += sum_of_squares(A, A.cols());
  redistribute(A.rows(), A.cols(), A, {}, A_, {0, added_});
  redistribute(T.rows(), T.cols(), T, {}, T_, {0, added_});
  added_ += A.cols();
}

FactorStatus DualFit::solve(const DiagonalShift& shift, BlockCyclicMatrix& W) {
  const Index n = A_.rows(), N = A_.cols(), m = T_.rows();
  ADMMNET_REQUIRE(added_ == N, "DualFit: samples are missing");
  const double largest = shift.all + shift.units, least = shift.at(n - 1, n);
  ADMMNET_REQUIRE(largest == 0.0 || least > 0.0,
                  "DualFit: inputs without a shift beside others with one");
  // A := D^-1/2 A
  std::vector<double> root(static_cast<std::size_t>(A_.local_rows()), 1.0);
  if (largest > 0.0)
    for (Index i = 0; i < A_.local_rows(); ++i)
      root[static_cast<std::size_t>(i)] = std::sqrt(largest / shift.at(A_.global_row(i), n));
  for (Index j = 0; j < A_.local_cols(); ++j)
    for (Index i = 0; i < A_.local_rows(); ++i) A_.at(i, j) *= root[static_cast<std::size_t>(i)];

  const auto form = [&](BlockCyclicMatrix& K) {
    const FullPrecision in_double;
    if (K.grid().account({Verb::inner, 0, N, n})) multiply_inner(1.0, A_, K);
  };
  GramSolver solver;
  const FactorStatus status = solver.factor(A_.grid(), N, A_.row_block(), form, {largest, 0.0, 0});
  solver.solve_right(T_);
  if (!W.grid().account({Verb::multiply, m, n, N})) return status;
  multiply(Transpose::no, Transpose::yes, m, n, N, 1.0, T_, A_, 0.0, W);
  for (Index j = 0; j < W.local_cols(); ++j) {
    const double scale = largest > 0.0 ? std::sqrt(largest / shift.at(W.global_col(j), n)) : 1.0;
    for (Index i = 0; i < W.local_rows(); ++i) W.at(i, j) *= scale;
  }
  return status;
}

}  // namespace admmnet
