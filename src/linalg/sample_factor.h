/// Least squares from the samples themselves, by orthogonal factors instead of a Gram matrix.
#pragma once

#include "linalg/diagonal_shift.h"

namespace admmnet {

/// min over W of |T - W A|^2 + sum_j s_j |W_:j|^2 for A (n x N) and T (m x N) that come in panels.
///
/// With [A sqrt(s); T 0] = [L 0; Y K] Q (QR of the transpose, p?gelqf: what p?gels does with its
/// right-hand sides) the minimiser is W = Y L^-1 and |K|^2 the minimum. Q is never needed, so the
/// panels are folded into the triangle as they come: memory 5 (n+m)^2 doubles on all ranks
/// together, whatever N. The condition is that of A, not its square, so that 1e-16 cond(A) < 1
/// suffices where Cholesky of A A^T wants 1e-16 cond(A)^2 < 1. About 7/3 (n+m)^2 (N + n) flops.
class SampleFactor {
 public:
  /// Square blocks of `block`. Collective.
  SampleFactor(const ProcessGrid& grid, Index inputs, Index targets, Index block);

  /// T: m x w, A: n x w, on the same grid. Collective.
  void add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A);
  /// |A|^2 of what was added: the trace of its Gram matrix.
  double trace() const { return trace_; }

  /// W: m x n with square blocks of `block`. Call it once, at the end. `by_svd`: the solution of
  /// least norm, with L^+ (pseudo_inverse.h). Else W = Y L^-1, unless the least diagonal entry of L
  /// is below n eps times the largest: then by_svd all the same, and the status says so. Throws
  /// NumericalBreakdown for samples that hold NaN or infinity. Collective.
  FactorStatus solve(const DiagonalShift& shift, bool by_svd, BlockCyclicMatrix& W);

 private:
  void stage(const BlockCyclicMatrix& M, Index row, Index first, Index count);
  void fold();
  void fold_shift(const DiagonalShift& shift);
  bool rank_deficient() const;
  void solve_by_svd(BlockCyclicMatrix& W) const;

  Index inputs_, targets_, order_, staged_ = 0;
  double trace_ = 0.0;
  BlockCyclicMatrix C_;  // the triangle in its first `order_` columns, then what is staged
};

}  // namespace admmnet
