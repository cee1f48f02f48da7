/// The re-synchronised sweep on blocks of columns, the default.
///
/// Taylor's subproblems in residual form around the true forward pass, one block of columns at a
/// time, with the input's Gram matrix fixed and the hidden ones a running mean (README.md §6). For
/// a pass k = 1..P and each block B of N_b columns:
///   1. forward pass; f_B = mean loss. The safeguard (safeguard.h) judges it: when it rejects the
///      block, the weights go back to the last good copy, V = 0, steps become shorter, next block.
///   2. D_L = prox_{loss/beta_L}(z_L) - z_L
///   3. D_{L-1} ... D_1 (targets.h)
///   4. the weight step of every layer in the form of its solver (block_weights.h), its length
///      scaled by s (step_schedule) and by g (error_factor), with e <- .9 e + .1 e_B, e_B the share
///      of the block that is misclassified, and e (1 - 1/n) of n blocks for the error.
/// Every step is an exact subproblem solve, but for those along a ray (targets.h) and with a
/// Gram matrix of low rank; no monotone objective exists.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "linalg/outer_sum.h"
#include "methods/method.h"
#include "methods/taylor/block_weights.h"
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
  /// After a forward pass: loss and error of the block, of which what is finite counts for the
  /// pass; and the other numbers of it and of the weights that all ranks need. One sum.
  Metrics sum_up_forward(const SamplePanel& panel);
  /// s g: by the part of the run that is done, and by the error of the blocks.
  double length_factor(Index k, Index block, double error);
  /// Whether the block may change the weights; if not, they are the last good ones afterwards.
  bool accept(double block_loss, StepReport& report);
  std::string short_steps_warning() const;
  /// Whether the weights are finite, as far as this rank has them.
  bool update_from_block(const SamplePanel& panel, double schedule, Notes& notes);
  Index block_of_pass() const { return blocks_done_ % static_cast<Index>(train_.panels.size()); }
  void form_input_gram();
  BlockWeights::Weighting weighting(int l) const;
  BlockWeights::Block block_of(const SamplePanel& panel, int l, double schedule);
  /// The squares of the block to those of the pass, and whether the weights are finite on all
  /// ranks: one sum.
  bool sum_up_block(bool finite);
  StepLength length(int l, double schedule) const;
  void fit_output_layer(Notes& notes);
  BlockWeights& weights(int l) { return *weights_[static_cast<std::size_t>(l - 1)]; }

  const SampleSet& train_;
  ResyncParameters parameters_;
  Network network_, safe_copy_;
  std::vector<std::unique_ptr<BlockWeights>> weights_;
  ResyncWork work_;
  std::vector<double> input_squares_;         // |a~_{l-1}|^2 of the block, by layer
  std::map<Index, BlockCyclicMatrix> rooms_;  // width x samples of a block, by width
  Safeguard safeguard_;
  Index blocks_done_ = 0, gram_updates_ = 0;
  double error_;             // running mean over blocks; NaN: none yet
  MetricSums pass_metrics_;  // of the pass so far, over all ranks
  Squares pass_squares_;
};

/// s in pass k of P, at the block whose share of the pass is done:
///   cosine   .02 + .98 (1 + cos(pi t/P))/2,  t = k - 1 + done
///   linear   1 up to P/2, then max(.05, 1 - (k - P/2) / (P/2 + .5))
double step_schedule(Schedule schedule, Index pass, double done, Index passes);
/// g for the running error e of the blocks: root min(1, max(.4, sqrt(.02/e))), linear
/// min(1, max(.1, .03/e)), off 1.
double error_factor(ErrorRule rule, double error);

}  // namespace admmnet
