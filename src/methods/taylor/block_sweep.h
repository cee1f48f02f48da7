/// The re-synchronised sweep on blocks of columns, the default.
///
/// Taylor's subproblems in residual form around the true forward pass, one block of columns at a
/// time, with the input's Gram matrix fixed and the hidden ones a running mean (README.md §6). For
/// a pass k = 1..P and each block B of N_b columns:
///   1. forward pass; f_B = mean loss. The safeguard (safeguard.h) judges it: when it rejects the
///      block, the weights go back to the last good copy, V = 0, steps become shorter, next block.
///   2. D_L = prox_{loss/beta_L}(z_L) - z_L
///   3. D_{L-1} ... D_1 (targets.h)
///   4. R_l = N/N_b sum_B D_l a~_{l-1}^T;  every gram_every-th block, l >= 2:
///      G_l = memory G_l + (1 - memory) N/N_b sum_B a~_{l-1} a~_{l-1}^T
///   5. the weight step of every layer (weight_system.h), its length scaled by s_k: 1 in the first
///      half of the passes, then falling linearly.
/// Every step is an exact subproblem solve, but no monotone objective exists.
#pragma once

#include <string>

#include "methods/method.h"
#include "methods/taylor/resync_work.h"
#include "methods/taylor/safeguard.h"

namespace admmnet {

class BlockSweep : public TrainingMethod {
 public:
  /// `train`: one panel a block. References must outlive the sweep. Collective.
  BlockSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
             const SampleSet& train, const ResyncParameters& parameters, Timers& timers);

  void start(const Network& initial, bool trained) override;
  void resume() override;
  /// A step is a block. The report's train metrics are those of the blocks' forward passes, each
  /// with the weights of its moment; the objective is their mean loss.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

  Index rejections() const { return safeguard_.rejections(); }

 private:
  /// Mean loss of a block; what is finite counts for the pass.
  double add_block_metrics(const SamplePanel& panel);
  /// Whether the block may change the weights; if not, they are the last good ones afterwards.
  bool accept(double block_loss, StepReport& report);
  std::string short_steps_warning() const;
  void update_from_block(const SamplePanel& panel, double schedule, Notes& notes);
  void accumulate(const SamplePanel& panel);
  WeightSystem::Step weight_step(int l, double schedule) const;
  void fit_output_layer(Notes& notes);
  WeightSystem& system(int l) { return systems_[static_cast<std::size_t>(l - 1)]; }

  const SampleSet& train_;
  ResyncParameters parameters_;
  Network network_, safe_copy_;
  std::vector<WeightSystem> systems_;
  ResyncWork work_;
  Safeguard safeguard_;
  Index blocks_done_ = 0, gram_updates_ = 0;
  MetricSums pass_metrics_;  // of the pass so far, over all ranks
  Squares pass_squares_;
};

/// s_k for pass k of P: 1 up to P/2, then max(.05, 1 - (k - P/2) / (P/2 + .5)).
double step_schedule(Index pass, Index passes);

}  // namespace admmnet
