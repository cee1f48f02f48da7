#include "reference/mdlam.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/proximal.h"
#include "runtime/error.h"

namespace admmnet::reference {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double squares_of_column(const Matrix& A, Index j) {
  double sum = 0.0;
  for (Index i = 0; i < A.rows; ++i) sum += A(i, j) * A(i, j);
  return sum;
}

/// sigma_max(A)^2
double lipschitz(const Matrix& A) {
  return largest_eigenvalue(A.rows <= A.cols ? A * transposed(A) : transposed(A) * A);
}

/// {z: h(z) >= t} and {z: h(z) <= t} end here.
double lower_bound(const Activation& h, double t) {
  if (h.kind == ActivationKind::leaky_relu) return t < 0.0 ? t / h.slope : t;
  const double low = h.kind == ActivationKind::hard_tanh ? -1.0 : 0.0;
  return t <= low + 1e-12 ? -infinity : t;  // a at the edge of the box: no bound
}
double upper_bound(const Activation& h, double t) {
  if (h.kind == ActivationKind::leaky_relu) return t < 0.0 ? t / h.slope : t;
  if (h.kind == ActivationKind::relu) return t;
  return t >= 1.0 - 1e-12 ? infinity : t;
}

}  // namespace

double largest_eigenvalue(Matrix G) {
  const Index n = G.rows;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0.0;
    for (Index p = 0; p < n; ++p) {
      for (Index q = p + 1; q < n; ++q) {
        off = std::max(off, std::abs(G(p, q)));
        if (G(p, q) == 0.0) continue;
        // The rotation that makes G(p, q) zero (Golub and Van Loan, 8.5.2).
        const double tau = (G(q, q) - G(p, p)) / (2.0 * G(p, q));
        const double t = std::copysign(1.0, tau) / (std::abs(tau) + std::sqrt(1.0 + tau * tau));
        const double c = 1.0 / std::sqrt(1.0 + t * t), s = t * c;
        for (Index i = 0; i < n; ++i) {
          const double x = G(i, p), y = G(i, q);
          G(i, p) = c * x - s * y;
          G(i, q) = s * x + c * y;
        }
        for (Index i = 0; i < n; ++i) {
          const double x = G(p, i), y = G(q, i);
          G(p, i) = c * x - s * y;
          G(q, i) = s * x + c * y;
        }
      }
    }
    if (off <= 1e-15 * std::abs(trace(G))) break;
  }
  double largest = -infinity;
  for (Index i = 0; i < n; ++i) largest = std::max(largest, G(i, i));
  return largest;
}

Mdlam::Mdlam(const Problem& the_problem, const MdlamParameters& the_parameters)
    : problem(the_problem),
      parameters(the_parameters),
      T(problem.targets()),
      W(problem.layers() + 1),
      a(problem.layers() + 1),
      epsilon(parameters.epsilon_first) {
  const int L = problem.layers();
  for (int l = 1; l <= L; ++l) W[l] = initial_weights(problem, l);
  z = forward(problem, W, problem.X).z;
  for (int l = 1; l < L; ++l) a[l] = activate(problem.activation, z[l]);
  z[L] = T;
  if (problem.loss == Loss::softmax)
    for (double& value : z[L].values) value = 2.0 * value - 1.0;
  previous_W = W;
  previous_a = a;
}

/// W~ [input; 1] - z
Matrix Mdlam::residual(int l, const Matrix& W_l, const Matrix& input) const {
  return W_l * with_bias_row(problem, input) - z[l];
}

double Mdlam::phi(int l, const Matrix& W_l, const Matrix& input) const {
  return 0.5 * (parameters.rho * squared_norm(residual(l, W_l, input)) +
                parameters.weight_decay * squared_norm(without_bias_column(problem, W_l)));
}

/// W - G/theta, the bias as it is.
Matrix Mdlam::weight_step(int l, const Matrix& from) const {
  const double rho = parameters.rho, mu = parameters.weight_decay;
  const Matrix& A = input(l);
  const Matrix G =
      rho * (residual(l, from, A) * transposed(A)) + mu * without_bias_column(problem, from);
  const double theta = parameters.exact_line ? rho * squared_norm(G * A) / squared_norm(G) + mu
                                             : rho * lipschitz(A) + mu;
  Matrix result = from;
  for (Index j = 0; j < G.cols; ++j) {
    for (Index i = 0; i < G.rows; ++i) result(i, j) -= G(i, j) / theta;
  }
  return result;
}

