/// The activation systems: the minimiser over a of beta/2 |t - W a|^2 + gamma/2 |a - h|^2.
#pragma once

#include "linalg/gram_solver.h"

namespace admmnet {

/// Which side of W the activation solve factors.
enum class CorrectionSide { smaller, units };

/// a = h + X^T (t - W h) with X^T = W^T (W W^T + eps I)^-1 = (W^T W + eps I)^-1 W^T, eps =
/// gamma/beta (push-through identity; algorithms.md's source: Taylor et al. 2016, eq. 4,
/// rearranged). The smaller of the two sides is factored, so that applying X^T costs 2 n m per
/// sample.
class Correction {
 public:
  /// Forms X (m x n) from the leading n columns of W (m x at least n): the bias column takes no
  /// part. Collective. Flops: min(m,n)^2 max(m,n) + min(m,n)^3/3 + 2 min(m,n)^2 max(m,n).
  /// CorrectionSide::units always factors the n x n side.
  FactorStatus form(const BlockCyclicMatrix& W, Index n, double eps, CorrectionSide side);

  /// X: m x n, unit matrix.
  const BlockCyclicMatrix& operator_matrix() const { return X_; }

 private:
  BlockCyclicMatrix X_;
  GramSolver solver_;
};

}  // namespace admmnet
