#include "linalg/small_system.h"

#include "linalg/local_cholesky.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

std::vector<double> solve_small(std::vector<double> A, std::vector<double> b) {
  const auto n = static_cast<Index>(b.size());
  if (factor_whole(n, A.data(), n) != 0) return {};
  const WholeFactor factor{A.data(), n, n};
  triangular_solve("L", "N", factor, 1, b.data(), n);
  triangular_solve("L", "T", factor, 1, b.data(), n);
  return b;
}

void eigen_small(std::vector<double>& A, std::vector<double>& values) {
  const int n = static_cast<int>(values.size()), length = 34 * n;  // for blocks of 32 columns
  int info = 0;
  std::vector<double> work(static_cast<std::size_t>(length));
  dsyev_("V", "L", &n, A.data(), &n, values.data(), work.data(), &length, &info);
  if (info != 0)
    throw NumericalBreakdown("the eigenvalues of a matrix of order " + std::to_string(n) +
                             " were not found (dsyev: " + std::to_string(info) +
                             "): it holds NaN, or steps are too long; lower -admm_step");
}

}  // namespace admmnet
