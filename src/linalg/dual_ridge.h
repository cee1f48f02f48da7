/// Ridge least squares with biases and fewer samples than inputs, for several ridges and targets.
#pragma once

#include <vector>

#include "linalg/gram_solver.h"

namespace admmnet {

/// min over W, b of sum_j |t_j - W a_j - b|^2 + s |W|^2 for A (n x N) and T (m x N) with N < n,
/// by the N x N dual form. A_c, T_c: the rows of A and T less their means; without biases A and T.
///   W = T_c (A_c^T A_c + s I)^-1 A_c^T,   b = mean(t) - W mean(a)
/// (Saunders, Gammerman, Vovk: Ridge Regression Learning Algorithm in Dual Variables. ICML 1998.)
/// A_c^T A_c has the vector of ones at the eigenvalue 0, and T_c nothing of it: the mean diagonal
/// in the place of that 0 changes no W, and leaves a regular system without a ridge, too: W is then
/// the solution of least norm.
///
/// Memory on all ranks: n N + 2 N^2 + 2 m N doubles. Traffic: all samples, to square blocks.
class DualRidge {
 public:
  /// n inputs, m targets, N samples; `bias`: b is fitted. Square blocks of `block`. Collective.
  DualRidge(const ProcessGrid& grid, Index inputs, Index targets, Index samples, bool bias,
            Index block);

  /// Begins anew. `keep_inputs`: the A will be that of the last time, and only T is taken.
  void begin(bool keep_inputs = false);
  /// The next panel. T: m x w, A: the leading n rows of n or more x w; on the same grid.
  /// Collective.
  void add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A);
  /// After the last panel. Flops: n N (N+1) unless the inputs were kept. Collective.
  void finish();
  /// tr(A_c A_c^T).
  double trace() const { return trace_; }

  /// [W b]: m x (n + 1), without biases W: m x n, square blocks of `block`; s = shift >= 0. Again
  /// for others. Flops: N^3/3 unless the last shift was the same, 2 m N^2 + 2 m n N. Statuses and
  /// errors of GramSolver::factor. Collective.
  FactorStatus solve(double shift, BlockCyclicMatrix& W);

 private:
  void form_kernel();
  void set_bias(BlockCyclicMatrix& W) const;

  bool bias_;
  BlockCyclicMatrix A_, T_, K_;  // centred by finish()
  std::vector<double> input_means_, target_means_;
  GramSolver solver_;
  bool keep_inputs_ = false, factored_ = false;
  Index added_ = 0;
  double trace_ = 0.0, shift_ = 0.0;
};

}  // namespace admmnet
