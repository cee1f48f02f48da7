#include "reference/full_batch.h"

#include <algorithm>
#include <cmath>

#include "reference/proximal.h"

namespace admmnet::reference {

FullBatch::FullBatch(const Problem& the_problem, const FullBatchParameters& the_parameters)
    : problem(the_problem),
      parameters(the_parameters),
      T(problem.targets()),
      eta(parameters.step),
      W(problem.layers() + 1),
      V(problem.layers() + 1),
      z_L(T),
      R(problem.layers() + 1),
      G(problem.layers() + 1) {
  const int L = problem.layers();
  for (int l = 1; l <= L; ++l) {
    W[l] = initial_weights(problem, l);
    if (l < L) V[l] = Matrix(W[l].rows, W[l].cols);
  }
  W[L] = Matrix(W[L].rows, W[L].cols);
  const Matrix x = with_bias_row(problem, problem.X);
  G[1] = x * transposed(x);
}

void FullBatch::iterate() {
  const int L = problem.layers();
  const Layers W_before = W;
  iterations += 1;
  if (iterations > 1) step_hidden_layers();
  const Forward pass = forward_and_refit();
  const Matrix& m = pass.z[L];
  f = mean_loss(problem, m, T);
  rejected = !acceptable();
  if (rejected) {
    W = W_before;
    for (int l = 1; l < L; ++l) V[l] = Matrix(V[l].rows, V[l].cols);
    eta *= 0.4;
    rejections += 1;
    return;
  }
  z_L = prox_loss(problem.loss, parameters.beta, m, T);
  const Layers D =
      residual_targets(problem, W, pass, z_L - m, parameters.damping, parameters.penalty_ratio);
  for (int l = 1; l < L; ++l) {
    R[l] = D[l] * transposed(pass.inputs[l]);
    if (l >= 2) G[l] = pass.inputs[l] * transposed(pass.inputs[l]);
  }
  f_accepted = f;
  if (iterations > 1) eta = std::min(1.2 * eta, 2000.0);
}

/// V_l = mu V_l + eta Delta_l, W_l += V_l for l < L, from the stored R_l and G_l.
void FullBatch::step_hidden_layers() {
  const double decay = std::pow(parameters.ridge_decay, static_cast<double>(iterations - 1));
  for (int l = 1; l < problem.layers(); ++l) {
    const double ridge = decay * (l == 1 ? parameters.ridge : parameters.ridge_hidden);
    const Cholesky H(regularised(problem, G[l], ridge, parameters.proximal));
    const Matrix Delta = weight_step(problem, R[l], W[l], G[l], H, ridge);
    V[l] = parameters.momentum * V[l] + eta * Delta;
    W[l] = W[l] + V[l];
  }
}

/// Forward pass; W_L = S_L (G_L + rho_L mbar I' + 1e-7 mbar I)^{-1} with S_L = sum z_L h~^T; m with
/// the new W_L.
Forward FullBatch::forward_and_refit() {
  const int L = problem.layers();
  Forward pass = forward(problem, W, problem.X);
  const Matrix& h = pass.inputs[L];
  const Matrix ht = transposed(h);
  const Cholesky H(regularised(problem, h * ht, parameters.ridge_output, 1e-7));
  W[L] = H.right_solve(z_L * ht);
  pass.z[L] = W[L] * h;
  return pass;
}

bool FullBatch::acceptable() const {
  if (!std::isfinite(f)) return false;
  return iterations == 1 || f <= 1.001 * f_accepted || eta <= parameters.step / 4.0;
}

}  // namespace admmnet::reference
