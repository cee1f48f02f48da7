/// Cholesky factors and triangular solves on local arrays, column-major. Used inside linalg/ only.
#pragma once

#include "runtime/types.h"

namespace admmnet {

/// The lower triangle of an array of order x order entries, column-major. Does not own it.
template <class Real>
struct Triangular {
  const Real* L;
  Index leading_dimension;
  Index order;

  /// The factor of the rows and columns [first, last).
  Triangular part(Index first, Index last) const {
    return {L + first * (leading_dimension + 1), leading_dimension, last - first};
  }
  /// The block of rows from `row` on and columns from `col` on.
  const Real* block(Index row, Index col) const { return L + row + col * leading_dimension; }
};
using WholeFactor = Triangular<double>;

/// L L^T = A in place, lower triangle. Returns 0, or the order of the leading minor that is not
/// positive definite, or whose factor is not finite: NaN and infinity in A get no further.
int factor_whole(Index order, double* A, Index leading_dimension);

/// B := op(L)^-1 B (side "L", B: order x sides) or B op(L)^-1 (side "R", B: sides x order).
/// op: "N" or "T". Real: float or double.
template <class Real>
void triangular_solve(const char* side, const char* op, const Triangular<Real>& factor, Index sides,
                      Real* B, Index ldb);

/// B := B (L L^T)^-1 with B: sides x order. In float, L and B are rounded, and L^-T and L^-1
/// applied in float: what comes out solves X (K + dK) = B exactly for |dK| of 1e-6 |L| |L^T|, as if
/// K had been rounded.
void solve_right(const WholeFactor& factor, bool in_float, Index sides, double* B, Index ldb);
/// Doubles that it holds meanwhile.
double solve_right_entries(Index order, bool in_float, Index sides);

/// C -= A A^T, lower triangle.  A: n x k.
void subtract_gram(Index n, Index k, const double* A, Index lda, double* C, Index ldc);

/// C -= op(A) op(B) with op(A) of m x k.
template <class Real>
void subtract_product(const char* op_A, const char* op_B, Index m, Index n, Index k, const Real* A,
                      Index lda, const Real* B, Index ldb, Real* C, Index ldc);

}  // namespace admmnet
