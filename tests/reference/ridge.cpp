#include "reference/ridge.h"

#include <cmath>

#include "reference/proximal.h"
#include "runtime/random.h"

namespace admmnet::reference {
namespace {

std::vector<double> row_means(const Matrix& A) {
  std::vector<double> means(static_cast<std::size_t>(A.rows), 0.0);
  for (Index i = 0; i < A.rows; ++i) {
    for (Index j = 0; j < A.cols; ++j) means[i] += A(i, j);
    means[i] /= static_cast<double>(A.cols);
  }
  return means;
}

Matrix less(const Matrix& A, const std::vector<double>& of_rows) {
  Matrix B = A;
  for (Index j = 0; j < A.cols; ++j)
    for (Index i = 0; i < A.rows; ++i) B(i, j) -= of_rows[i];
  return B;
}

/// a_l of the hidden layers so far.
Matrix activations(const Problem& problem, const Layers& W, int l) {
  Matrix a = problem.X;
  for (int i = 1; i <= l; ++i) a = activate(problem.activation, W[i] * with_bias_row(problem, a));
  return a;
}

}  // namespace

Layers normalised_hidden(const Problem& problem) {
  Layers W(problem.layers() + 1);
  for (int l = 1; l < problem.layers(); ++l) {
    W[l] = initial_weights(problem, l);
    const Matrix z = W[l] * with_bias_row(problem, activations(problem, W, l - 1));
    const std::vector<double> means = row_means(z);
    for (Index i = 0; i < z.rows; ++i) {
      const double shift = problem.bias ? means[i] : 0.0;
      double square = 0.0;
      for (Index j = 0; j < z.cols; ++j) square += std::pow(z(i, j) - shift, 2);
      const double deviation = std::sqrt(square / static_cast<double>(z.cols));
      for (Index j = 0; j < problem.width(l - 1); ++j) W[l](i, j) /= deviation;
      if (problem.bias) W[l](i, W[l].cols - 1) = (W[l](i, W[l].cols - 1) - shift) / deviation;
    }
  }
  return W;
}

double mean_distance_sigma(const Matrix& X) {
  double sum = 0.0;
  for (Index j = 0; j < X.cols; ++j)
    for (Index k = 0; k < X.cols; ++k)
      for (Index i = 0; i < X.rows; ++i) sum += std::pow(X(i, j) - X(i, k), 2);
  return std::sqrt(0.5 * sum) / static_cast<double>(X.cols);
}

Matrix fourier_weights(const Problem& problem, double sigma) {
  const CounterRandom random(problem.seed, Stream::weights, 1);
  const Index inputs = problem.width(0);
  Matrix W(problem.width(1), inputs + 1);
  for (Index i = 0; i < W.rows; ++i) {
    for (Index j = 0; j < inputs; ++j) W(i, j) = random.normal(i, j) / sigma;
    W(i, inputs) = 2.0 * std::acos(-1.0) * random.uniform(i, inputs);
  }
  return W;
}

Matrix ridge_weights(const Problem& problem, const Matrix& A, const Matrix& T, double ridge) {
  std::vector<double> abar(static_cast<std::size_t>(A.rows), 0.0);
  std::vector<double> tbar(static_cast<std::size_t>(T.rows), 0.0);
  if (problem.bias) {
    abar = row_means(A);
    tbar = row_means(T);
  }
  const Matrix a = less(A, abar), t = less(T, tbar), G = a * transposed(a);
  const Matrix W =
      Cholesky(plus_diagonal(G, ridge * mean_diagonal(G))).right_solve(t * transposed(a));
  if (!problem.bias) return W;
  Matrix with_bias(W.rows, W.cols + 1);
  for (Index i = 0; i < W.rows; ++i) {
    with_bias(i, W.cols) = tbar[i];
    for (Index j = 0; j < W.cols; ++j) {
      with_bias(i, j) = W(i, j);
      with_bias(i, W.cols) -= W(i, j) * abar[j];
    }
  }
  return with_bias;
}

Layers fitted(const Problem& problem, const Layers& hidden, double ridge) {
  Layers W = hidden;
  W.resize(static_cast<std::size_t>(problem.layers()) + 1);
  const Matrix A = activations(problem, W, problem.layers() - 1);
  W[problem.layers()] = ridge_weights(problem, A, problem.targets(), ridge);
  return W;
}

}  // namespace admmnet::reference
