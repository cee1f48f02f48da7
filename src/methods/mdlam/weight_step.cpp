#include "methods/mdlam/weight_step.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/mdlam/largest_singular_value.h"

namespace admmnet {

WeightStep::WeightStep(const MdlamOptions& options, Network& network, Workspace& work)
    : options_(options), network_(network), work_(work) {
  for (int l = 1; l <= network.layers(); ++l) {
    trial_.push_back(network.make_like_weight(l));
    gradient_.push_back(network.make_like_weight(l));
  }
}

/// R := W~ a~ - z
void WeightStep::set_residual(const BlockCyclicMatrix& W, const SampleOperand& a,
                              const BlockCyclicMatrix& z, BlockCyclicMatrix& R) {
  operand_.assign(W);
  apply(operand_, a, R);
  for_each_entry_in_parts([](double& r, double zi) { r -= zi; }, R, z);
}

double WeightStep::phi(int l, const BlockCyclicMatrix& R, const BlockCyclicMatrix& W) const {
  double squares[2] = {own_squares(R), own_squares(W, inputs(l))};
  network_.grid().sum(squares, 2);
  return 0.5 * (options_.rho * squares[0] + options_.weight_decay * squares[1]);
}

/// theta
double WeightStep::inverse_step(int l, const SampleOperand& a, const BlockCyclicMatrix& G,
                                const BlockCyclicMatrix& product) {
  if (options_.steps == MdlamSteps::exact_line) {
    double squares[2] = {own_squares(G), own_squares(product)};
    network_.grid().sum(squares, 2);
    // (rho |G a|^2 + mu |G|^2) / |G|^2
    return squares[0] > 0.0 ? options_.rho * squares[1] / squares[0] + options_.weight_decay : 0.0;
  }
  const auto constant = [&] {
    return largest_singular_value_squared(a, inputs(l), network_.unit_block());
  };
  if (l == 1 && !of_inputs_) of_inputs_ = constant();
  // rho sigma_max(a)^2 + mu
  return options_.rho * (l == 1 ? *of_inputs_ : constant()) + options_.weight_decay;
}

/// From W~ with its R = W~ a~ - z: W := W - G/theta, R := R - G a/theta.
void WeightStep::descend(int l, const SampleOperand& a, BlockCyclicMatrix& W,
                         BlockCyclicMatrix& R) {
  const double mu = options_.weight_decay;
  BlockCyclicMatrix& G = gradient_[static_cast<std::size_t>(l - 1)];
  BlockCyclicMatrix& product = work_(R.rows(), Workspace::product);
  // G = rho R a^T + mu W, and 0 for the bias
  accumulate_outer(options_.rho, R, a, 0.0, G);
  const Index weights = G.local_cols_below(inputs(l));
  for (Index j = 0; j < G.local_cols(); ++j)
    for (Index i = 0; i < G.local_rows(); ++i)
      G.at(i, j) = j < weights ? G.at(i, j) + mu * W.at(i, j) : 0.0;
  operand_.assign(G);
  apply(operand_, a, product);
  const double theta = inverse_step(l, a, G, product);
  if (!(theta > 0.0)) return;  // G = 0: W is the minimiser; or NaN, which R has, too
  for_each_entry([theta](double& w, double g) { w -= g / theta; }, W, G);
  for_each_entry_in_parts([theta](double& r, double p) { r -= p / theta; }, R, product);
}

bool WeightStep::run(int l, const SampleOperand& a, const BlockCyclicMatrix& z, double omega,
                     BlockCyclicMatrix* previous) {
  BlockCyclicMatrix& W = network_.W(l);
  BlockCyclicMatrix& trial = trial_[static_cast<std::size_t>(l - 1)];
  BlockCyclicMatrix& R = work_(W.rows(), Workspace::residual);
  set_residual(W, a, z, R);
  trial.copy_from(W);
  bool accepted = true;
  if (omega > 0.0) {
    BlockCyclicMatrix& start = work_(W.rows(), Workspace::start);
    start.copy_from(R);
    const double before = phi(l, R, W);
    // W^ = W_k + omega (W_k - W_{k-1}), b as it is
    const Index weights = W.local_cols_below(inputs(l));
    for (Index j = 0; j < weights; ++j)
      for (Index i = 0; i < W.local_rows(); ++i)
        trial.at(i, j) += omega * (W.at(i, j) - previous->at(i, j));
    set_residual(trial, a, z, R);
    descend(l, a, trial, R);
    accepted = phi(l, R, trial) <= before;
    if (!accepted) {
      trial.copy_from(W);
      R.copy_from(start);
    }
  }
  if (omega == 0.0 || !accepted) descend(l, a, trial, R);
  if (previous != nullptr) previous->copy_from(W);
  W.copy_from(trial);
  return accepted;
}

}  // namespace admmnet
