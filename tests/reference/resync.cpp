#include "reference/resync.h"

#include <algorithm>

#include "reference/proximal.h"

namespace admmnet::reference {

Matrix output_side_solve(const Matrix& W_without_bias, double kappa) {
  const Matrix Wt = transposed(W_without_bias);
  const Matrix M = W_without_bias * Wt;
  return Cholesky(plus_diagonal(M, kappa * mean_diagonal(M))).right_solve(Wt);
}

static Matrix ray(const Matrix& W_without_bias, const Matrix& D, double kappa) {
  const Matrix t = transposed(W_without_bias) * D;
  const Index stride = std::max<Index>(1, std::min<Index>(8, D.cols / 32));
  double own = 0.0, above = 0.0;
  for (Index j = 0; j < D.cols; j += stride) {
    const Matrix t_j = columns(t, j, j + 1);
    own += squared_norm(t_j);
    above += squared_norm(W_without_bias * t_j);
  }
  const double s = squared_norm(W_without_bias) / static_cast<double>(W_without_bias.rows);
  return own / (above + kappa * s * own) * t;
}

Layers residual_targets(const Problem& problem, const Layers& W, const Forward& pass,
                        const Matrix& D_L, double kappa, double b, bool along_ray) {
  const int L = problem.layers();
  Layers D(L + 1);
  D[L] = D_L;
  for (int l = L - 1; l >= 1; --l) {
    const Matrix W_above = without_bias_column(problem, W[l + 1]);
    const Matrix delta =
        along_ray ? ray(W_above, D[l + 1], kappa) : output_side_solve(W_above, kappa) * D[l + 1];
    D[l] = Matrix(delta.rows, delta.cols);
    for (Index j = 0; j < delta.cols; ++j) {
      for (Index i = 0; i < delta.rows; ++i) {
        const double z = pass.z[l](i, j);
        const double a = activate(problem.activation, z) + delta(i, j);
        D[l](i, j) = hidden_z(problem.activation, a, z, 1.0, b) - z;
      }
    }
  }
  return D;
}

Matrix weight_step(const Problem& problem, const Matrix& R, const Matrix& W, const Matrix& G,
                   const Cholesky& H, double ridge) {
  return H.right_solve(R - ridge * mean_diagonal(G) * without_bias_entries(problem, W));
}

}  // namespace admmnet::reference
