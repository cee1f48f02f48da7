/// Conjugate gradients for the weight systems X (G + shift) = B: for few right-hand sides and a G
/// too wide to be factored.
#pragma once

#include <vector>

#include "linalg/diagonal_shift.h"
#include "linalg/sample_gram.h"

namespace admmnet {

struct CgStatus {
  bool converged = false;
  Index steps = 0;
};

/// On all rows of X at once: the operator X -> X (G + shift) is symmetric in the inner product of
/// matrices, <X, Y> = sum X_ij Y_ij. Jacobi's preconditioner. Stops at |B - X (G + shift)| <= 1e-12
/// |B| (Frobenius), the residual of a Cholesky solve of a moderate condition; at most n steps, or
/// 100. A step: 2 n^2 m flops, one pass over G's memory, three sums over the ranks. Bound: steps <=
/// sqrt(cond)/2 ln(2/1e-12). Written out, since KSPCG takes twice the lines to be given a matrix
/// for a vector and an operator.
class ConjugateGradients {
 public:
  static constexpr double kTolerance = 1e-12;

  /// G: n x n, lower triangle; it must stay as it is until the last solve. Collective.
  void set(const BlockCyclicMatrix& G, const DiagonalShift& shift);

  /// The same for a G that is not formed, k x k; columns lie as those of `like`. A step: 4 m nnz
  /// flops. Collective.
  void set(SampleGram& G, const DiagonalShift& shift, const BlockCyclicMatrix& like);

  /// B := B (G + shift)^-1; unchanged when that does not converge. B: m x n with G's blocks. A
  /// guess (B's layout) is scaled by the factor that is best in the norm of the system before it is
  /// started from, so that it never does harm; null: from zero. Collective.
  CgStatus solve_right(BlockCyclicMatrix& B, const BlockCyclicMatrix* guess) const;

 private:
  /// Y := X (G + shift)
  void multiply(const BlockCyclicMatrix& X, BlockCyclicMatrix& Y) const;

  Index most_steps() const;
  /// From the whole diagonal of G.
  void set_diagonal(const std::vector<double>& diagonal, const DiagonalShift& shift,
                    const BlockCyclicMatrix& like);

  const BlockCyclicMatrix* G_ = nullptr;
  SampleGram* samples_ = nullptr;  // in the place of G
  const ProcessGrid* grid_ = nullptr;
  Index order_ = 0, own_columns_ = 0;
  double least_shift_ = 0.0;
  std::vector<double> shift_, diagonal_;  // of this rank's columns of B: the shift, and G's with it
};

}  // namespace admmnet
