/// Cholesky factors and triangular solves on local arrays, column-major. Used inside linalg/ only.
#pragma once

#include "runtime/types.h"

namespace admmnet {

/// Columns of the blocks on the diagonal, which solves end in.
constexpr Index kOnDiagonal = 64;

/// The lower triangle of an array of order x order entries, column-major. Does not own it.
template <class Real>
struct Triangular {
  const Real* L;
  Index leading_dimension;
  Index order;
  /// Of the blocks of kOnDiagonal columns on the diagonal, as invert_diagonal() leaves them. With
  /// them a solve is products throughout; null: it is not.
  const Real* inverses = nullptr;

  /// The factor of the rows and columns [first, last), of whole blocks.
  Triangular part(Index first, Index last) const {
    return {L + first * (leading_dimension + 1), leading_dimension, last - first,
            inverses == nullptr ? nullptr : inverses + first * kOnDiagonal};
  }
  /// The block of rows from `row` on and columns from `col` on.
  const Real* block(Index row, Index col) const { return L + row + col * leading_dimension; }
};
using WholeFactor = Triangular<double>;

/// L L^T = A in place, lower triangle. Returns 0, or the order of the leading minor that is not
/// positive definite, or whose factor is not finite: NaN and infinity in A get no further.
int factor_whole(Index order, double* A, Index leading_dimension);

/// The inverses of the blocks on the diagonal, side by side: kOnDiagonal x order, rounded up to
/// whole blocks. A solve with them leaves a residual of up to the condition of such a block times
/// that of a solve without, and so is for matrices of moderate condition. (Du Croz and Higham,
/// Stability of methods for matrix inversion, IMA J. Numer. Anal. 12, 1992.)
void invert_diagonal(const WholeFactor& factor, double* inverses);
Index inverse_entries(Index order);

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
