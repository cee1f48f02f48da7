#include "reference/anderson.h"

#include <algorithm>
#include <cmath>

namespace admmnet::reference {

Matrix Anderson::next(const Matrix& x, const Matrix& g_of_x) {
  f.push_back(g_of_x - x);
  g.push_back(g_of_x);
  const auto k = static_cast<Index>(f.size());
  const auto at = [](std::vector<Matrix>& all, Index i) -> Matrix& {
    return all[static_cast<std::size_t>(i - 1)];
  };
  const bool grown =
      k > 1 && std::sqrt(squared_norm(at(f, k))) > 2.0 * std::sqrt(squared_norm(at(f, k - 1)));
  if (grown && first < k) {
    first = k;
    drops += 1;
  }
  const Index m = std::min(memory, k - first);
  if (m < 1) return g_of_x;

  // gamma = argmin |f_k - dF gamma|, column i of dF and dG: iteration k-m+i+1 less the one before
  Matrix dF(x.rows, m), dG(x.rows, m);
  for (Index i = 0; i < m; ++i)
    for (Index r = 0; r < x.rows; ++r) {
      dF(r, i) = at(f, k - m + i + 1)(r, 0) - at(f, k - m + i)(r, 0);
      dG(r, i) = at(g, k - m + i + 1)(r, 0) - at(g, k - m + i)(r, 0);
    }
  const Matrix A = transposed(dF) * dF;
  const Cholesky system(plus_diagonal(A, 1e-6 * trace(A) / static_cast<double>(m)));
  return g_of_x - dG * system.left_solve(transposed(dF) * at(f, k));
}

}  // namespace admmnet::reference
