#include "reference/resync_blocks.h"

#include <algorithm>
#include <cmath>

#include "reference/proximal.h"

namespace admmnet::reference {
namespace {

/// s at the share `done` of pass k: .02 + .98 (1 + cos(pi t/P))/2 with t passes done; or 1 in the
/// first half of the P passes, then falling to 0.05.
double step_schedule(bool cosine, Index k, double done, Index iterations) {
  const double P = static_cast<double>(iterations), h = P / 2.0, pass = static_cast<double>(k);
  if (cosine) return 0.02 + 0.98 * 0.5 * (1.0 + std::cos(M_PI * (pass - 1.0 + done) / P));
  if (pass <= h) return 1.0;
  return std::max(0.05, 1.0 - (pass - h) / (P - h + 0.5));
}

}  // namespace

BlockParameters BlockParameters::defaults(const Problem& problem, Index iterations, Index blocks) {
  BlockParameters result;
  const auto hidden = problem.hidden.size();
  const double columns = static_cast<double>(problem.samples()) / static_cast<double>(blocks);
  const double f =
      std::min(1.0, std::sqrt(columns / 2500.0)) / std::sqrt(static_cast<double>(hidden));
  result.iterations = iterations;
  result.blocks = blocks;
  result.step = 25.0 * f;
  result.step_output = 0.2 * f;
  result.proximal_output =
      std::max(0.1, static_cast<double>(problem.hidden.back()) / (12.0 * columns));
  result.gram_every =
      std::min<Index>(blocks, std::max<Index>(1, std::llround(1.5 * std::round(3320.0 / columns))));
  if (problem.loss != Loss::softmax) result.smoothing = 0.0;
  if (hidden >= 5) {
    result.damping = 0.03;
    result.step_clip = 0.02;
  }
  return result;
}

std::vector<Index> block_bounds(Index samples, Index blocks) {
  std::vector<Index> bounds;
  for (Index b = 0; b <= blocks; ++b) bounds.push_back(b * samples / blocks);
  return bounds;
}

ResyncBlocks::ResyncBlocks(const Problem& the_problem, const BlockParameters& the_parameters)
    : problem(the_problem),
      parameters(the_parameters),
      T(problem.targets()),
      bounds(block_bounds(problem.samples(), parameters.blocks)),
      W(problem.layers() + 1),
      V(problem.layers() + 1),
      G(problem.layers() + 1),
      mbar(static_cast<std::size_t>(problem.layers() + 1)) {
  const int L = problem.layers();
  for (int l = 1; l <= L; ++l) {
    W[l] = initial_weights(problem, l);
    V[l] = Matrix(W[l].rows, W[l].cols);
  }
  fit_output_layer();
  W_copy = W;
  const Matrix x = with_bias_row(problem, problem.X);
  G[1] = x * transposed(x);
  const double p = L == 1 ? parameters.proximal_output : parameters.proximal;
  const double ridge = L == 1 ? parameters.ridge_output : parameters.ridge;
  input_factor_ = Cholesky(regularised(problem, G[1], ridge, p));
}

/// W_L = c S (G + 1e-2 mbar I' + 1e-7 mbar I)^{-1} over the first m blocks, m smallest with at
/// least min(5000, N) columns; S = sum T' h~^T, G = sum h~ h~^T. softmax: T' = T - 1/n_L, c = 4.
void ResyncBlocks::fit_output_layer() {
  const int L = problem.layers();
  const Index wanted = std::min<Index>(5000, problem.samples());
  const Index end = *std::lower_bound(bounds.begin(), bounds.end(), wanted);
  Matrix targets = smoothed(columns(T, 0, end));
  double c = 1.0;
  if (problem.loss == Loss::softmax) {
    for (double& value : targets.values) value -= 1.0 / static_cast<double>(problem.outputs);
    c = 4.0;
  }
  const Matrix h = forward(problem, W, columns(problem.X, 0, end)).inputs[L];
  const Cholesky H(regularised(problem, h * transposed(h), 1e-2, 1e-7));
  W[L] = c * H.right_solve(targets * transposed(h));
}

void ResyncBlocks::pass() {
  passes += 1;
  const double n = static_cast<double>(bounds.size() - 1);
  for (std::size_t b = 0; b + 1 < bounds.size(); ++b) {
    const double done = static_cast<double>(b) / n;
    take_block(bounds[b], bounds[b + 1],
               step_schedule(parameters.cosine, passes, done, parameters.iterations));
    t += 1;
  }
}

/// Updates fbar and the copy of W, or falls back to the copy. Returns whether the block may be
/// used: f_B is finite and at most 1.5 fbar + .1 f_0, or at most 1.5 times the largest loss of
/// late, which falls to .75 of itself in a pass.
bool ResyncBlocks::safeguard(double f_B) {
  block_losses.push_back(f_B);
  if (!mean_block_loss) mean_block_loss = first_block_loss = f_B;
  double& fbar = *mean_block_loss;
  if (std::isfinite(f_B)) fbar = 0.8 * fbar + 0.2 * std::min(f_B, 2.0 * fbar);
  const double late = largest_loss * std::pow(0.75, 1.0 / static_cast<double>(bounds.size() - 1));
  if (std::isfinite(f_B))
    largest_loss = late == 0.0 ? f_B : std::max(late, std::min(f_B, 2.0 * late));
  const bool above_mean = f_B > 1.5 * fbar + 0.1 * first_block_loss;
  if (!std::isfinite(f_B) || (above_mean && f_B > 1.5 * late)) {
    if (std::isfinite(f_B)) fbar = 0.5 * fbar + 0.5 * std::min(f_B, 3.0 * fbar);
    W = W_copy;
    for (Matrix& velocity : V) velocity = Matrix(velocity.rows, velocity.cols);
    eta_factor /= 2.0;
    rejections += 1;
    return false;
  }
  if (t % 2 == 0 && f_B <= 1.1 * fbar) W_copy = W;
  eta_factor = std::min(1.0, 1.02 * eta_factor);
  return true;
}

/// (1 - s) T + s/n_L
Matrix ResyncBlocks::smoothed(const Matrix& targets) const {
  Matrix result = targets;
  if (parameters.smoothing == 0.0) return result;
  for (double& value : result.values)
    value = (1.0 - parameters.smoothing) * value +
            parameters.smoothing / static_cast<double>(problem.outputs);
  return result;
}

/// e <- .9 e + .1 e_B; e' = e (1 - 1/n); one hidden layer: sqrt(.02/e') within [.4, 1], more:
/// .03/e' within [.1, 1].
double ResyncBlocks::error_factor(const Matrix& output, Index begin) {
  double wrong = 0.0;
  for (Index j = 0; j < output.cols; ++j) {
    int said = 0;
    if (problem.outputs == 1)
      said = output(0, j) >= 0.5;
    else
      for (int i = 1; i < problem.outputs; ++i)
        if (output(i, j) > output(said, j)) said = i;
    if (said != problem.labels[static_cast<std::size_t>(begin + j)]) wrong += 1.0;
  }
  const double e_B = wrong / static_cast<double>(output.cols);
  error = error ? 0.9 * *error + 0.1 * e_B : e_B;
  if (!parameters.error_rule) return 1.0;
  const double e = *error * (1.0 - 1.0 / static_cast<double>(bounds.size() - 1));
  if (problem.hidden.size() == 1) return std::min(1.0, std::max(0.4, std::sqrt(0.02 / e)));
  return std::min(1.0, std::max(0.1, 0.03 / e));
}

void ResyncBlocks::take_block(Index begin, Index end, double s) {
  const int L = problem.layers();
  const Matrix targets = columns(T, begin, end);
  const Forward pass = forward(problem, W, columns(problem.X, begin, end));
  const Matrix& m = pass.z[L];
  if (!safeguard(mean_loss(problem, m, targets))) return;

  s *= error_factor(m, begin);
  const Matrix D_L = prox_loss(problem.loss, parameters.beta, m, smoothed(targets)) - m;
  const Layers D = residual_targets(problem, W, pass, D_L, parameters.damping,
                                    parameters.penalty_ratio, parameters.along_ray);
  const double scale = static_cast<double>(problem.samples()) / static_cast<double>(end - begin);
  const Index block = t % static_cast<Index>(bounds.size() - 1);
  Layers block_gram(L + 1);
  for (int l = 2; l <= L; ++l) {
    block_gram[l] = scale * (pass.inputs[l] * transposed(pass.inputs[l]));
    renew_gram(l, block_gram[l], block);
  }
  for (int l = 1; l <= L; ++l) {
    const bool of_block = l > 1 && form_of(l) != BlockParameters::Form::mean;
    step_layer(l, scale * (D[l] * transposed(pass.inputs[l])), of_block ? block_gram[l] : G[l], s);
  }
}

BlockParameters::Form ResyncBlocks::form_of(int l) const {
  if (parameters.forms.empty() || l == 1) return BlockParameters::Form::mean;
  return parameters.forms[static_cast<std::size_t>(l - 2)];
}

void ResyncBlocks::renew_gram(int l, const Matrix& block_gram, Index block) {
  const double memory = parameters.gram_memory;
  double& mean = mbar[static_cast<std::size_t>(l)];
  const double own = mean_diagonal(block_gram);
  mean = mean > 0.0 ? memory * mean + (1.0 - memory) * own : own;
  switch (form_of(l)) {
    case BlockParameters::Form::own:
      G[l] = block_gram;
      return;
    case BlockParameters::Form::mean:
      if (block % parameters.gram_every != 0 && !G[l].empty()) return;
      break;
    case BlockParameters::Form::running:
      if (block % parameters.basis_every != 0 && !G[l].empty()) return;
      break;
  }
  G[l] = G[l].empty() ? block_gram : memory * G[l] + (1.0 - memory) * block_gram;
}

/// Delta_l = (R - rho m W I') (G + rho m I' + p m I)^{-1}, m = mbar(G) in the form mean, else the
/// running mbar; in the form running with rho m I in the place of rho m I'.
Matrix ResyncBlocks::step_of(int l, const Matrix& R) const {
  const bool output = l == problem.layers();
  const double ridge = output ? parameters.ridge_output : parameters.ridge;
  const double p = output ? parameters.proximal_output : parameters.proximal;
  if (l == 1) return weight_step(problem, R, W[l], G[l], input_factor_, ridge);
  if (form_of(l) == BlockParameters::Form::mean)
    return weight_step(problem, R, W[l], G[l], Cholesky(regularised(problem, G[l], ridge, p)),
                       ridge);
  const double m = mbar[static_cast<std::size_t>(l)];
  Matrix H = plus_diagonal(G[l], (ridge + p) * m);
  if (form_of(l) == BlockParameters::Form::own && problem.bias)
    H(H.rows - 1, H.rows - 1) -= ridge * m;
  return Cholesky(H).right_solve(R - ridge * m * without_bias_entries(problem, W[l]));
}

/// V_l = mu V_l + s eta_l eta_factor Delta_l, W_l += V_l, Delta_l cut to the trust region tau.
void ResyncBlocks::step_layer(int l, const Matrix& R, const Matrix& clip_gram, double s) {
  const bool output = l == problem.layers();
  const double eta = output ? parameters.step_output : parameters.step;
  Matrix Delta = step_of(l, R);
  if (parameters.step_clip > 0.0) {
    const double r = std::sqrt(trace(Delta * clip_gram * transposed(Delta)) /
                               trace(W[l] * clip_gram * transposed(W[l])));
    if (r > parameters.step_clip) Delta = (parameters.step_clip / r) * Delta;
  }
  V[l] = parameters.momentum * V[l] + (s * eta * eta_factor) * Delta;
  W[l] = W[l] + V[l];
}

}  // namespace admmnet::reference
