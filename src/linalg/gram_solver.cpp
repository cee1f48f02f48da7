#include "linalg/gram_solver.h"

#include <algorithm>
#include <cmath>

#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

void GramSolver::make_room(const ProcessGrid& grid, Index order, Index block) {
  if (factor_.L.rows() == order) return;
  factor_.L = BlockCyclicMatrix(grid, order, order, block, block);
  grid.hold({Array::Kind::whole_factor, order, order, 0}, whole_factor_);
}

void GramSolver::begin(Index of_columns) {
  ready_ = true;
  shared_for_.clear();
  factor_.is_shared = false;
  of_columns_ = of_columns;
}

/// The mean diagonal entry of a Gram matrix.
static double finite_mean(const BlockCyclicMatrix& G) {
  const double mean = trace(G) / static_cast<double>(G.rows());
  if (!std::isfinite(mean))
    throw NumericalBreakdown("a Gram matrix of order " + std::to_string(G.rows()) +
                             " holds NaN or infinity: lower -admm_step or raise -admm_proximal");
  return mean;
}

// The mean diagonal entry is looked at only where that fails: no sum over the ranks else.
template <class Load>
FactorStatus GramSolver::attempt(const ProcessGrid& grid, const DiagonalShift& shift, Load&& load) {
  FactorStatus status;
  begin(0);
  double mean = 1.0;
  for (double relative : {0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}) {
    load();
    if (status.attempts == 2) mean = finite_mean(factor_.L);
    status.added = relative * (mean > 0.0 ? mean : 1.0);
    for_each_diagonal(factor_.L, [&](Index i, double& entry) {
      entry += shift.at(i, factor_.order()) + status.added;
    });
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
  make_room(G.grid(), G.rows(), G.row_block());
  return attempt(G.grid(), shift, [&] {
    for (Index j = 0; j < G.local_cols(); ++j) {
      const Index i = G.local_rows_below(G.global_col(j));
      std::copy(G.column(j) + i, G.column(j) + G.local_rows(), factor_.L.column(j) + i);
    }
  });
}

FactorStatus GramSolver::factor(const ProcessGrid& grid, Index order, Index block, const Form& form,
                                const DiagonalShift& shift) {
  make_room(grid, order, block);
  return attempt(grid, shift, [&] { form(factor_.L); });
}

FactorStatus GramSolver::factor_rows(const LayerOperand& W, const BlockCyclicMatrix& X,
                                     double shift) {
  const ProcessGrid& grid = X.grid();
  const Index m = X.rows(), n = X.cols();
  make_room(grid, m, X.row_block());
  begin(n);
  if (!grid.account({Verb::factor_rows, 0, m, n}) ||
      grid.layout().factor_rows(W, X, shift, factor_) == 0)
    return {};
  const auto form = [&](BlockCyclicMatrix& K) {
    grid.layout().outer(Triangle::lower, 1.0, X, X, 0.0, K);
  };
  return factor(grid, m, X.row_block(), form, {shift, 0.0, 0});
}

/// For each kind of solve once.
void GramSolver::share(Operation operation) {
  operation.weight = static_cast<double>(of_columns_);
  if (std::find(shared_for_.begin(), shared_for_.end(), operation) != shared_for_.end()) return;
  shared_for_.push_back(operation);
  const ProcessGrid& grid = factor_.L.grid();
  if (grid.account(operation)) grid.layout().share(factor_, operation);
}

void GramSolver::solve_right(BlockCyclicMatrix& B) {
  ADMMNET_REQUIRE(ready() && B.cols() == factor_.order(),
                  "GramSolver: solve_right before factor, or wrong shape");
  const Index dealt = B.col_block() == factor_.L.col_block() ? 0 : B.col_block();
  share({Verb::share, B.rows(), factor_.order(), 0, dealt});
  if (dealt > 0) B.grid().hold({Array::Kind::columns_beside, B.rows(), B.cols(), dealt}, sides_);
  Operation operation{Verb::solve_right, B.rows(), B.cols(), 0, dealt};
  operation.weight = factor_.condition == Condition::moderate ? 1.0 : 0.0;
  if (B.grid().account(operation)) B.grid().layout().solve_right(factor_, B);
}

void GramSolver::solve_left(Index cols, BlockCyclicMatrix& B) {
  ADMMNET_REQUIRE(ready() && B.rows() == factor_.order(),
                  "GramSolver: solve_left before factor, or wrong shape");
  share({Verb::share, 0, factor_.order(), cols, B.col_block()});
  if (B.grid().account({Verb::solve_left, 0, B.rows(), cols, B.col_block()}))
    B.grid().layout().solve_left(factor_, cols, B);
}

}  // namespace admmnet
