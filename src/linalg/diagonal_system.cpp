#include "linalg/diagonal_system.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

FactorStatus DiagonalSystem::factor(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  const Index n = G.rows();
  std::vector<double> diagonal(static_cast<std::size_t>(n), 0.0);
  for_each_diagonal(G, [&](Index i, double g) { diagonal[static_cast<std::size_t>(i)] = g; });
  G.grid().sum(diagonal.data(), n);
  const double mean =
      std::accumulate(diagonal.begin(), diagonal.end(), 0.0) / static_cast<double>(n);
  if (!std::isfinite(mean))
    throw NumericalBreakdown("a diagonal Gram matrix of order " + std::to_string(n) +
                             " holds NaN or infinity: lower -admm_step or raise -admm_proximal");
  for (Index i = 0; i < n; ++i) diagonal[static_cast<std::size_t>(i)] += shift.at(i, n);
  const auto least = std::min_element(diagonal.begin(), diagonal.end());
  FactorStatus status;
  for (double relative : {0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2}) {
    status.added = relative * (mean > 0.0 ? mean : 1.0);
    if (*least + status.added > 0.0) {
      inverse_.clear();
      for (const double g : diagonal) inverse_.push_back(1.0 / (g + status.added));
      return status;
    }
    if (status.failed_minor == 0)
      status.failed_minor = static_cast<int>(least - diagonal.begin()) + 1;
    ++status.attempts;
  }
  throw NumericalBreakdown("entry " + std::to_string(status.failed_minor) +
                           " of a diagonal Gram matrix is not positive: raise -admm_ridge");
}

void DiagonalSystem::solve_right(BlockCyclicMatrix& B) const {
  ADMMNET_REQUIRE(B.cols() == static_cast<Index>(inverse_.size()),
                  "DiagonalSystem: solve_right before factor, or wrong shape");
  account_for_entries(B, 2.0);
  for (Index j = 0; j < B.local_cols(); ++j) {
    const double factor = inverse_[static_cast<std::size_t>(B.global_col(j))];
    double* column = B.column(j);
    for (Index i = 0; i < B.local_rows(); ++i) column[i] *= factor;
  }
}

}  // namespace admmnet
