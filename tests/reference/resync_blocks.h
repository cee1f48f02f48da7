/// The re-synchronised sweep on blocks of columns, serially (src/methods/taylor/README.md §6).
#pragma once

#include <optional>
#include <vector>

#include "reference/resync.h"

namespace admmnet::reference {

struct BlockParameters {
  Index iterations = 10;         ///< P, passes; fixes the schedule of the step length
  Index blocks = 8;              ///< n >= 2
  double beta = 0.3;             ///< beta_L
  double damping = 0.1;          ///< kappa
  double penalty_ratio = 0.1;    ///< b
  double ridge = 3e-4;           ///< rho, hidden layers
  double ridge_output = 3e-4;    ///< rho, output layer
  double proximal = 10.0;        ///< p, hidden layers
  double proximal_output = 0.1;  ///< p_L
  double step = 25.0;            ///< eta, hidden layers
  double step_output = 0.2;      ///< eta_L
  double momentum = 0.9;         ///< mu
  double gram_memory = 0.9;
  Index gram_every = 2;    ///< from the first block of a pass on
  Index basis_every = 2;   ///< the same in the form `running`
  bool along_ray = false;  ///< targets
  /// Weight steps of the layers 2..L: `mean`, with the running Gram matrix; `own`, with that of the
  /// block (what dual solves); `running`, as mean with one shift for all inputs (what low_rank is
  /// where its rank is all of n). In the last two mbar is a running mean over all blocks.
  enum class Form { mean, own, running };
  std::vector<Form> forms;  ///< of layers 2..L; empty: mean
  double step_clip = 0.0;   ///< tau, 0: off
  double smoothing = 0.1;   ///< of the labels, softmax
  bool cosine = true;       ///< else 1 in the first half, then linear
  bool error_rule = true;   ///< g

  /// The defaults of this problem for P passes and n blocks: with N_b = N/n columns of a block and
  /// h hidden layers, f = min(1, sqrt(N_b/2500)), eta = 25 f/sqrt(h), eta_L = .2 f/sqrt(h),
  /// p_L = max(.1, n_{L-1}/(12 N_b)), Gram matrices every round(1.5 round(3320/N_b)) blocks; from
  /// five hidden layers on kappa = 0.03 and tau = 0.02.
  static BlockParameters defaults(const Problem& problem, Index iterations, Index blocks);
};

/// Block b of n holds the columns bounds[b]..bounds[b+1]-1, bounds[b] = floor(b N / n).
std::vector<Index> block_bounds(Index samples, Index blocks);

/// All state is public on purpose: tests compare it entry by entry.
struct ResyncBlocks {
  ResyncBlocks(const Problem& the_problem, const BlockParameters& the_parameters);
  void pass();  ///< one pass over all blocks

  Problem problem;
  BlockParameters parameters;
  Matrix T;                   ///< targets, n_L x N
  std::vector<Index> bounds;  ///< n + 1 column numbers

  Index passes = 0;                       ///< passes done
  Index t = 0;                            ///< blocks seen, rejected ones included
  Index rejections = 0;                   ///< blocks rejected by the safeguard
  double eta_factor = 1.0;                ///< halved at each rejection
  std::optional<double> error;            ///< e, the running error
  std::optional<double> mean_block_loss;  ///< fbar
  double first_block_loss = 0.0;          ///< f_0
  double largest_loss = 0.0;              ///< h
  std::vector<double> block_losses;       ///< f_B of every block seen
  Layers W, V;                            ///< weights and velocities
  Layers W_copy;                          ///< what a rejection falls back to
  Layers G;                               ///< Gram matrices; G_1 constant, l >= 2 a running mean
  std::vector<double> mbar;               ///< of the layers in the forms own and running; 0: none

 private:
  void fit_output_layer();
  bool safeguard(double f_B);
  Matrix smoothed(const Matrix& targets) const;
  double error_factor(const Matrix& output, Index begin);
  void take_block(Index begin, Index end, double s);
  BlockParameters::Form form_of(int l) const;
  void renew_gram(int l, const Matrix& block_gram, Index block);
  Matrix step_of(int l, const Matrix& R) const;
  void step_layer(int l, const Matrix& R, const Matrix& clip_gram, double s);

  Cholesky input_factor_;  // of G_1 with its ridge and proximal terms
};

}  // namespace admmnet::reference
