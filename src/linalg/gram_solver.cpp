#include "linalg/gram_solver.h"

#include <cmath>

#include <petscsys.h>

#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

static const int kOne = 1;

int GramSolver::factor_shifted() {
  PetscLogFlops(std::pow(static_cast<double>(L_.rows()), 3) / 3.0 / L_.grid().size());
  if (whole()) return replicated_.factor(L_);
  const int n = static_cast<int>(L_.rows());
  int info = 0;
  pdpotrf_("L", &n, L_.data(), &kOne, &kOne, L_.descriptor(), &info);
  require(info >= 0, "pdpotrf: argument " + std::to_string(-info) + " is wrong");
  return info;
}

FactorStatus GramSolver::factor(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  require(G.rows() == G.cols() && G.row_block() == G.col_block(),
          "GramSolver: a Gram matrix of " + std::to_string(G.rows()) + " x " +
              std::to_string(G.cols()));
  const double mean = trace(G) / static_cast<double>(G.rows());
  if (!std::isfinite(mean))
    throw NumericalBreakdown("a Gram matrix of order " + std::to_string(G.rows()) +
                             " holds NaN or infinity: lower -admm_step or raise -admm_proximal");
  if (L_.rows() != G.rows())
    L_ = BlockCyclicMatrix(G.grid(), G.rows(), G.cols(), G.row_block(), G.col_block());
  const Index first_exempt = G.rows() - shift.exempt;
  FactorStatus status;
  ready_ = true;
  for (double relative : {0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}) {
    status.added = relative * (mean > 0.0 ? mean : 1.0);
    L_.copy_from(G);
    for_each_diagonal(L_, [&](Index i, double& entry) {
      entry += shift.all + status.added + (i < first_exempt ? shift.units : 0.0);
    });
    const int info = factor_shifted();
    if (info == 0) return status;
    if (status.failed_minor == 0) status.failed_minor = info;
    ++status.attempts;
  }
  throw NumericalBreakdown("a Gram matrix of order " + std::to_string(G.rows()) +
                           " is not positive definite (leading minor " +
                           std::to_string(status.failed_minor) +
                           "), not even with a hundredth of its mean diagonal added: raise "
                           "-admm_ridge");
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

void GramSolver::solve_right(BlockCyclicMatrix& B) const {
  require(ready() && B.cols() == L_.rows(),
          "GramSolver: solve_right before factor, or wrong shape");
  count_solve(L_.rows(), B.rows(), B.cols(), B);
  if (whole()) {
    replicated_.solve_right(B);
    return;
  }
  triangular_solve("R", "T", L_, B.rows(), B.cols(), B);  // B L^-T
  triangular_solve("R", "N", L_, B.rows(), B.cols(), B);  // B L^-T L^-1
}

void GramSolver::solve_left(Index cols, BlockCyclicMatrix& B) const {
  require(ready() && B.rows() == L_.rows(), "GramSolver: solve_left before factor, or wrong shape");
  count_solve(L_.rows(), B.rows(), cols, B);
  if (whole()) {
    replicated_.solve_left(cols, B);
    return;
  }
  triangular_solve("L", "N", L_, B.rows(), cols, B);  // L^-1 B
  triangular_solve("L", "T", L_, B.rows(), cols, B);  // L^-T L^-1 B
}

}  // namespace admmnet
