#include "reference/proximal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/error.h"

namespace admmnet::reference {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double clip(double x, double low, double high) {
  return std::min(std::max(x, low), high);
}
double square(double x) {
  return x * x;
}

/// h(z) = slope z + offset for z in [low, high].
struct Piece {
  double slope, offset, low, high;
};

std::vector<Piece> pieces(const Activation& h) {
  if (h.kind == ActivationKind::relu) return {{0, 0, -infinity, 0}, {1, 0, 0, infinity}};
  if (h.kind == ActivationKind::leaky_relu)
    return {{h.slope, 0, -infinity, 0}, {1, 0, 0, infinity}};
  if (h.kind == ActivationKind::hard_sigmoid)
    return {{0, 0, -infinity, 0}, {1, 0, 0, 1}, {0, 1, 1, infinity}};
  if (h.kind == ActivationKind::hard_tanh)
    return {{0, -1, -infinity, -1}, {1, 0, -1, 1}, {0, 1, 1, infinity}};
  throw InternalError("reference: unknown activation");
}

double log_sum_exp(const Matrix& z) {
  const double largest = *std::max_element(z.values.begin(), z.values.end());
  double sum = 0.0;
  for (double value : z.values) sum += std::exp(value - largest);
  return largest + std::log(sum);
}

/// l(z, t) of one column.
double column_loss(Loss loss, const Matrix& z, const Matrix& t) {
  double sum = 0.0, dot = 0.0, largest = -infinity;
  for (Index i = 0; i < z.rows; ++i) {
    const double y = t(i, 0), zi = z(i, 0);
    if (loss == Loss::squared) sum += 0.5 * square(zi - y);
    if (loss == Loss::hinge) sum += y == 1.0 ? std::max(1.0 - zi, 0.0) : std::max(zi, 0.0);
    largest = std::max(largest, 1.0 - y + zi);
    dot += y * zi;
  }
  if (loss == Loss::multiclass_hinge) return largest - dot;
  if (loss == Loss::softmax) return log_sum_exp(z) - dot;
  return sum;
}

/// Candidates: the two linear pieces' stationary points and the kink.
double prox_hinge(double beta, double v, double y) {
  const double kink = y == 1.0 ? 1.0 : 0.0;
  const double direction = y == 1.0 ? 1.0 : -1.0;
  double best = v, smallest = infinity;
  for (double z : {v, v + direction / beta, kink}) {
    const double objective = std::max(direction * (kink - z), 0.0) + 0.5 * beta * square(z - v);
    if (objective < smallest) {
      smallest = objective;
      best = z;
    }
  }
  return best;
}

Matrix prox_multiclass_hinge(double beta, const Matrix& v, const Matrix& t) {
  Matrix u = v;
  for (Index i = 0; i < v.rows; ++i) u(i, 0) += t(i, 0) / beta + 1.0 - t(i, 0);
  // The excess over the level tau falls from more than 1/beta to 0 between these two.
  double high = *std::max_element(u.values.begin(), u.values.end());
  double low = high - 2.0 / beta;
  for (int step = 0; step < 200; ++step) {
    const double tau = 0.5 * (low + high);
    double excess = 0.0;
    for (double value : u.values) excess += std::max(value - tau, 0.0);
    (excess > 1.0 / beta ? low : high) = tau;
  }
  const double tau = 0.5 * (low + high);
  Matrix z(v.rows, 1);
  for (Index i = 0; i < v.rows; ++i) z(i, 0) = std::min(u(i, 0), tau) - (1.0 - t(i, 0));
  return z;
}

Matrix prox_softmax(double beta, const Matrix& v, const Matrix& t) {
  const auto objective = [&](const Matrix& z) {
    return column_loss(Loss::softmax, z, t) + 0.5 * beta * squared_norm(z - v);
  };
  Matrix z = v;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const double level = log_sum_exp(z);
    Matrix p(z.rows, 1);
    for (Index i = 0; i < z.rows; ++i) p(i, 0) = std::exp(z(i, 0) - level);
    const Matrix gradient = beta * (z - v) + p - t;
    Matrix hessian = plus_diagonal(-1.0 * (p * transposed(p)), beta);
    for (Index i = 0; i < z.rows; ++i) hessian(i, i) += p(i, 0);
    const Matrix step = Cholesky(hessian).left_solve(gradient);
    // Far from the minimum the step is halved until the objective falls; near it rounding decides,
    // so that the full step is taken as soon as it is small.
    double length = 1.0;
    if (max_abs(step) > 1e-6) {
      while (length > 1e-12 && objective(z - length * step) >= objective(z)) length /= 2.0;
    }
    z = z - length * step;
    if (max_abs(step) <= 1e-14 * (1.0 + max_abs(z))) break;
  }
  return z;
}

