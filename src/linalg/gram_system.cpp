#include "linalg/gram_system.h"

#include <cmath>

#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

GramSystem::GramSystem(WeightSolver solver, bool diagonal, Condition condition)
    : asked_(solver),
      used_(solver),
      is_diagonal_(diagonal),
      cholesky_(kReplicatedOrder, condition) {
  ADMMNET_REQUIRE(
      solver == WeightSolver::cholesky || solver == WeightSolver::cg || solver == WeightSolver::svd,
      "GramSystem: a solver that does not work on a Gram matrix");
}

void GramSystem::factor_pseudo_inverse(const BlockCyclicMatrix& G, const DiagonalShift& shift,
                                       FactorStatus& status) {
  const Index n = G.rows();
  const int order = static_cast<int>(n), one = 1;
  const double alpha = 1.0, beta = 0.0;
  BlockCyclicMatrix whole(G.grid(), n, n, G.row_block(), G.col_block());
  if (G.grid().account({Verb::move, n, 0, n}))
    pdtradd_("U", "T", &order, &order, &alpha, G.data(), &one, &one, G.descriptor(), &beta,
             whole.data(), &one, &one, whole.descriptor());
  for (Index j = 0; j < G.local_cols(); ++j)  // the lower triangle
    for (Index i = G.local_rows_below(G.global_col(j)); i < G.local_rows(); ++i)
      whole.at(i, j) = G.at(i, j);
  for_each_diagonal(whole, [&](Index i, double& entry) { entry += shift.at(i, n); });
  if (pseudo_inverse_.factor(whole)) return;
  status.instead = "no singular values found; solved by cholesky";
  used_ = WeightSolver::cholesky;
}

FactorStatus GramSystem::factor(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  used_ = asked_;
  FactorStatus status;
  if (used_ == WeightSolver::svd) factor_pseudo_inverse(G, shift, status);
  if (used_ == WeightSolver::cg) {
    G_ = &G;
    shift_ = shift;
    cg_.set(G, shift);
  }
  if (used_ != WeightSolver::cholesky) return status;
  const std::string instead = status.instead;
  status = factor_cholesky(G, shift);
  status.instead = instead;
  return status;
}

void GramSystem::factor(SampleGram& G, const DiagonalShift& shift, const BlockCyclicMatrix& like) {
  used_ = WeightSolver::cg;
  G_ = nullptr;
  cg_.set(G, shift, like);
}

FactorStatus GramSystem::factor_cholesky(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  return is_diagonal_ ? diagonal_.factor(G, shift) : cholesky_.factor(G, shift);
}

FactorStatus GramSystem::solve_right(BlockCyclicMatrix& B, const BlockCyclicMatrix* guess) {
  FactorStatus status;
  if (used_ == WeightSolver::svd) {
    pseudo_inverse_.solve_right(B);
    return status;
  }
  if (used_ == WeightSolver::cg) {
    const CgStatus cg = cg_.solve_right(B, guess);
    if (cg.converged) return status;
    if (G_ == nullptr)
      throw NumericalBreakdown("conjugate gradients did not converge in " +
                               std::to_string(cg.steps) + " steps for " + std::to_string(B.cols()) +
                               " sparse inputs: raise the ridge of the layer or -admm_proximal, or "
                               "take -linalg_weight_solver cholesky");
    status = factor_cholesky(*G_, shift_);
    status.instead = "conjugate gradients did not converge in " + std::to_string(cg.steps) +
                     " steps; solved by cholesky";
    used_ = WeightSolver::cholesky;
  }
  if (is_diagonal_)
    diagonal_.solve_right(B);
  else
    cholesky_.solve_right(B);
  return status;
}

}  // namespace admmnet
