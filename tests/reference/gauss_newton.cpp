#include "reference/gauss_newton.h"

#include <algorithm>
#include <cmath>

#include "reference/gradient.h"
#include "runtime/random.h"

namespace admmnet::reference {
namespace {

/// delta_L, ..., delta_1 of one column from delta_L = e on, at place l.
Layers way_back(const Problem& problem, const Layers& W, const Forward& pass, const Matrix& e) {
  const auto L = static_cast<std::size_t>(problem.layers());
  Layers delta(L + 1);
  delta[L] = e;
  for (std::size_t l = L; l > 1; --l) {
    delta[l - 1] = transposed(without_bias_column(problem, W[l])) * delta[l];
    for (Index i = 0; i < delta[l - 1].rows; ++i)
      delta[l - 1](i, 0) *= derivative(problem.activation, pass.z[l - 1](i, 0));
  }
  return delta;
}

std::vector<double> softmax(const Matrix& z) {
  std::vector<double> p;
  double sum = 0.0;
  for (Index i = 0; i < z.rows; ++i) p.push_back(std::exp(z(i, 0)));
  for (const double value : p) sum += value;
  for (double& value : p) value /= sum;
  return p;
}

/// One of mean 0 whose covariance is the Hessian of the loss: signs, or a drawn class against p.
Matrix random_column(const Problem& problem, const Matrix& z, Index outer_step, Index j) {
  const CounterRandom random(problem.seed, Stream::curvature, static_cast<int>(outer_step));
  Matrix e(z.rows, 1);
  if (problem.loss == Loss::squared) {
    for (Index i = 0; i < z.rows; ++i) e(i, 0) = random.words(i, j)[0] % 2 == 1 ? 1.0 : -1.0;
    return e;
  }
  const std::vector<double> p = softmax(z);
  double u = random.uniform(0, j);
  Index drawn = 0;
  while (drawn + 1 < z.rows && u >= p[static_cast<std::size_t>(drawn)])
    u -= p[static_cast<std::size_t>(drawn++)];
  for (Index i = 0; i < z.rows; ++i)
    e(i, 0) = p[static_cast<std::size_t>(i)] - (i == drawn ? 1.0 : 0.0);
  return e;
}

double product(const Matrix& a, const Matrix& b) {
  return (transposed(a) * b)(0, 0);
}

/// The numbers c_l, one for each weight.
Matrix spread(const CurvatureModel& model) {
  Matrix c;
  c.cols = 1;
  for (std::size_t l = 1; l < model.G.size(); ++l)
    c.values.insert(c.values.end(), static_cast<std::size_t>(model.S[l].rows * model.G[l].rows),
                    model.c[l]);
  c.rows = static_cast<Index>(c.values.size());
  return c;
}

Layers from_vector(const Matrix& vector, const Layers& like) {
  Layers layers = like;
  auto next = vector.values.begin();
  for (Matrix& layer : layers)
    for (double& value : layer.values) value = *next++;
  return layers;
}

}  // namespace

Matrix jacobian(const Problem& problem, const Layers& W, const Matrix& x) {
  const Forward pass = forward(problem, W, x);
  Matrix J;
  for (Index i = 0; i < problem.outputs; ++i) {
    Matrix e(problem.outputs, 1);
    e(i, 0) = 1.0;
    const Layers delta = way_back(problem, W, pass, e);
    Layers row(W.size());
    for (std::size_t l = 1; l < W.size(); ++l) row[l] = delta[l] * transposed(pass.inputs[l]);
    const Matrix vector = as_vector(row);
    if (i == 0) J = Matrix(problem.outputs, vector.rows);
    for (Index k = 0; k < vector.rows; ++k) J(i, k) = vector(k, 0);
  }
  return J;
}

Matrix loss_hessian(Loss loss, const Matrix& z) {
  Matrix H(z.rows, z.rows);
  const std::vector<double> p = softmax(z);
  for (Index i = 0; i < z.rows; ++i)
    for (Index j = 0; j < z.rows; ++j) {
      const double pi = p[static_cast<std::size_t>(i)], pj = p[static_cast<std::size_t>(j)];
      const double one = i == j ? 1.0 : 0.0;
      H(i, j) = loss == Loss::squared ? one : one * pi - pi * pj;
    }
  return H;
}

CurvatureModel curvature_model(const Problem& problem, const Layers& W, Index begin, Index end,
                               Index outer_step) {
  CurvatureModel model;
  const double weight = 1.0 / static_cast<double>(end - begin);
  const auto add = [weight](Matrix& sum, const Matrix& term) {
    sum = sum.empty() ? weight * term : sum + weight * term;
  };
  model.G.resize(W.size());
  model.S.resize(W.size());
  for (Index j = begin; j < end; ++j) {
    const Matrix x = columns(problem.X, j, j + 1), J = jacobian(problem, W, x);
    const Forward pass = forward(problem, W, x);
    add(model.A, transposed(J) * (loss_hessian(problem.loss, pass.z.back()) * J));
    const Layers B =
        way_back(problem, W, pass, random_column(problem, pass.z.back(), outer_step, j));
    for (std::size_t l = 1; l < W.size(); ++l) {
      add(model.G[l], pass.inputs[l] * transposed(pass.inputs[l]));
      add(model.S[l], B[l] * transposed(B[l]));
    }
  }
  for (std::size_t l = 1; l < W.size(); ++l)
    model.c.push_back(mean_diagonal(model.S[l]) * mean_diagonal(model.G[l]));
  return model;
}

Matrix preconditioner(const CurvatureModel& model, double lambda) {
  Matrix P(model.A.rows, model.A.rows);
  Index first = 0;
  for (std::size_t l = 1; l < model.G.size(); ++l) {
    const Matrix &G = model.G[l], &S = model.S[l];
    const Index m = S.rows, size = m * G.rows;
    for (Index u = 0; u < size; ++u)
      for (Index v = 0; v < size; ++v)
        P(first + u, first + v) =
            S(u % m, v % m) * G(u / m, v / m) + (u == v ? lambda * model.c[l] : 0.0);
    first += size;
  }
  return P;
}

double GaussNewtonRun::loss() const {
  return mean_loss(problem, forward(problem, W, problem.X).z.back(), problem.targets());
}

void GaussNewtonRun::outer_step(Index begin, Index end) {
  const CurvatureModel model = curvature_model(problem, W, begin, end, outer_steps++);
  const Matrix g = as_vector(gradient(problem, W, problem.X, problem.targets())), c = spread(model);
  const double f = loss();
  const Layers before = W;
  for (;;) {
    Matrix damped = model.A;
    for (Index i = 0; i < g.rows; ++i) damped(i, i) += lambda * c(i, 0);
    const Cholesky solver(preconditioner(model, lambda));
    Matrix D(g.rows, 1), r = (-1.0) * g, z = solver.left_solve(r), p = z;
    std::vector<double> phi;
    for (Index i = 0; i < most; ++i) {
      const Matrix q = damped * p;
      const double alpha = product(r, z) / product(p, q), before_it = product(r, z);
      D = D + alpha * p;
      r = r - alpha * q;
      phi.push_back(product(g, D) + 0.5 * product(D, damped * D));
      const auto k = static_cast<std::size_t>(i);
      if (i >= 4 && (phi[k] - phi[k - 4]) / phi[k] < 4 * 5e-4) break;
      z = solver.left_solve(r);
      p = z + (product(r, z) / before_it) * p;
    }
    W = from_vector(as_vector(before) + D, before);
    const double there = loss();
    const double gain = (f - there) / (-product(g, D) - 0.5 * product(D, model.A * D));
    if (gain > 0.75) lambda *= 0.4;
    if (gain < 0.25) lambda *= 3.0;
    if (there < f) return;
    lambda *= 2.0;
    ++rejected;
  }
}

}  // namespace admmnet::reference
