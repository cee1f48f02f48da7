#include "reference/problem.h"

#include <cmath>

#include "reference/proximal.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet::reference {

Index Problem::width(int l) const {
  if (l == 0) return X.rows;
  return l == layers() ? outputs : hidden[static_cast<std::size_t>(l) - 1];
}

Matrix Problem::targets() const {
  Matrix T(outputs, samples());
  for (Index j = 0; j < samples(); ++j) {
    const int label = labels[static_cast<std::size_t>(j)];
    if (outputs == 1) {
      T(0, j) = label;
    } else {
      T(label, j) = 1.0;
    }
  }
  return T;
}

Matrix with_bias_row(const Problem& problem, const Matrix& h) {
  if (!problem.bias) return h;
  Matrix result(h.rows + 1, h.cols, 1.0);
  for (Index j = 0; j < h.cols; ++j) {
    for (Index i = 0; i < h.rows; ++i) result(i, j) = h(i, j);
  }
  return result;
}

Matrix without_bias_column(const Problem& problem, const Matrix& W) {
  return problem.bias ? columns(W, 0, W.cols - 1) : W;
}

Matrix without_bias_entries(const Problem& problem, const Matrix& W) {
  Matrix result = W;
  if (!problem.bias) return result;
  for (Index i = 0; i < W.rows; ++i) result(i, W.cols - 1) = 0.0;
  return result;
}

double mean_diagonal(const Matrix& G) {
  return trace(G) / static_cast<double>(G.rows);
}

Matrix regularised(const Problem& problem, const Matrix& G, double ridge, double jitter) {
  Matrix result = plus_diagonal(G, (ridge + jitter) * mean_diagonal(G));
  if (problem.bias) result(G.rows - 1, G.rows - 1) -= ridge * mean_diagonal(G);
  return result;
}

Matrix initial_weights(const Problem& problem, int l) {
  const double inputs = static_cast<double>(problem.width(l - 1));
  const double units = static_cast<double>(problem.width(l));
  double deviation = 0.0;
  switch (problem.init) {
    case InitScheme::zero:
      break;
    case InitScheme::he:
      deviation = std::sqrt(2.0 / inputs);
      break;
    case InitScheme::lecun:
      deviation = std::sqrt(1.0 / inputs);
      break;
    case InitScheme::xavier:
      deviation = std::sqrt(2.0 / (units + inputs));
      break;
    default:
      throw BadInput("reference: this initialisation does not start from weights");
  }
  const CounterRandom random(problem.seed, Stream::weights, l);
  Matrix W(problem.width(l), problem.width(l - 1) + (problem.bias ? 1 : 0));
  for (Index j = 0; j < problem.width(l - 1); ++j) {
    for (Index i = 0; i < W.rows; ++i) W(i, j) = deviation * random.normal(i, j);
  }
  return W;
}

Forward forward(const Problem& problem, const Layers& W, const Matrix& X) {
  const int L = problem.layers();
  Forward result{Layers(L + 1), Layers(L + 1)};
  Matrix h = X;
  for (int l = 1; l <= L; ++l) {
    result.inputs[l] = with_bias_row(problem, h);
    result.z[l] = W[l] * result.inputs[l];
    h = activate(problem.activation, result.z[l]);
  }
  return result;
}

double mean_loss(const Problem& problem, const Matrix& output, const Matrix& targets) {
  return total_loss(problem.loss, output, targets) / static_cast<double>(output.cols);
}

double accuracy(const Problem& problem, const Layers& W, const Matrix& X,
                const std::vector<int>& labels) {
  const Matrix output = forward(problem, W, X).z[problem.layers()];
  Index right = 0;
  for (Index j = 0; j < output.cols; ++j) {
    Index decision = 0;
    for (Index i = 1; i < output.rows; ++i) {
      if (output(i, j) > output(decision, j)) decision = i;
    }
    if (output.rows == 1) decision = output(0, j) >= 0.5 ? 1 : 0;
    if (decision == labels[static_cast<std::size_t>(j)]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(output.cols);
}

}  // namespace admmnet::reference
