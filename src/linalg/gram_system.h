/// One weight system X (G + shift) = B, solved as the menu says: cholesky, cg or svd.
#pragma once

#include "config/options.h"
#include "linalg/conjugate_gradients.h"
#include "linalg/diagonal_system.h"
#include "linalg/gram_solver.h"
#include "linalg/pseudo_inverse.h"

namespace admmnet {

/// cholesky: GramSolver, or a division where G is known to be diagonal. cg: ConjugateGradients;
/// where it does not converge, cholesky takes over until the next factor(). svd: the pseudo-inverse
/// of G + shift, for a singular G; where dgesdd does not converge, cholesky takes over.
class GramSystem {
 public:
  /// Throws InternalError for a solver that needs the samples (qr, dual) and for `auto`.
  /// `diagonal`: G is. `condition`: see diagonal_shift.h.
  explicit GramSystem(WeightSolver solver, bool diagonal = false,
                      Condition condition = Condition::any);

  /// G: n x n, lower triangle; for cg it must stay as it is until the last solve. Throws
  /// NumericalBreakdown as GramSolver::factor does. Collective.
  FactorStatus factor(const BlockCyclicMatrix& G, const DiagonalShift& shift);
  /// The same by cg for a G that is not formed; columns lie as those of `like`. Nothing takes over
  /// where that does not converge: NumericalBreakdown. Collective.
  void factor(SampleGram& G, const DiagonalShift& shift, const BlockCyclicMatrix& like);
  /// B := B (G + shift)^-1. `guess`: where cg starts, or null. Collective.
  FactorStatus solve_right(BlockCyclicMatrix& B, const BlockCyclicMatrix* guess);

 private:
  void factor_pseudo_inverse(const BlockCyclicMatrix& G, const DiagonalShift& shift,
                             FactorStatus& status);

  FactorStatus factor_cholesky(const BlockCyclicMatrix& G, const DiagonalShift& shift);

  WeightSolver asked_, used_;
  bool is_diagonal_;
  const BlockCyclicMatrix* G_ = nullptr;  // for cg
  DiagonalShift shift_;
  GramSolver cholesky_;
  DiagonalSystem diagonal_;
  ConjugateGradients cg_;
  PseudoInverse pseudo_inverse_;
};

}  // namespace admmnet
