/// The re-synchronised sweep on the full batch with the bold driver, serially
/// (src/methods/taylor/README.md §7).
#pragma once

#include "reference/resync.h"

namespace admmnet::reference {

struct FullBatchParameters {
  double beta = 1.0;           ///< beta_L
  double damping = 0.01;       ///< kappa
  double penalty_ratio = 0.1;  ///< b
  double ridge = 0.3;          ///< rho of rho decay^{k-1}, layer 1
  double ridge_hidden = 0.01;  ///< the same, layers 2..L-1
  double ridge_decay = 0.75;
  double ridge_output = 1e-3;  ///< rho_L
  double proximal = 1.0;       ///< p
  double step = 2.0;           ///< eta_0
  double momentum = 0.5;       ///< mu
};

/// All state is public on purpose: tests compare it entry by entry.
struct FullBatch {
  FullBatch(const Problem& the_problem, const FullBatchParameters& the_parameters);
  void iterate();

  Problem problem;
  FullBatchParameters parameters;
  Matrix T;  ///< targets, n_L x N

  Index iterations = 0;  ///< iterations done
  Index rejections = 0;
  bool rejected = false;  ///< whether the last iteration was rejected
  double eta = 0.0;
  double f = 0.0;  ///< mean loss of the last iteration, before a rejection
  double f_accepted = 0.0;
  Layers W, V;  ///< weights; velocities of l < L
  Matrix z_L;   ///< n_L x N
  Layers R, G;  ///< R_l, G_l of l < L from the last accepted iteration; G_1 constant

 private:
  void step_hidden_layers();
  Forward forward_and_refit();
  bool acceptable() const;
};

}  // namespace admmnet::reference
