/// A running Gram matrix of very wide activations, known by its largest eigenvalues.
#pragma once

#include <vector>

#include "linalg/sample_operand.h"

namespace admmnet {

/// G ~ U (diag(lambda) - tau I) U^T + tau I of order n, with U^T U = I of n x k, and tau the mean
/// of the eigenvalues that it does not know: tau = max(0, (tr(G) - sum lambda) / (n - k)). With a
/// panel H of n x w it is renewed by one Nystroem step on the basis of before:
///
///   Y := keep U diag(lambda) + scale H (H^T U)
///   K := sym(U^T Y) + v I,  v = 1e-6 tr;  Y := Y + v U;  K = C C^T
///   C^-1 (Y^T Y) C^-T = Q diag(S) Q^T,  S descending
///   U := Y C^-T Q diag(S)^-1/2,  lambda := max(S - v, 0),  then U := U T^-T with U^T U + 1e-12 I
///   = T T^T, against rounding
///
/// (Halko, Martinsson and Tropp, SIAM Review 53, 2011, §5.5; Tropp, Yurtsever, Udell and Cevher,
/// SIAM J. Matrix Anal. Appl. 38, 2017, for the shift v.) No matrix of n x n is formed.
///
/// The signs of U's columns are LAPACK's, and may differ between grids; they do not enter.
///
/// U^T is held, k x n, in columns that are dealt out as the rows of H, so that U's part of a rank
/// fits its part of H. Every rank has lambda. k n + k n doubles over all ranks, and what a product
/// with a panel gathers.
class LowRankGram {
 public:
  LowRankGram() = default;
  /// Of order n and rank min(`rank`, n); G = 0, U of independent normal numbers. `block`: of H's
  /// rows. Collective.
  LowRankGram(const ProcessGrid& grid, Index n, Index rank, Index block);

  /// G := keep G + scale H H^T. Throws NumericalBreakdown where H is not finite. Collective. Flops:
  /// 4 n k w, and 6 n k^2.
  void update(double keep, double scale, const SampleOperand& H);

  /// R := R (G + shift I)^-1 by Woodbury's formula, with tr(G) = `trace`:
  ///   h = shift + tau,  R := (R - (R U) diag((lambda - tau)/(lambda - tau + h)) U^T) / h.
  /// R: m x n layer matrix. Collective. Flops: 4 m n k.
  void solve_right(double trace, double shift, BlockCyclicMatrix& R);

  /// The state: U^T, and lambda as a k x 1 matrix. After writing into them: values_changed().
  BlockCyclicMatrix& basis() { return basis_; }
  BlockCyclicMatrix& values();
  void values_changed();  ///< Collective.

 private:
  Index rank() const { return basis_.rows(); }
  /// sum over the ranks of A B^T, k x k, of matrices that lie like U^T.
  std::vector<double> product(const BlockCyclicMatrix& A, const BlockCyclicMatrix& B) const;
  void renew(double keep);  // from `next_`, which holds scale H (H^T U)
  void orthogonalise();

  BlockCyclicMatrix basis_;       // U^T
  BlockCyclicMatrix next_;        // Y^T
  BlockCyclicMatrix projection_;  // U^T H
  BlockCyclicMatrix share_;       // R U
  BlockCyclicMatrix values_;
  std::vector<double> lambda_;
};

}  // namespace admmnet
