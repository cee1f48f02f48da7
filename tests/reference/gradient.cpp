#include "reference/gradient.h"

#include <cmath>

#include "reference/proximal.h"

namespace admmnet::reference {

double derivative(const Activation& h, double z) {
  if (h.kind == ActivationKind::tanh) return 1.0 - std::tanh(z) * std::tanh(z);
  if (h.kind == ActivationKind::sigmoid) return activate(h, z) * (1.0 - activate(h, z));
  if (h.kind == ActivationKind::softplus) return 1.0 / (1.0 + std::exp(-z));
  constexpr double kSmall = 1e-7;  // straight pieces
  return (activate(h, z) - activate(h, z - kSmall)) / kSmall > 0.5
             ? 1.0
             : (h.kind == ActivationKind::leaky_relu ? h.slope : 0.0);
}

static Matrix loss_gradient(Loss loss, const Matrix& z, const Matrix& t) {
  Matrix s(z.rows, z.cols);
  for (Index j = 0; j < z.cols; ++j) {
    double sum = 0.0;
    for (Index i = 0; i < z.rows; ++i) sum += std::exp(z(i, j));
    for (Index i = 0; i < z.rows; ++i)
      s(i, j) = (loss == Loss::softmax ? std::exp(z(i, j)) / sum : z(i, j)) - t(i, j);
  }
  return s;
}

Layers gradient(const Problem& problem, const Layers& W, const Matrix& X, const Matrix& targets) {
  const Forward pass = forward(problem, W, X);
  const int L = problem.layers();
  Layers g(W.size());
  Matrix delta = loss_gradient(problem.loss, pass.z[static_cast<std::size_t>(L)], targets);
  for (int l = L; l >= 1; --l) {
    const auto i = static_cast<std::size_t>(l);
    g[i] = (1.0 / static_cast<double>(X.cols)) * (delta * transposed(pass.inputs[i]));
    if (l == 1) break;
    delta = transposed(without_bias_column(problem, W[i])) * delta;
    for (Index c = 0; c < delta.cols; ++c)
      for (Index r = 0; r < delta.rows; ++r)
        delta(r, c) *= derivative(problem.activation, pass.z[i - 1](r, c));
  }
  return g;
}

GradientRun::GradientRun(const Problem& the_problem, const GradientOptions& the_options)
    : problem(the_problem), options(the_options), W(1), first(1), second(1) {
  for (int l = 1; l <= problem.layers(); ++l) {
    W.push_back(initial_weights(problem, l));
    first.emplace_back(W.back().rows, W.back().cols);
    second.emplace_back(W.back().rows, W.back().cols);
  }
}

void GradientRun::step(Index begin, Index end) {
  ++steps;
  const Layers g =
      gradient(problem, W, columns(problem.X, begin, end), columns(problem.targets(), begin, end));
  const double rate = *options.rate, t = static_cast<double>(steps);
  for (std::size_t l = 1; l < W.size(); ++l)
    for (std::size_t i = 0; i < W[l].values.size(); ++i) {
      double &w = W[l].values[i], &m = first[l].values[i], &s = second[l].values[i];
      const double d = g[l].values[i];
      switch (options.rule) {
        case GradientRule::sgd:
          m = options.momentum * m + d;
          w -= rate * m;
          break;
        case GradientRule::adagrad:
          s += d * d;
          w -= rate * d / (std::sqrt(s) + 1e-10);
          break;
        case GradientRule::adadelta: {
          s = 0.9 * s + 0.1 * d * d;
          const double change = std::sqrt(m + 1e-6) / std::sqrt(s + 1e-6) * d;
          m = 0.9 * m + 0.1 * change * change;
          w -= rate * change;
          break;
        }
        case GradientRule::adam: {
          m = 0.9 * m + 0.1 * d;
          s = 0.999 * s + 0.001 * d * d;
          const double mean = m / (1.0 - std::pow(0.9, t)), square = s / (1.0 - std::pow(0.999, t));
          w -= rate * mean / (std::sqrt(square) + 1e-8);
          break;
        }
        default:
          w -= rate * d;
      }
    }
}

Matrix as_vector(const Layers& layers) {
  Matrix vector;
  vector.cols = 1;
  for (const Matrix& layer : layers)
    vector.values.insert(vector.values.end(), layer.values.begin(), layer.values.end());
  vector.rows = static_cast<Index>(vector.values.size());
  return vector;
}

Matrix inverse_bfgs(const Layers& S, const Layers& Y) {
  const Index n = S.back().rows;
  const auto product = [](const Matrix& a, const Matrix& b) { return (transposed(a) * b)(0, 0); };
  Matrix H = plus_diagonal(Matrix(n, n), product(S.back(), Y.back()) / product(Y.back(), Y.back()));
  for (std::size_t k = 0; k < S.size(); ++k) {
    const double rho = 1.0 / product(S[k], Y[k]);
    const Matrix left = plus_diagonal((-rho) * (S[k] * transposed(Y[k])), 1.0);
    H = left * H * transposed(left) + rho * (S[k] * transposed(S[k]));
  }
  return H;
}

}  // namespace admmnet::reference