/// All minima lie where beta (z - m)^2 is below the objective at m. The best point of a grid there,
/// then the zero of the derivative beside it, by bisection.
double smooth_hidden_z(const Activation& h, double a, double m, double gamma, double beta) {
  const auto objective = [&](double z) {
    return gamma * square(a - activate(h, z)) + beta * square(z - m);
  };
  const auto derivative = [&](double z) {
    const double value = activate(h, z);
    const double slope =
        h.kind == ActivationKind::tanh ? 1.0 - square(value) : value * (1.0 - value);
    return beta * (z - m) - gamma * (a - value) * slope;
  };
  constexpr int points = 200;
  double best = m, smallest = objective(m);
  const double step = std::sqrt(smallest / beta) / points;
  for (int i = -points; i <= points; ++i) {
    const double z = m + i * step, value = objective(z);
    if (value >= smallest) continue;
    smallest = value;
    best = z;
  }
  double low = best - step, high = best + step;
  for (int k = 0; k < 100 && low < high; ++k) {
    best = 0.5 * (low + high);
    (derivative(best) > 0.0 ? high : low) = best;
  }
  return best;
}

Matrix prox_column(Loss loss, double beta, const Matrix& v, const Matrix& t) {
  if (loss == Loss::multiclass_hinge) return prox_multiclass_hinge(beta, v, t);
  if (loss == Loss::softmax) return prox_softmax(beta, v, t);
  Matrix z(v.rows, 1);
  for (Index i = 0; i < v.rows; ++i) {
    z(i, 0) = loss == Loss::squared ? (t(i, 0) + beta * v(i, 0)) / (1.0 + beta)
                                    : prox_hinge(beta, v(i, 0), t(i, 0));
  }
  return z;
}

}  // namespace

double activate(const Activation& h, double z) {
  if (h.kind == ActivationKind::tanh) return std::tanh(z);
  if (h.kind == ActivationKind::sigmoid) return 1.0 / (1.0 + std::exp(-z));
  if (h.kind == ActivationKind::softplus) return std::log(1.0 + std::exp(z));
  if (h.kind == ActivationKind::cos) return std::cos(z);
  for (const Piece& piece : pieces(h)) {
    if (z <= piece.high) return piece.slope * z + piece.offset;
  }
  return z;  // NaN stays NaN
}

Matrix activate(const Activation& h, const Matrix& z) {
  Matrix a = z;
  for (double& value : a.values) value = activate(h, value);
  return a;
}

double hidden_z(const Activation& h, double a, double m, double gamma, double beta) {
  if (h.kind == ActivationKind::tanh || h.kind == ActivationKind::sigmoid)
    return smooth_hidden_z(h, a, m, gamma, beta);
  double best = m, smallest = infinity;
  for (const Piece& piece : pieces(h)) {
    const double stationary = (gamma * piece.slope * (a - piece.offset) + beta * m) /
                              (gamma * square(piece.slope) + beta);
    const double z = clip(stationary, piece.low, piece.high);
    const double objective =
        gamma * square(a - (piece.slope * z + piece.offset)) + beta * square(z - m);
    if (objective < smallest) {
      smallest = objective;
      best = z;
    }
  }
  return best;
}

double total_loss(Loss loss, const Matrix& z, const Matrix& targets) {
  double sum = 0.0;
  for (Index j = 0; j < z.cols; ++j) {
    sum += column_loss(loss, columns(z, j, j + 1), columns(targets, j, j + 1));
  }
  return sum;
}

Matrix prox_loss(Loss loss, double beta, const Matrix& v, const Matrix& targets) {
  Matrix z(v.rows, v.cols);
  for (Index j = 0; j < v.cols; ++j) {
    const Matrix column = prox_column(loss, beta, columns(v, j, j + 1), columns(targets, j, j + 1));
    std::copy(column.values.begin(), column.values.end(), &z(0, j));
  }
  return z;
}

}  // namespace admmnet::reference
