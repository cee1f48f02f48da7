#include "reference/pdadmm.h"

#include <algorithm>
#include <cmath>

#include "reference/proximal.h"

namespace admmnet::reference {
namespace {

/// The mean of every row, a column.
Matrix row_means(const Matrix& A) {
  return (1.0 / static_cast<double>(A.cols)) * (A * Matrix(A.cols, 1, 1.0));
}

/// A - mean of its row.
Matrix centred(const Matrix& A) {
  return A - row_means(A) * Matrix(1, A.cols, 1.0);
}

/// [W b]; without biases W.
Matrix joined(const Problem& problem, const Matrix& W, const Matrix& b) {
  Matrix result(W.rows, W.cols + (problem.bias ? 1 : 0));
  for (Index j = 0; j < result.cols; ++j)
    for (Index i = 0; i < result.rows; ++i) result(i, j) = j < W.cols ? W(i, j) : b(i, 0);
  return result;
}

Matrix identity(Index rows, Index cols) {
  Matrix result(rows, cols);
  for (Index i = 0; i < std::min(rows, cols); ++i) result(i, i) = 1.0;
  return result;
}

double dot(const Matrix& A, const Matrix& B) {
  double sum = 0.0;
  for (std::size_t i = 0; i < A.values.size(); ++i) sum += A.values[i] * B.values[i];
  return sum;
}

}  // namespace

Pdadmm::Pdadmm(const Problem& the_problem, const PdadmmParameters& the_parameters)
    : problem(the_problem), parameters(the_parameters), T(problem.targets()) {
  const int L = problem.layers();
  const auto k = static_cast<int>(parameters.growth.front());
  W.resize(1);
  z.resize(1);
  q.resize(1);
  u.resize(1);
  p = {{}, problem.X};
  for (int l = 1; l < k; ++l) {
    W.push_back(initial_weights(problem, l));
    z.push_back(linear(l));
    q.push_back(activate(problem.activation, z[l]));
    p.push_back(q[l]);
    u.emplace_back(q[l].rows, q[l].cols);
  }
  W.push_back(initial_weights(problem, L));
  z.push_back(k == 2 ? Matrix(T.rows, T.cols) : coded());
}

Matrix Pdadmm::linear(int l) const {
  return W[l] * with_bias_row(problem, p[l]);
}

/// Logits of either sign: 2 T - 1; else T.
Matrix Pdadmm::coded() const {
  if (problem.loss != Loss::softmax) return T;
  return 2.0 * T - Matrix(T.rows, T.cols, 1.0);
}

void Pdadmm::grow(int to) {
  const Matrix last_W = W.back(), last_z = z.back();
  W.pop_back();
  z.pop_back();
  p.pop_back();
  Matrix a = q.back();
  while (static_cast<int>(W.size()) < to) {
    p.push_back(a);
    W.push_back(joined(problem, identity(a.rows, a.rows), Matrix(a.rows, 1)));
    z.push_back(a);
    a = activate(problem.activation, a);
    q.push_back(a);
    u.emplace_back();
  }
  p.push_back(a);
  const Matrix fresh = joined(problem, identity(T.rows, a.rows), Matrix(T.rows, 1));
  W.push_back(parameters.keep_output ? last_W : fresh);
  z.push_back(parameters.keep_output ? last_z : coded());
  for (int l = 1; l < depth(); ++l) u[l] = Matrix(q[l].rows, q[l].cols);
}

double Pdadmm::rounded(double x) const {
  if (parameters.bits == 0) return x;
  const double codes = std::pow(2.0, parameters.bits) - 1.0, step = high / codes;
  double code = 0.0, nearest = std::abs(x);
  for (double c = 1.0; c <= codes; c += 1.0) {
    // Of two that are as near as rounding can tell, the even one.
    const double distance = std::abs(x - step * c), gain = nearest - distance;
    const bool same = std::abs(gain) < 1e-9 * step, even = std::fmod(c, 2.0) == 0.0;
    if (same ? even : gain > 0.0) {
      code = c;
      nearest = distance;
    }
  }
  return step * code;
}

/// argmin nu/2 |W p + b - z|^2 + <u, p - q> + rho/2 |p - q|^2, or a step towards it.
void Pdadmm::update_p(int l) {
  const double rho = parameters.rho, nu = parameters.nu;
  const Matrix V = without_bias_column(problem, W[l]), Vt = transposed(V);
  if (parameters.exact) {
    const Matrix b = linear(l) - V * p[l];
    const Cholesky H(plus_diagonal(nu * (Vt * V), rho));
    p[l] = H.left_solve(nu * (Vt * (z[l] - b)) + rho * q[l - 1] - u[l - 1]);
  } else {
    const Matrix g = nu * (Vt * (linear(l) - z[l])) + u[l - 1] + rho * (p[l] - q[l - 1]);
    const double size = squared_norm(g);
    // A layer that has just joined stands still: p = q, u = 0, z = W p + b.
    if (size > 0.0) p[l] = p[l] - (1.0 / (rho + nu * squared_norm(V * g) / size)) * g;
  }
  for (double& entry : p[l].values) entry = rounded(entry);
}

void Pdadmm::update_weights(int l) {
  const double nu = parameters.nu, mu = parameters.decay;
  Matrix V = without_bias_column(problem, W[l]), b(V.rows, 1);
  if (parameters.exact) {
    const Matrix P = problem.bias ? centred(p[l]) : p[l];
    const Matrix Z = problem.bias ? centred(z[l]) : z[l];
    const Matrix G = P * transposed(P);
    const Cholesky H(plus_diagonal(G, parameters.ridge * mean_diagonal(G)));
    V = H.right_solve(Z * transposed(P));
  } else {
    const Matrix G = nu * ((linear(l) - z[l]) * transposed(p[l])) + mu * V;
    const double size = squared_norm(G);
    V = V - (size / (nu * squared_norm(G * p[l]) + mu * size)) * G;
  }
  // The best b for this W: that of the exact solve, too.
  if (problem.bias) b = row_means(z[l] - V * p[l]);
  W[l] = joined(problem, V, b);
}

void Pdadmm::update_z(int l) {
  const Matrix m = linear(l);
  if (l == depth()) {
    z[l] = prox_loss(problem.loss, parameters.nu, m, T);
    return;
  }
  const double zeta = parameters.zeta;
  for (Index j = 0; j < m.cols; ++j)
    for (Index i = 0; i < m.rows; ++i)
      z[l](i, j) = hidden_z(problem.activation, q[l](i, j),
                            (m(i, j) + zeta * z[l](i, j)) / (1.0 + zeta), 1.0, 1.0 + zeta);
}

void Pdadmm::iterate() {
  Index end = 0;
  for (std::size_t s = 0; s <= stage; ++s) end += parameters.stage_iterations[s];
  const bool grown = iterations >= end && stage + 1 < parameters.growth.size();
  if (grown) grow(static_cast<int>(parameters.growth[++stage]));
  if (grown || iterations % 10 == 0) {
    high = 0.0;
    for (const Matrix& each : q)
      for (double entry : each.values) high = std::max(high, 1.5 * entry);
  }
  iterations += 1;
  const int k = depth();
  const double rho = parameters.rho, nu = parameters.nu;
  for (int l = 2; l <= k; ++l) update_p(l);
  for (int l = 1; l <= k; ++l) update_weights(l);
  for (int l = 1; l <= k; ++l) update_z(l);
  change = 0.0;
  for (int l = 1; l < k; ++l) {
    const Matrix before = q[l];
    q[l] = (1.0 / (rho + nu)) * (rho * p[l + 1] + u[l] + nu * activate(problem.activation, z[l]));
    for (double& entry : q[l].values) entry = rounded(entry);
    u[l] = u[l] + rho * (p[l + 1] - q[l]);
    change += squared_norm(q[l] - before);
  }
}

double Pdadmm::objective() const {
  const double nu = parameters.nu, mu = parameters.exact ? 0.0 : parameters.decay;
  double sum = total_loss(problem.loss, z.back(), T);
  for (int l = 1; l <= depth(); ++l) {
    sum += 0.5 * nu * squared_norm(z[l] - linear(l));
    sum += 0.5 * mu * squared_norm(without_bias_column(problem, W[l]));
    if (l < depth()) sum += 0.5 * nu * squared_norm(q[l] - activate(problem.activation, z[l]));
  }
  return sum;
}

double Pdadmm::lagrangian() const {
  double sum = objective();
  for (int l = 1; l < depth(); ++l) {
    const Matrix gap = p[l + 1] - q[l];
    sum += dot(u[l], gap) + 0.5 * parameters.rho * squared_norm(gap);
  }
  return sum;
}

}  // namespace admmnet::reference
