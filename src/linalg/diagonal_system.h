/// The weight system X (G + shift) = B where G is known to be diagonal.
#pragma once

#include <vector>

#include "linalg/diagonal_shift.h"

namespace admmnet {

/// X = B diag(1/(g_i + shift_i)): the diagonal of G lies on every rank, n doubles, and a solve is
/// m n multiplications without communication.
class DiagonalSystem {
 public:
  /// G: n x n; what stands beside its diagonal is not looked at. As GramSolver::factor does, raises
  /// the diagonal by 1e-10, 1e-8, ... 1e-2 of its mean until every entry is above 0. Throws
  /// NumericalBreakdown where G holds NaN or infinity, or that does not help. Collective.
  FactorStatus factor(const BlockCyclicMatrix& G, const DiagonalShift& shift);
  /// B := B (G + shift)^-1. B: m x n. Not collective.
  void solve_right(BlockCyclicMatrix& B) const;

 private:
  std::vector<double> inverse_;
};

}  // namespace admmnet
