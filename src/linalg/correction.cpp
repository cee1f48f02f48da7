#include "linalg/correction.h"

#include <algorithm>

#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

FactorStatus Correction::form(const BlockCyclicMatrix& W, Index n, double eps,
                              CorrectionSide side) {
  const Index m = W.rows();
  require(n <= W.cols(), "Correction: more units than columns of W");
  if (X_.rows() != m || X_.cols() != n)
    X_ = BlockCyclicMatrix(W.grid(), m, n, W.row_block(), W.col_block());
  for (Index j = 0; j < X_.local_cols(); ++j)
    std::copy_n(W.column(j), W.local_rows(), X_.column(j));

  const bool rows_side = m <= n && side == CorrectionSide::smaller;
  const Index order = rows_side ? m : n;
  // The columns of W' take the part of samples in both products.
  const auto form_gram = [&](BlockCyclicMatrix& gram) {
    if (rows_side)
      accumulate_gram(1.0, X_, 0.0, gram);
    else
      apply_transposed(1.0, X_, X_, 0.0, gram);
  };
  const FactorStatus status =
      solver_.factor(W.grid(), order, W.row_block(), form_gram, {eps, 0.0, 0});
  if (rows_side)
    solver_.solve_left(n, X_);
  else
    solver_.solve_right(X_);
  return status;
}

}  // namespace admmnet
