/// A Cholesky factor that every rank of a 1 x P grid holds whole. Used by gram_solver.cpp only.
///
/// On such a grid layers are narrow (the plan takes other grids for wide ones), and a distributed
/// factorisation of a few thousand rows is all latency. Every rank factors the same matrix, and
/// then solves for its share of the right-hand sides without communication.
#pragma once

#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

class ReplicatedFactor {
 public:
  /// L L^T = A, from the lower triangle of A. Returns 0, or the order of the leading minor that is
  /// not positive definite. Collective (one allgather of A). n^3/3 flops on every rank.
  int factor(const BlockCyclicMatrix& A);
  Index order() const { return order_; }

  /// B := B A^-1: rows of B are dealt to the ranks, solved, and sent back. Collective.
  void solve_right(BlockCyclicMatrix& B) const;
  /// B := A^-1 B for the leading `cols` columns: every rank its own. Not collective.
  void solve_left(Index cols, BlockCyclicMatrix& B) const;

 private:
  std::vector<double> L_;
  Index order_ = 0;
};

}  // namespace admmnet
