/// What is done with distributed matrices, by name and size: a real run counts its flops by it, and
/// a plan is a list of them. Pure arithmetic.
#pragma once

#include "runtime/types.h"

namespace admmnet {

enum class Transpose { no, yes };
enum class Triangle { full, lower };

/// The block of units of matrices on a grid of shapes (process_grid.h), where it has no size yet.
constexpr Index kBlockOfUnits = Index{1} << 40;

/// Sizes are those of Operation. Layer matrices are units x units, sample matrices units x samples.
enum class Verb {
  // products with samples (products.h, layer_operand.h, outer_sum.h)
  spread,            ///< a layer matrix m x k is made ready for products into samples
  apply,             ///< Z := W H.  W: m x k, spread before; H: k x n
  apply_transposed,  ///< Z := X^T D.  X: k x m, spread before; D: k x n
  outer,             ///< R := D H^T.  D: m x n, H: k x n
  gram,              ///< G := H H^T, lower triangle.  H: k x n
  add_outer,         ///< the same into a sum over panels
  add_gram,
  finish_outer,  ///< and its end, R: m x k; `weight` 1: crosses with a sum of as many columns
  finish_gram,   ///< G: k x k; the same
  sample_inner,  ///< K := H^T H, lower triangle, for a factor.  H: n x k
  // the same with sparse H (sparse_products.h); `entries`: of H; flops 2 m `weight`, or `weight`
  sparse_apply,
  sparse_outer,
  sparse_gram,
  add_sparse_outer,
  add_sparse_gram,
  sparse_inner,  ///< K := H^T H, lower triangle.  H: n x k
  // Cholesky (gram_solver.h)
  factor,       ///< of order k
  factor_rows,  ///< of W W^T + eps I.  W: k x n, spread before
  share,        ///< a factor of order k is made ready for such solves: right, m; left, n; `weight`:
                ///< factor_rows made it of so many columns
  solve_right,  ///< of order k, m rows; `weight` 1: in float where products are; `dealt`: samples
  solve_left,   ///< of order k, n columns
  // the rest of the solver menu, by PBLAS, ScaLAPACK and LAPACK
  symmetric,   ///< C := A S.  A: m x k, S symmetric
  low_rank,    ///< R := a R - R U diag(d) U^T.  R: m x n, U: n x k
  multiply,    ///< C := A B^T.  A: m x n, B: k x n, as outer, in square blocks
  triangle,    ///< L Q = C.  C: m x n
  triangular,  ///< one triangular solve of order k, m rows
  inner,       ///< G := H^T H, lower triangle.  H: n x k, in square blocks
  singular,    ///< the singular values and vectors of k x k
  eigen,       ///< the eigenvalues and vectors of a symmetric k x k
  move,        ///< m x n from one layout to another
  // the rest
  move_columns,  ///< m x n samples to or from where each rank has whole columns
  pass_on,       ///< m x n samples, each rank to its peer in another part; `weight` bytes an entry
  sum,           ///< of n doubles over the ranks
  make,          ///< a matrix; PETSc then sums up a 4-byte integer a rank
  entries,       ///< `weight` doubles move to or from memory for each of m x n
  outputs,       ///< `weight` seconds for each of m x n, whole columns
};

struct Operation {
  Verb verb;
  Index m = 0, k = 0, n = 0;
  /// The column block of the sample matrix that takes part, on a grid of shapes: the columns of the
  /// widest panel, or kBlockOfUnits for a layer matrix in its place.
  Index dealt = 0;
  double weight = 0.0;
  double entries = 0.0;
  int part = 0;  ///< 1, 2, ...: of the part of the ranks that does it; 0: all of them

  bool operator==(const Operation& o) const {
    return verb == o.verb && m == o.m && k == o.k && n == o.n && dealt == o.dealt &&
           weight == o.weight && entries == o.entries && part == o.part;
  }
};

/// Of all ranks together, the same in every layout.
double flops(const Operation& operation);

}  // namespace admmnet
