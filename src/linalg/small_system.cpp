#include "linalg/small_system.h"

#include "linalg/local_cholesky.h"

namespace admmnet {

std::vector<double> solve_small(std::vector<double> A, std::vector<double> b) {
  const auto n = static_cast<Index>(b.size());
  if (factor_whole(n, A.data(), n) != 0) return {};
  const WholeFactor factor{A.data(), n, n};
  triangular_solve("L", "N", factor, 1, b.data(), n);
  triangular_solve("L", "T", factor, 1, b.data(), n);
  return b;
}

}  // namespace admmnet