void Mdlam::update_weights(int l, double omega) {
  const Matrix old = W[l];
  if (omega > 0.0) {
    Matrix trial = old;
    for (Index j = 0; j < input(l).rows; ++j) {
      for (Index i = 0; i < old.rows; ++i) trial(i, j) += omega * (old(i, j) - previous_W[l](i, j));
    }
    W[l] = weight_step(l, trial);
    ++extrapolated;
    if (phi(l, W[l], input(l)) <= phi(l, old, input(l)))
      ++accepted;
    else
      W[l] = weight_step(l, old);
  } else {
    W[l] = weight_step(l, old);
  }
  previous_W[l] = old;
}

void Mdlam::update_bias(int l) {
  if (!problem.bias) return;
  const Matrix R = residual(l, W[l], input(l));
  for (Index i = 0; i < R.rows; ++i) {
    double sum = 0.0;
    for (Index j = 0; j < R.cols; ++j) sum += R(i, j);
    W[l](i, W[l].cols - 1) -= sum / static_cast<double>(R.cols);
  }
}

void Mdlam::update_z(int l) {
  const Matrix m = W[l] * with_bias_row(problem, input(l));
  if (l == problem.layers()) {
    z[l] = prox_loss(problem.loss, parameters.rho, m, T);
    return;
  }
  const Activation& h = problem.activation;
  for (Index j = 0; j < m.cols; ++j) {
    for (Index i = 0; i < m.rows; ++i) {
      const double low = lower_bound(h, a[l](i, j) - epsilon);
      const double high = upper_bound(h, a[l](i, j) + epsilon);
      z[l](i, j) = std::min(std::max(m(i, j), low), high);
    }
  }
}

Matrix Mdlam::in_box(int l, const Matrix& x) const {
  const Matrix h = activate(problem.activation, z[l]);
  Matrix result = x;
  for (Index j = 0; j < x.cols; ++j) {
    for (Index i = 0; i < x.rows; ++i)
      result(i, j) = std::min(std::max(x(i, j), h(i, j) - epsilon), h(i, j) + epsilon);
  }
  return result;
}

/// from + d, d = clip(-g/tau, lowest - from, highest - from), one tau for each column.
Matrix Mdlam::activation_step(int l, const Matrix& from) {
  const double rho = parameters.rho;
  const Matrix V = without_bias_column(problem, W[l + 1]);
  const double bound = rho * lipschitz(V);
  const Matrix h = activate(problem.activation, z[l]);
  const Matrix g = rho * (transposed(V) * residual(l + 1, W[l + 1], from));
  const Matrix Vg = V * g;
  const auto change = [&](auto&& tau) {
    Matrix d = g;
    for (Index j = 0; j < d.cols; ++j) {
      for (Index i = 0; i < d.rows; ++i)
        d(i, j) = std::min(std::max(-g(i, j) / tau(j), h(i, j) - epsilon - from(i, j)),
                           h(i, j) + epsilon - from(i, j));
    }
    return d;
  };
  const Matrix safe = change([&](Index) { return bound; });
  if (!parameters.exact_line) return from + safe;
  const auto line = [&](Index j) {
    return rho * squares_of_column(Vg, j) / squares_of_column(g, j);
  };
  Matrix d = change(line);
  const Matrix Vd = V * d;
  for (Index j = 0; j < d.cols; ++j) {
    if (rho * squares_of_column(Vd, j) <= line(j) * squares_of_column(d, j) * (1.0 + 1e-12))
      continue;
    ++shortened;
    for (Index i = 0; i < d.rows; ++i) d(i, j) = safe(i, j);
  }
  return from + d;
}

void Mdlam::update_activations(int l, double omega) {
  const Matrix before = a[l], old = in_box(l, before);
  if (omega > 0.0) {
    const Matrix trial = activation_step(l, old + omega * (old - previous_a[l]));
    ++extrapolated;
    const bool falls = squared_norm(residual(l + 1, W[l + 1], trial)) <=
                       squared_norm(residual(l + 1, W[l + 1], old));
    accepted += falls ? 1 : 0;
    a[l] = falls ? trial : activation_step(l, old);
  } else {
    a[l] = activation_step(l, old);
  }
  previous_a[l] = before;
}

void Mdlam::iterate() {
  const double next = (1.0 + std::sqrt(1.0 + 4.0 * s * s)) / 2.0;
  const double omega = parameters.momentum ? std::max(0.0, (s - 1.0) / next) : 0.0;
  for (int l = 1; l <= problem.layers(); ++l) {
    update_weights(l, omega);
    update_bias(l);
    update_z(l);
    if (l < problem.layers()) update_activations(l, omega);
  }
  s = next;
  epsilon = std::max(parameters.epsilon_factor * epsilon, parameters.epsilon_last);
}

double Mdlam::objective() const {
  double sum = total_loss(problem.loss, z[problem.layers()], T);
  for (int l = 1; l <= problem.layers(); ++l) sum += phi(l, W[l], input(l));
  return sum / static_cast<double>(problem.samples());
}

}  // namespace admmnet::reference
