/// Minimum-norm solutions of X A = B by a singular value decomposition.
#pragma once

#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// Largest order that every rank decomposes for itself.
constexpr Index kWholeDecomposition = 1024;

/// A = U S V^T, A^+ = V S^+ U^T: singular values up to n eps times the largest count as zero, since
/// the rounding of A is of that size. On one rank, and up to the order `replicated_order`, every
/// rank decomposes the whole matrix (LAPACK's dgesdd); above, ScaLAPACK's pdgesvd. About 20 n^3
/// flops, some 7 n^2 doubles meanwhile and 2 n^2 on all ranks together afterwards.
class PseudoInverse {
 public:
  explicit PseudoInverse(Index replicated_order = kWholeDecomposition)
      : replicated_order_(replicated_order) {}

  /// The whole of A, n x n with square blocks; left as it is. False when it holds NaN or infinity,
  /// or when the iteration for the singular values does not converge. Collective.
  bool factor(const BlockCyclicMatrix& A);
  /// B := B A^+. B: m x n with A's blocks. 4 n^2 flops a row. Collective.
  void solve_right(BlockCyclicMatrix& B) const;
  Index rank() const { return rank_; }

 private:
  Index replicated_order_;
  BlockCyclicMatrix U_, VT_;
  std::vector<double> inverse_;  // 1/s, or 0
  Index rank_ = 0;
};

}  // namespace admmnet
