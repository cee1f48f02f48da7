/// The re-synchronised sweep in full batch, with a bold driver on the step: README.md §7.
///
/// One or two reductions a pass: for few messages rather than fast learning. Iteration k:
///   a. from the second on: the weight step of the hidden layers with the R and G of the last
///      accepted pass, ridge rho_l decay^(k-1), momentum, length eta
///   b. forward pass; W_L refitted by ridge least squares to the z_L of the last accepted pass;
///      the hidden z_l are kept for c, or formed again there where memory is short
///   c. f = mean loss; z_L' = prox_{loss/beta_L}(W_L a~); D_l (targets.h);
///      R_l' = sum D_l a~_{l-1}^T, G_l' = sum a~_{l-1} a~_{l-1}^T
///   d. f not finite, or f > 1.001 f_accepted while eta > eta_0/4:
///        all weights as before a, V = 0, eta := .4 eta
///      else:
///        z_L, R, G := the new ones, f_accepted := f, eta := min(1.2 eta, 2000)
#pragma once

#include <optional>

#include "linalg/outer_sum.h"
#include "methods/method.h"
#include "methods/taylor/resync_work.h"
#include "methods/taylor/weight_fit.h"

namespace admmnet {

class FullBatchSweep : public TrainingMethod {
 public:
  /// References must outlive the sweep. Collective.
  FullBatchSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                 const SampleSet& train, const ResyncParameters& parameters, Timers& timers);

  void start(const Network& initial, bool trained) override;
  void resume() override;
  /// A step is a panel, seen twice in a pass; a pass cannot be resumed in its middle.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

  double step() const { return step_; }
  Index rejections() const { return rejections_; }

 private:
  /// R_l and G_l of the hidden layers and z_L, for one set of weights.
  struct Accumulated {
    std::vector<BlockCyclicMatrix> R, G;
    std::vector<BlockCyclicMatrix> z_output;  // a panel each
  };
  Accumulated make_accumulated() const;
  std::size_t place(std::size_t panel) const { return parameters_.keep_forward ? panel : 0; }
  void hidden_weight_step(Index k, Notes& notes);
  /// Step b of the algorithm: begin, panel by panel, end.
  void begin_refit();
  void refit_panel(std::size_t p);
  /// False, and W_L as it was, when the step was so long that the activations are not finite.
  bool end_refit(Notes& notes);
  /// Step c.
  void begin_targets(Notes& notes);
  /// One panel forward and back, and its z_L' kept. Collective.
  void run_panel(std::size_t p);
  void add_targets(std::size_t p);
  void end_targets();
  /// Step d. `finite`: what the refit has found.
  IterationReport judge(bool finite, Notes& notes);
  void reject(double loss, Notes& notes);
  void set_targets_as_output();

  const SampleSet& train_;
  ResyncParameters parameters_;
  Network network_, accepted_;
  std::vector<WeightSystem> systems_;  // hidden layers
  Accumulated current_, trial_;
  std::vector<OuterSum> gram_sums_, outer_sums_;  // hidden layers
  ResyncWork work_;
  double step_, accepted_loss_;
  Index passes_ = 0, rejections_ = 0;
  std::size_t steps_done_ = 0;  // of the pass
  std::optional<WeightFit> refit_;
  MetricSums metrics_;  // of this rank, of the pass so far
};

}  // namespace admmnet
