#include "reference/dladmm.h"

#include <cmath>

#include "reference/printed.h"
#include "reference/proximal.h"

namespace admmnet::reference {
namespace {

Matrix row_means(const Matrix& A) {
  Matrix mean(A.rows, 1);
  for (Index j = 0; j < A.cols; ++j)
    for (Index i = 0; i < A.rows; ++i) mean(i, 0) += A(i, j) / static_cast<double>(A.cols);
  return mean;
}

Matrix repeated(const Matrix& column, Index cols) {
  return column * Matrix(1, cols, 1.0);
}

/// [W b]
Matrix beside(const Matrix& W, const Matrix& b) {
  Matrix result(W.rows, W.cols + b.cols);
  for (Index i = 0; i < W.rows; ++i) {
    for (Index j = 0; j < W.cols; ++j) result(i, j) = W(i, j);
    for (Index j = 0; j < b.cols; ++j) result(i, W.cols + j) = b(i, j);
  }
  return result;
}

/// Each unit's z = W~ a~ to mean 0 and deviation 1; without biases to mean square 1.
Matrix normalised(const Problem& problem, const Matrix& W, const Matrix& inputs) {
  const Matrix z = W * inputs, mean = row_means(z);
  Matrix result = W;
  for (Index i = 0; i < W.rows; ++i) {
    double squares = 0.0;
    const double centre = problem.bias ? mean(i, 0) : 0.0;
    for (Index j = 0; j < z.cols; ++j) squares += (z(i, j) - centre) * (z(i, j) - centre);
    const double deviation = std::sqrt(squares / static_cast<double>(z.cols));
    if (problem.bias) result(i, W.cols - 1) -= centre;
    for (Index j = 0; j < W.cols; ++j) result(i, j) /= deviation;
  }
  return result;
}

double soft(double x, double threshold) {
  if (x > threshold) return x - threshold;
  if (x < -threshold) return x + threshold;
  return 0.0;
}

}  // namespace

Matrix ridge_fit(const Problem& problem, const Matrix& A, const Matrix& t, double ridge) {
  const Index N = A.cols;
  const Matrix mean_a = row_means(A), mean_t = row_means(t);
  const Matrix centred_a = problem.bias ? A - repeated(mean_a, N) : A;
  const Matrix centred_t = problem.bias ? t - repeated(mean_t, N) : t;
  const Matrix G = centred_a * transposed(centred_a);
  const Cholesky H(plus_diagonal(G, ridge * mean_diagonal(G)));
  const Matrix W = H.right_solve(centred_t * transposed(centred_a));
  return problem.bias ? beside(W, mean_t - W * mean_a) : W;
}

GradientStep gradient_step(const Problem& problem, const DladmmSettings& settings, double mu,
                           const Matrix& W, const Matrix& A, const Matrix& t) {
  const double omega = settings.weight * static_cast<double>(A.cols);
  const auto curvature = [&](const Matrix& D) {
    return mu * squared_norm(D * A) / squared_norm(D);
  };
  GradientStep step;
  step.G = without_bias_entries(problem, mu * ((W * A - t) * transposed(A)));
  if (settings.omega != DladmmOmega::l1) {
    const double weight = settings.omega == DladmmOmega::ridge ? omega : 0.0;
    const Matrix D = step.G + weight * without_bias_entries(problem, W);
    step.theta = curvature(D);
    step.W = W - (1.0 / (step.theta + weight)) * D;
    return step;
  }
  const Index shrunk = W.cols - (problem.bias ? 1 : 0);
  step.theta = curvature(step.G);
  while (true) {
    step.W = W;
    for (Index j = 0; j < shrunk; ++j)
      for (Index i = 0; i < W.rows; ++i)
        step.W(i, j) = soft(W(i, j) - step.G(i, j) / step.theta, omega / step.theta);
    if (curvature(step.W - W) <= (1.0 + 1e-9) * step.theta) return step;
    step.theta *= 2.0;
  }
}

Dladmm::Dladmm(const Problem& the_problem, const DladmmSettings& the_settings)
    : problem(the_problem),
      settings(the_settings),
      T(problem.targets()),
      W(problem.layers() + 1),
      z(problem.layers() + 1),
      a(problem.layers() + 1),
      u(problem.outputs, problem.samples()) {
  const int L = problem.layers();
  for (int l = 1; l < L; ++l) {
    W[l] = normalised(problem, initial_weights(problem, l), input(l));
    z[l] = product(l);
    a[l] = activate(problem.activation, z[l]);
  }
  z[L] = T;
  if (problem.loss == Loss::softmax) z[L] = 2.0 * T - Matrix(T.rows, T.cols, 1.0);
  W[L] = ridge_fit(problem, L == 1 ? problem.X : a[L - 1], z[L], settings.ridge_first);
}

Matrix Dladmm::input(int l) const {
  return with_bias_row(problem, l == 1 ? problem.X : a[l - 1]);
}

Matrix Dladmm::product(int l) const {
  return W[l] * input(l);
}

Matrix Dladmm::target(int l) const {
  return l < problem.layers() ? z[l] : z[l] + (1.0 / settings.rho) * u;
}

double Dladmm::ridge() const {
  const double part =
      std::min(1.0, static_cast<double>(iterations - 1) /
                        static_cast<double>(std::max<Index>(1, settings.iterations - 1)));
  return std::pow(settings.ridge_first, 1.0 - part) * std::pow(settings.ridge_last, part);
}

void Dladmm::iterate() {
  const int L = problem.layers();
  iterations += 1;
  update_z(L);
  update_weights(L, true);
  for (int l = L - 1; l >= 1; --l) {
    update_activations(l);
    update_z(l);
    update_weights(l, true);
  }
  for (int l = 1; l < L; ++l) {
    update_weights(l, false);
    update_z(l);
    update_activations(l);
  }
  update_weights(L, false);
  update_z(L);
  u = u + settings.rho * (z[L] - product(L));
}

void Dladmm::update_weights(int l, bool backward) {
  if (settings.exact) {
    W[l] = ridge_fit(problem, l == 1 ? problem.X : a[l - 1], target(l), ridge());
    return;
  }
  if (backward) update_bias(l);
  W[l] = gradient_step(problem, settings, penalty(l), W[l], input(l), target(l)).W;
  if (!backward) update_bias(l);
}

void Dladmm::update_bias(int l) {
  if (!problem.bias) return;
  const Matrix mean = row_means(product(l) - target(l));
  for (Index i = 0; i < W[l].rows; ++i) W[l](i, W[l].cols - 1) -= mean(i, 0);
}

void Dladmm::update_activations(int l) {
  const double mu = penalty(l + 1), nu = settings.nu;
  const Matrix V = without_bias_column(problem, W[l + 1]);
  const Matrix h = activate(problem.activation, z[l]);
  if (settings.exact) {
    const Matrix zero(a[l].rows, a[l].cols);
    const Matrix b = W[l + 1] * with_bias_row(problem, zero);  // b in every column
    a[l] = printed_activations(V, target(l + 1) - b, h, mu, nu);
    return;
  }
  const Matrix r = product(l + 1) - target(l + 1);
  const Matrix g = mu * (transposed(V) * r) + nu * (a[l] - h), Vg = V * g;
  for (Index j = 0; j < g.cols; ++j) {
    const double size = squared_norm(columns(g, j, j + 1));
    const double bend = mu * squared_norm(columns(Vg, j, j + 1)) + nu * size;
    for (Index i = 0; i < g.rows; ++i)
      if (size > 0.0) a[l](i, j) -= g(i, j) * size / bend;
  }
}

void Dladmm::update_z(int l) {
  const Matrix m = product(l);
  if (l == problem.layers()) {
    z[l] = prox_loss(problem.loss, settings.rho, m - (1.0 / settings.rho) * u, T);
    return;
  }
  for (Index j = 0; j < m.cols; ++j)
    for (Index i = 0; i < m.rows; ++i)
      z[l](i, j) = hidden_z(problem.activation, a[l](i, j), m(i, j), settings.nu, settings.nu);
}

double Dladmm::objective() const {
  const int L = problem.layers();
  double sum = total_loss(problem.loss, z[L], T), omega = 0.0;
  for (int l = 1; l < L; ++l) {
    sum += 0.5 * settings.nu * squared_norm(z[l] - product(l));
    sum += 0.5 * settings.nu * squared_norm(a[l] - activate(problem.activation, z[l]));
  }
  for (int l = 1; l <= L; ++l) {
    const Matrix V = without_bias_column(problem, W[l]);
    if (settings.omega == DladmmOmega::ridge) omega += 0.5 * squared_norm(V);
    if (settings.omega == DladmmOmega::l1)
      for (const double value : V.values) omega += std::abs(value);
  }
  return sum / static_cast<double>(problem.samples()) + settings.weight * omega;
}

double Dladmm::lagrangian() const {
  const Matrix r = z[problem.layers()] - product(problem.layers());
  double multiplied = 0.0;
  for (std::size_t i = 0; i < r.values.size(); ++i) multiplied += u.values[i] * r.values[i];
  return objective() + (multiplied + 0.5 * settings.rho * squared_norm(r)) /
                           static_cast<double>(problem.samples());
}

}  // namespace admmnet::reference
