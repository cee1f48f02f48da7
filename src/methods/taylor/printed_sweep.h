/// Taylor's algorithm as published: all of W_l, b_l, z_l, a_l and lambda are state (README.md §4).
///
/// Minimises, with the 1/2 convention,
///   l(z_L, y) + <lambda, .> + sum_l beta_l/2 |z_l - W~_l a~_{l-1}|^2
///                           + sum_{l<L} gamma_l/2 |a_l - h(z_l)|^2
/// where lambda multiplies z_L (`output`, as published), the residual z_L - W~_L a~_{L-1}
/// (`residual`), or is absent (`none`). Taylor et al., ICML 2016; the sweep over l has no
/// sequential dependence, so one iteration is
///   1. a_l = h_l + X_{l+1}^T (t_{l+1} - W~_{l+1} [h_l; 1]), all l < L with the old z, W
///      (correction.h, eps = gamma_l/beta_{l+1})
///   2. W~_l = (sum t_l a~_{l-1}^T) (sum a~_{l-1} a~_{l-1}^T + ridge mbar I)^-1
///   3. z_l hidden; z_L = prox_{loss/beta_L}(W~_L a~_{L-1} - lambda/beta_L);
///      after the warm-up lambda += beta_L (z_L - W~_L a~_{L-1})
/// with t_l = z_l, except t_L = z_L + lambda/beta_L for `residual`. After each such step -lambda
/// lies in the subdifferential of l at z_L.
#pragma once

#include "linalg/correction.h"
#include "linalg/outer_sum.h"
#include "methods/method.h"
#include "methods/taylor/parameters.h"
#include "methods/taylor/weight_system.h"
#include "network/forward.h"
#include "runtime/timers.h"

namespace admmnet {

class PrintedSweep : public TrainingMethod {
 public:
  /// References must outlive the sweep. Memory: sum_l (2 n_l) N doubles in all. Collective.
  PrintedSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
               const SampleSet& train, const PrintedParameters& parameters, Timers& timers);

  /// normal, uniform: W = 0 and all z, a drawn independently; else z, a by a forward pass of
  /// `initial`, z_L = coded targets. `trained` weights always start by the forward pass.
  void start(const Network& initial, bool trained) override;
  void resume() override;
  /// A step is a panel, seen twice in a pass; a pass cannot be resumed in its middle. The objective
  /// is per sample, after the iteration.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;
  /// W~, z and lambda: a pass forms all a anew from them before it reads any.
  StateView map_state() override;

  /// z_L and lambda of a panel, for tests of -lambda in dl(z_L).
  const BlockCyclicMatrix& z_output(std::size_t panel) const { return panels_[panel].z.back(); }
  const BlockCyclicMatrix& multiplier(std::size_t panel) const { return panels_[panel].lambda; }

 private:
  struct Variables {
    std::vector<BlockCyclicMatrix> z;  // 1..L
    std::vector<BlockCyclicMatrix> a;  // 1..L-1, extended
    BlockCyclicMatrix lambda;
  };
  struct Sums {
    double objective = 0.0, change = 0.0, size = 0.0;
    double dual_change = 0.0, multiplier = 0.0;  // sums of squares: change of z_L, lambda
  };
  Variables make_variables(Index columns) const;
  SampleOperand a(std::size_t panel, int l) const;
  void draw(InitScheme scheme, Index seed);
  void set_by_forward_pass();
  /// X_{l+1} of the weights as they are.
  void form_corrections(Notes& notes);
  void update_activations(std::size_t panel);
  void update_weights(Notes& notes);
  void update_first_weights(Notes& notes);
  void update_z(std::size_t panel, bool move_multiplier);
  void update_output_z(std::size_t panel, bool move_multiplier);
  IterationReport end_of_pass(Index k);
  void add_multiplier_to(IterationReport& report) const;
  template <class MatrixOf>
  void append_samples(const std::string& path, Index rows, MatrixOf&& matrix_of, StateView& view);
  void load_target(std::size_t panel, int l, BlockCyclicMatrix& target) const;
  double beta(int l) const { return parameters_.beta[static_cast<std::size_t>(l - 1)]; }
  double gamma(int l) const { return parameters_.gamma[static_cast<std::size_t>(l - 1)]; }

  const SampleSet& train_;
  PrintedParameters parameters_;
  Network network_;
  std::vector<Variables> panels_;
  std::vector<Correction> corrections_;      // X_2 ... X_L
  std::vector<LayerOperand> weights_;        // W, ready for many panels
  std::vector<BlockCyclicMatrix> residual_;  // workspace, n_l x panel
  std::vector<BlockCyclicMatrix> h_;         // workspace, extended n_l x panel
  OuterSum first_outer_{Triangle::full};
  GramSolver input_solver_;  // of layer 1 by cholesky: its factor is formed once
  OutputColumns output_;
  Sums sums_;                   // of this rank, of the pass so far
  std::size_t steps_done_ = 0;  // of the pass
  Timers& timers_;
  int activation_phase_, weight_phase_, hidden_phase_, output_phase_, forward_phase_;
};

}  // namespace admmnet
