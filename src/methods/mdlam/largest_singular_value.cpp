#include "methods/mdlam/largest_singular_value.h"

#include <algorithm>

#include "linalg/products.h"
#include "linalg/symmetric_eigen.h"

namespace admmnet {

static double of_square_blocks(const BlockCyclicMatrix& X) {
  const Index order = std::min(X.rows(), X.cols());
  BlockCyclicMatrix gram(X.grid(), order, order, X.row_block(), X.col_block());
  // The columns of X take the part of samples in both products.
  if (X.rows() <= X.cols())
    accumulate_gram(1.0, X, 0.0, gram);
  else
    apply_transposed(1.0, X, X, 0.0, gram);
  return symmetric_eigen(gram).values.front();
}

double largest_singular_value_squared(const BlockCyclicMatrix& W, Index n) {
  BlockCyclicMatrix X(W.grid(), W.rows(), n, W.row_block(), W.col_block());
  for (Index j = 0; j < X.local_cols(); ++j) std::copy_n(W.column(j), X.local_rows(), X.column(j));
  return of_square_blocks(X);
}

double largest_singular_value_squared(const SampleOperand& samples, Index n, Index block) {
  BlockCyclicMatrix widened;
  const BlockCyclicMatrix& A = samples.dense(widened);
  if (A.cols() < n) {
    BlockCyclicMatrix X(A.grid(), n, A.cols(), block, block);
    redistribute(n, A.cols(), A, {}, X, {});
    return of_square_blocks(X);
  }
  BlockCyclicMatrix extended(A.grid(), A.rows(), A.rows(), block, block);
  accumulate_gram(1.0, samples, 0.0, extended);
  BlockCyclicMatrix gram(A.grid(), n, n, block, block);
  for (Index j = 0; j < gram.local_cols(); ++j)
    std::copy_n(extended.column(j), gram.local_rows(), gram.column(j));
  return symmetric_eigen(gram).values.front();
}

}  // namespace admmnet
