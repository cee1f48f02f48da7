/// The weight systems: X (G + shifts) = B with a Gram matrix G.
#pragma once

#include <string>

#include "linalg/block_cyclic_matrix.h"
#include "linalg/replicated_factor.h"

namespace admmnet {

/// What is added to the diagonal of a Gram matrix before it is factored.
struct DiagonalShift {
  double all = 0.0;    ///< to every entry
  double units = 0.0;  ///< to every entry but the last `exempt`, so that biases are not shrunk
  Index exempt = 0;
};

/// How a factorisation went. A fallback is not an error: it is logged and counted.
struct FactorStatus {
  int attempts = 1;      ///< 1: as asked
  double added = 0.0;    ///< what had to be added to the diagonal besides, 0 if nothing
  int failed_minor = 0;  ///< order of the leading minor that was not positive definite, 0: none
  bool fell_back() const { return attempts > 1; }
};

/// Cholesky factor of G + shift, kept for many right-hand sides: L L^T = G + all I + units I'.
/// G: n x n, lower triangle. n^3/3 flops to factor, 2 n^2 per right-hand side row. On a 1 x P grid
/// every rank factors (potrf) and solves for its share of B; on others p?potrf and p?trsm do it.
class GramSolver {
 public:
  /// Collective on G's grid. When G + shift is not positive definite, the diagonal is raised by
  /// 1e-10, 1e-8, ... 1e-2 times its mean until it is; the status says so. Throws
  /// NumericalBreakdown when G holds a NaN or infinity, or when that does not help.
  FactorStatus factor(const BlockCyclicMatrix& G, const DiagonalShift& shift);
  bool ready() const { return ready_; }

  /// B := B (G + shift)^-1. B: m x n with G's blocks. Collective.
  void solve_right(BlockCyclicMatrix& B) const;
  /// B := (G + shift)^-1 B. B: n x m, leading `cols` columns. Collective.
  void solve_left(Index cols, BlockCyclicMatrix& B) const;

 private:
  int factor_shifted();
  bool whole() const { return L_.grid().rows() == 1; }

  BlockCyclicMatrix L_;  // the shifted matrix; on a grid of several rows, then its factor
  ReplicatedFactor replicated_;
  bool ready_ = false;
};

}  // namespace admmnet
