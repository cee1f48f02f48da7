#include "linalg/gram_solver.h"

#include <cmath>

#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

void GramSolver::make_room(const ProcessGrid& grid, Index order, Index block) {
  if (factor_.L.rows() == order) return;
  factor_.L = BlockCyclicMatrix(grid, order, order, block, block);
  grid.hold({Array::Kind::whole_factor, order, order, 0}, whole_factor_);
}

/// The mean diagonal entry of a Gram matrix.
static double finite_mean(const BlockCyclicMatrix& G) {
  const double mean = trace(G) / static_cast<double>(G.rows());
  if (!std::isfinite(mean))
    throw NumericalBreakdown("a Gram matrix of order " + std::to_string(G.rows()) +
                             " holds NaN or infinity: lower -admm_step or raise -admm_proximal");
  return mean;
}

template <class Load>
FactorStatus GramSolver::attempt(const ProcessGrid& grid, double mean, const DiagonalShift& shift,
                                 Load&& load) {
  FactorStatus status;
  ready_ = true;
  for (double relative : {0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}) {
    status.added = relative * (mean > 0.0 ? mean : 1.0);
    const auto raise = [&](Index i, double& entry) {
      entry += shift.at(i, factor_.order()) + status.added;
    };
    load();
    for_each_diagonal(factor_.L, raise);
    if (!grid.account({Verb::factor, 0, factor_.order()})) return status;
    const int info = grid.layout().factor(factor_);
    if (info == 0) return status;
    if (status.failed_minor == 0) status.failed_minor = info;
    ++status.attempts;
  }
  throw NumericalBreakdown("a Gram matrix of order " + std::to_string(factor_.order()) +
                           " is not positive definite (leading minor " +
                           std::to_string(status.failed_minor) +
                           "), not even with a hundredth of its mean diagonal added: raise "
                           "-admm_ridge");
}

FactorStatus GramSolver::factor(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  ADMMNET_REQUIRE(G.rows() == G.cols() && G.row_block() == G.col_block(),
                  "GramSolver: a Gram matrix of " + std::to_string(G.rows()) + " x " +
                      std::to_string(G.cols()));
  const double mean = finite_mean(G);
  make_room(G.grid(), G.rows(), G.row_block());
  return attempt(G.grid(), mean, shift, [&] { factor_.L.copy_from(G); });
}

FactorStatus GramSolver::factor(const ProcessGrid& grid, Index order, Index block, const Form& form,
                                const DiagonalShift& shift) {
  make_room(grid, order, block);
  form(factor_.L);
  const double mean = finite_mean(factor_.L);
  bool formed = true;
  return attempt(grid, mean, shift, [&] {
    if (!formed) form(factor_.L);
    formed = false;  // the factor takes the place of the matrix
  });
}

void GramSolver::solve_right(BlockCyclicMatrix& B) const {
  ADMMNET_REQUIRE(ready() && B.cols() == factor_.order(),
                  "GramSolver: solve_right before factor, or wrong shape");
  if (B.grid().account({Verb::solve_right, B.rows(), B.cols()}))
    B.grid().layout().solve_right(factor_, B);
}

void GramSolver::solve_left(Index cols, BlockCyclicMatrix& B) const {
  ADMMNET_REQUIRE(ready() && B.rows() == factor_.order(),
                  "GramSolver: solve_left before factor, or wrong shape");
  if (B.grid().account({Verb::solve_left, 0, B.rows(), cols, B.col_block()}))
    B.grid().layout().solve_left(factor_, cols, B);
}

}  // namespace admmnet
