/// mDLAM (README.md): all of W_l, b_l, z_l, a_l are state, there are no multipliers.
///
/// Minimises
///   F = sum l(z_L, y) + sum_l rho/2 |z_l - W_l a_{l-1} - b_l|^2 + sum_l mu/2 |W_l|^2
///   subject to h(z_l) - eps <= a_l <= h(z_l) + eps, l < L
/// over one block at a time, for l = 1 ... L in order:
///   W_l by a gradient step (weight_step.h), b_l := mean_j (z_l - W_l a_{l-1})_j,
///   z_l := clip(W_l a_{l-1} + b_l) to the box of a_l, z_L by the minimiser of the loss,
///   a_l by a projected gradient step (activation_step.h).
/// eps shrinks from pass to pass. At the same eps no step raises F. Wang et al., Neurocomputing
/// 2022.
#pragma once

#include <optional>

#include "methods/mdlam/activation_step.h"
#include "methods/mdlam/weight_step.h"
#include "methods/method.h"
#include "network/forward.h"

namespace admmnet {

class MdlamSweep : public TrainingMethod {
 public:
  /// All samples lie in one panel. References must outlive the sweep. Memory, over all ranks: of
  /// state 3 sum_l n_l N doubles (2 without momentum), and 8 n N for each width n of a layer to
  /// work in. Collective.
  MdlamSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
             const SampleSet& train, const MdlamOptions& options, Timers& timers);

  /// z_l, a_l by a forward pass of `initial`. z_L: of trained weights the outputs; else the coded
  /// targets, as -+1 where the loss wants logits.
  void start(const Network& initial, bool trained) override;
  void resume() override {}
  /// A step is a layer; a pass cannot be resumed in its middle. The objective is F of a sample.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

  /// For tests: the variables of layer l, and the half width of the box that they are in.
  const BlockCyclicMatrix& z(int l) const { return z_[at(l)]; }
  const BlockCyclicMatrix& a(int l) const { return a_[at(l)]; }
  double epsilon() const { return used_epsilon_; }

 private:
  static std::size_t at(int l) { return static_cast<std::size_t>(l - 1); }
  SampleOperand input(int l) const {
    if (l == 1) return panel().a();
    return a_[at(l - 1)];
  }
  const SamplePanel& panel() const { return train_.panels.front(); }
  Box box() const { return {network_.topology().activation, used_epsilon_}; }
  void update_layer(int l);
  void update_bias(int l);
  void update_hidden_z(int l);
  void update_output_z();
  void count_step(bool accepted);
  IterationReport end_of_pass(Index k, StepReport& step);

  const SampleSet& train_;
  MdlamOptions options_;
  Network network_;                  // W_k
  std::optional<Network> previous_;  // W_{k-1}, with momentum
  std::vector<BlockCyclicMatrix> z_, a_, previous_a_;
  double epsilon_, s_ = 0.0;  // of the next pass
  double used_epsilon_, omega_ = 0.0;
  Workspace work_;
  WeightStep weight_step_;
  ActivationStep activation_step_;
  OutputColumns output_;
  struct Sums {  // of this rank, of the pass so far
    double loss = 0.0, residual = 0.0, size = 0.0, weights = 0.0;
  } sums_;
  Index extrapolated_ = 0, accepted_ = 0;
  int layers_done_ = 0;  // of the pass
  Timers& timers_;
  int weight_phase_, hidden_phase_, activation_phase_, output_phase_, forward_phase_;
};

}  // namespace admmnet
