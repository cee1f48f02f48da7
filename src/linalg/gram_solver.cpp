#include "linalg/gram_solver.h"

#include <cmath>

#include <petscsys.h>

#include "linalg/column_cholesky.h"
#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

static const int kOne = 1;

void GramSolver::place(const ProcessGrid& grid, Index order, Index block) {
  place_ = grid.size() == 1                                 ? Place::local
           : grid.rows() == 1 && order <= replicated_order_ ? Place::replicated
                                                            : Place::distributed;
  order_ = order;
  if (L_.rows() != order) L_ = BlockCyclicMatrix(grid, order, order, block, block);
  if (place_ == Place::replicated) replicated_.resize(static_cast<std::size_t>(order * order));
}

WholeFactor GramSolver::whole() const {
  if (place_ == Place::local) return {L_.data(), L_.leading_dimension(), order_};
  return {replicated_.data(), order_, order_};
}

int GramSolver::factor_loaded(const ProcessGrid& grid) {
  PetscLogFlops(std::pow(static_cast<double>(order_), 3) / 3.0 / grid.size());
  if (place_ == Place::local) return factor_whole(order_, L_.data(), L_.leading_dimension());
  if (grid.rows() == 1)
    return factor_columns(L_, place_ == Place::replicated ? replicated_.data() : nullptr);
  const int n = static_cast<int>(order_);
  int info = 0;
  pdpotrf_("L", &n, L_.data(), &kOne, &kOne, L_.descriptor(), &info);
  ADMMNET_REQUIRE(info >= 0, "pdpotrf: argument " + std::to_string(-info) + " is wrong");
  return info;
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
    const auto raise = [&](Index i, double& entry) { entry += shift.at(i, order_) + status.added; };
    load();
    for_each_diagonal(L_, raise);
    const int info = factor_loaded(grid);
    if (info == 0) return status;
    if (status.failed_minor == 0) status.failed_minor = info;
    ++status.attempts;
  }
  throw NumericalBreakdown("a Gram matrix of order " + std::to_string(order_) +
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
  place(G.grid(), G.rows(), G.row_block());
  return attempt(G.grid(), mean, shift, [&] { L_.copy_from(G); });
}

FactorStatus GramSolver::factor(const ProcessGrid& grid, Index order, Index block, const Form& form,
                                const DiagonalShift& shift) {
  place(grid, order, block);
  form(L_);
  const double mean = finite_mean(L_);
  bool formed = true;
  return attempt(grid, mean, shift, [&] {
    if (!formed) form(L_);
    formed = false;  // the factor takes the place of the matrix
  });
}

static void triangular_solve(const char* side, const char* transpose, const BlockCyclicMatrix& L,
                             Index rows, Index cols, BlockCyclicMatrix& B) {
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  const double one = 1.0;
  pdtrsm_(side, "L", transpose, "N", &m, &n, &one, L.data(), &kOne, &kOne, L.descriptor(), B.data(),
          &kOne, &kOne, B.descriptor());
}

static void count_solve(Index order, Index rows, Index cols, const BlockCyclicMatrix& B) {
  PetscLogFlops(2.0 * static_cast<double>(order) * static_cast<double>(rows) *
                static_cast<double>(cols) / B.grid().size());
}

bool GramSolver::streams(Index sides) const {
  return L_.grid().rows() == 1 && sides >= order_ / kStreamedShare;
}

void GramSolver::solve_right(BlockCyclicMatrix& B) const {
  ADMMNET_REQUIRE(ready() && B.cols() == order_,
                  "GramSolver: solve_right before factor, or wrong shape");
  count_solve(order_, B.rows(), B.cols(), B);
  if (place_ != Place::distributed) {
    admmnet::solve_right(whole(), B);
    return;
  }
  if (streams(B.rows())) {
    solve_right_streamed(L_, B);
    return;
  }
  triangular_solve("R", "T", L_, B.rows(), B.cols(), B);  // B L^-T
  triangular_solve("R", "N", L_, B.rows(), B.cols(), B);  // B L^-T L^-1
}

void GramSolver::solve_left(Index cols, BlockCyclicMatrix& B) const {
  ADMMNET_REQUIRE(ready() && B.rows() == order_,
                  "GramSolver: solve_left before factor, or wrong shape");
  count_solve(order_, B.rows(), cols, B);
  if (place_ != Place::distributed) {
    admmnet::solve_left(whole(), cols, B);
    return;
  }
  if (streams(cols)) {
    solve_left_streamed(L_, cols, B);
    return;
  }
  triangular_solve("L", "N", L_, B.rows(), cols, B);  // L^-1 B
  triangular_solve("L", "T", L_, B.rows(), cols, B);  // L^-T L^-1 B
}

}  // namespace admmnet
