#include "linalg/dual_ridge.h"

#include "linalg/block_cyclic/pblas.h"
#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

DualRidge::DualRidge(const ProcessGrid& grid, Index inputs, Index targets, Index samples, bool bias,
                     Index block)
    : bias_(bias),
      A_(grid, inputs, samples, block, block),
      T_(grid, targets, samples, block, block),
      K_(grid, samples, samples, block, block) {}

void DualRidge::begin(bool keep_inputs) {
  keep_inputs_ = keep_inputs;
  added_ = 0;
  if (!keep_inputs) factored_ = false;
}

void DualRidge::add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A) {
  ADMMNET_REQUIRE(A.rows() >= A_.rows() && T.rows() == T_.rows() && A.cols() == T.cols() &&
                      added_ + A.cols() <= A_.cols(),
                  "DualRidge: panels of the wrong shape");
  if (!keep_inputs_) redistribute(A_.rows(), A.cols(), A, {}, A_, {0, added_});
  redistribute(T.rows(), T.cols(), T, {}, T_, {0, added_});
  added_ += T.cols();
}

/// A := A - its row means, which are returned. Collective.
static std::vector<double> centre(BlockCyclicMatrix& A) {
  std::vector<double> means(static_cast<std::size_t>(A.rows()));
  const auto mean = [&](Index i) -> double& {
    return means[static_cast<std::size_t>(A.global_row(i))];
  };
  account_for_entries(A, 3.0);
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i)
      mean(i) += A.at(i, j) / static_cast<double>(A.cols());
  A.grid().sum(means.data(), A.rows());
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i) A.at(i, j) -= mean(i);
  return means;
}

void DualRidge::finish() {
  ADMMNET_REQUIRE(added_ == A_.cols(), "DualRidge: samples are missing");
  if (bias_) target_means_ = centre(T_);
  if (keep_inputs_) return;
  if (bias_) input_means_ = centre(A_);
  trace_ = sum_of_squares(A_, A_.cols());
  form_kernel();
}

/// K := A_c^T A_c + kappa/N 1 1^T,  kappa = trace/N
void DualRidge::form_kernel() {
  const Index N = A_.cols();
  const FullPrecision in_double;
  if (K_.grid().account({Verb::inner, 0, N, A_.rows()})) multiply_inner(1.0, A_, K_);
  if (!bias_) return;
  const auto samples = static_cast<double>(N);
  const double kappa = trace_ > 0.0 ? trace_ / samples : 1.0;  // of constant inputs any other
  for_each_entry([&](double& k) { k += kappa / samples; }, K_);
}

FactorStatus DualRidge::solve(double shift, BlockCyclicMatrix& W) {
  const Index m = T_.rows(), n = A_.rows(), N = A_.cols();
  FactorStatus status;
  if (!factored_ || shift != shift_) status = solver_.factor(K_, {shift, 0.0, 0});
  factored_ = true;
  shift_ = shift;
  BlockCyclicMatrix Y(T_.grid(), m, N, T_.row_block(), T_.col_block());
  Y.copy_from(T_);
  solver_.solve_right(Y);
  if (W.grid().account({Verb::multiply, m, n, N}))
    multiply(Transpose::no, Transpose::yes, m, n, N, 1.0, Y, A_, 0.0, W);
  if (bias_) set_bias(W);
  return status;
}

/// b := mean(t) - W mean(a)
void DualRidge::set_bias(BlockCyclicMatrix& W) const {
  const Index n = A_.rows();
  std::vector<double> product(static_cast<std::size_t>(W.rows()));
  for (Index j = 0; j < W.local_cols_below(n); ++j)
    for (Index i = 0; i < W.local_rows(); ++i)
      product[static_cast<std::size_t>(W.global_row(i))] +=
          W.at(i, j) * input_means_[static_cast<std::size_t>(W.global_col(j))];
  W.grid().sum(product.data(), W.rows());
  const Index column = W.local_cols_below(n);
  if (column == W.local_cols()) return;  // another rank's
  for (Index i = 0; i < W.local_rows(); ++i) {
    const auto row = static_cast<std::size_t>(W.global_row(i));
    W.at(i, column) = target_means_[row] - product[row];
  }
}

}  // namespace admmnet
