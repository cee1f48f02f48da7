/// Cholesky factors and triangular solves on local arrays, column-major. Used inside linalg/ only.
#pragma once

#include "runtime/types.h"

namespace admmnet {

/// The lower triangle of an array of order x order doubles, column-major. Does not own it.
struct WholeFactor {
  const double* L;
  Index leading_dimension;
  Index order;

  /// The factor of the rows and columns [first, last).
  WholeFactor part(Index first, Index last) const {
    return {L + first * (leading_dimension + 1), leading_dimension, last - first};
  }
  /// The block of rows from `row` on and columns from `col` on.
  const double* block(Index row, Index col) const { return L + row + col * leading_dimension; }
};

/// L L^T = A in place, lower triangle. Returns 0, or the order of the leading minor that is not
/// positive definite, or whose factor is not finite: NaN and infinity in A get no further.
int factor_whole(Index order, double* A, Index leading_dimension);

/// B := op(L)^-1 B (side "L", B: order x sides) or B op(L)^-1 (side "R", B: sides x order).
/// op: "N" or "T".
void triangular_solve(const char* side, const char* op, const WholeFactor& factor, Index sides,
                      double* B, Index ldb);

/// C -= A A^T, lower triangle.  A: n x k.
void subtract_gram(Index n, Index k, const double* A, Index lda, double* C, Index ldc);

/// C -= op(A) op(B) with op(A) of m x k.
void subtract_product(const char* op_A, const char* op_B, Index m, Index n, Index k,
                      const double* A, Index lda, const double* B, Index ldb, double* C, Index ldc);

}  // namespace admmnet
