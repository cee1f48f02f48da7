/// Least squares with fewer samples than inputs.
#pragma once

#include "linalg/diagonal_shift.h"

namespace admmnet {

/// min over W of |T - W A|^2 + sum_j s_j |W_:j|^2 for A (n x N) and T (m x N) with N < n, by the
/// N x N dual form: with s = s0 d, s0 = max s,
///   W = T (A^T D^-1 A + s0 I)^-1 A^T D^-1,
/// and without shift the solution of least norm, W = T (A^T A)^-1 A^T.
/// Flops: n N^2 + N^3/3 + 2 m N^2 + 2 n m N. Memory: n N + 2 m N + N^2 doubles on all ranks.
class DualFit {
 public:
  /// `samples`: N. Square blocks of `block`. Collective.
  DualFit(const ProcessGrid& grid, Index inputs, Index targets, Index samples, Index block);

  /// T: m x w, A: n x w, on the same grid. Collective.
  void add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A);
  /// |A|^2 of what was added: the trace of its Gram matrix.
  double trace() const { return trace_; }

  /// W: m x n with square blocks of `block`. Call it once, at the end. Every entry of the shift
  /// must be positive, or all zero. Statuses and errors of GramSolver::factor. Collective.
  FactorStatus solve(const DiagonalShift& shift, BlockCyclicMatrix& W);

 private:
  BlockCyclicMatrix A_, T_;
  Index added_ = 0;
  double trace_ = 0.0;
};

}  // namespace admmnet
