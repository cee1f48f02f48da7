#include "reference/printed.h"

#include "reference/proximal.h"
#include "runtime/random.h"

namespace admmnet::reference {
namespace {

Matrix random_matrix(const Problem& problem, Stream stream, int l) {
  const CounterRandom random(problem.seed, stream, l);
  Matrix result(problem.width(l), problem.samples());
  for (Index j = 0; j < result.cols; ++j) {
    for (Index i = 0; i < result.rows; ++i) {
      result(i, j) =
          problem.init == InitScheme::normal ? random.normal(i, j) : random.uniform(i, j);
    }
  }
  return result;
}

}  // namespace

PrintedParameters PrintedParameters::uniform(const Problem& problem, double beta, double gamma) {
  PrintedParameters result;
  result.beta.assign(static_cast<std::size_t>(problem.layers()), beta);
  result.gamma.assign(problem.hidden.size(), gamma);
  return result;
}

Matrix printed_activations(const Matrix& W_without_bias, const Matrix& r, const Matrix& h,
                           double beta, double gamma) {
  const Matrix Wt = transposed(W_without_bias);
  const Cholesky H(plus_diagonal(beta * (Wt * W_without_bias), gamma));
  return H.left_solve(beta * (Wt * r) + gamma * h);
}

Printed::Printed(const Problem& the_problem, const PrintedParameters& the_parameters)
    : problem(the_problem),
      parameters(the_parameters),
      T(problem.targets()),
      W(problem.layers() + 1),
      z(problem.layers() + 1),
      a(problem.layers() + 1),
      lambda(problem.outputs, problem.samples()) {
  if (problem.init == InitScheme::normal || problem.init == InitScheme::uniform) {
    start_from_random_numbers();
  } else {
    start_from_weights();
  }
}

/// W = 0; z_l and a_l independent random numbers.
void Printed::start_from_random_numbers() {
  const Index bias = problem.bias ? 1 : 0;
  for (int l = 1; l <= problem.layers(); ++l) {
    W[l] = Matrix(problem.width(l), problem.width(l - 1) + bias);
    z[l] = random_matrix(problem, Stream::z, l);
    if (l < problem.layers()) a[l] = random_matrix(problem, Stream::a, l);
  }
}

/// Random W; z_l and a_l by the forward pass; z_L the targets.
void Printed::start_from_weights() {
  for (int l = 1; l <= problem.layers(); ++l) W[l] = initial_weights(problem, l);
  z = forward(problem, W, problem.X).z;
  for (int l = 1; l < problem.layers(); ++l) a[l] = activate(problem.activation, z[l]);
  z[problem.layers()] = T;
}

void Printed::iterate() {
  iterations += 1;
  update_activations();
  update_weights();
  update_pre_activations();
}

/// a~_{l-1}, a_0 = x.
Matrix Printed::layer_input(int l) const {
  return with_bias_row(problem, l == 1 ? problem.X : a[l - 1]);
}

/// What W_l and a_{l-1} are fitted to: z_l; with the multiplier on the residual z_L + lambda /
/// beta_L.
Matrix Printed::layer_target(int l) const {
  if (l < problem.layers() || parameters.multiplier != Multiplier::residual) return z[l];
  return z[l] + (1.0 / beta(l)) * lambda;
}

void Printed::update_activations() {
  for (int l = 1; l < problem.layers(); ++l) {
    const Matrix& V = W[l + 1];
    Matrix r = layer_target(l + 1);
    if (problem.bias) {
      const Matrix b = columns(V, V.cols - 1, V.cols);
      r = r - b * Matrix(1, r.cols, 1.0);
    }
    a[l] = printed_activations(without_bias_column(problem, V), r,
                               activate(problem.activation, z[l]), beta(l + 1), gamma(l));
  }
}

/// W_l = S1 (S2 + ridge mbar I)^{-1}, S1 = sum t a~^T, S2 = sum a~ a~^T.
void Printed::update_weights() {
  for (int l = 1; l <= problem.layers(); ++l) {
    const Matrix input = layer_input(l), input_t = transposed(input);
    const Matrix S2 = input * input_t;
    const Cholesky H(plus_diagonal(S2, parameters.ridge * mean_diagonal(S2)));
    W[l] = H.right_solve(layer_target(l) * input_t);
  }
}

void Printed::update_pre_activations() {
  const int L = problem.layers();
  for (int l = 1; l < L; ++l) {
    const Matrix m = W[l] * layer_input(l);
    for (Index j = 0; j < m.cols; ++j) {
      for (Index i = 0; i < m.rows; ++i) {
        z[l](i, j) = hidden_z(problem.activation, a[l](i, j), m(i, j), gamma(l), beta(l));
      }
    }
  }
  const Matrix m = W[L] * layer_input(L);
  z[L] = prox_loss(problem.loss, beta(L), m - (1.0 / beta(L)) * lambda, T);
  if (parameters.multiplier != Multiplier::none && iterations > parameters.warmup) {
    lambda = lambda + beta(L) * (z[L] - m);
  }
}

double Printed::objective() const {
  double sum = total_loss(problem.loss, z[problem.layers()], T);
  for (int l = 1; l <= problem.layers(); ++l) {
    sum += 0.5 * beta(l) * squared_norm(z[l] - W[l] * layer_input(l));
    if (l < problem.layers()) {
      sum += 0.5 * gamma(l) * squared_norm(a[l] - activate(problem.activation, z[l]));
    }
  }
  return sum;
}

}  // namespace admmnet::reference
