/// The numbers that a sweep runs with. resolve() puts the defaults for the sweep and depth in the
/// places of what the options leave open; everything after it only reads.
///
/// One set of defaults for all data and widths (README.md §10); nothing is tuned per data set.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "linalg/correction.h"
#include "linalg/solver_choice.h"
#include "methods/cost.h"
#include "methods/taylor/options.h"
#include "network/network.h"

namespace admmnet {

/// Symbols: rho ridge, p proximal weight (both relative to the mean Gram diagonal), eta step, mu
/// momentum, kappa damping of the output-side solve relative to tr(W W^T)/n, b = beta_l/gamma_l,
/// tau step clip.
struct ResyncParameters {
  Sweep sweep;       ///< blocks or full
  Index iterations;  ///< length of the step schedule
  double beta_output;
  double ridge, ridge_hidden, ridge_output;  ///< layer 1, layers 2..L-1, layer L
  double ridge_decay;                        ///< full: factor per pass
  double proximal, proximal_output;
  double step, step_output;
  double momentum;
  double damping;
  double penalty_ratio;
  double gram_memory;
  Index gram_every, basis_every;  ///< blocks between refreshes
  Schedule schedule;
  ErrorRule error_rule;
  double step_clip;   ///< 0: off
  bool keep_forward;  ///< full: the hidden z between the two looks at a panel
  ActivationSolver activation_solver;
  std::vector<bool> along_ray;        ///< targets from layer l down, l = 2 ... L (block_forms.h)
  std::vector<SolverChoice> solvers;  ///< of the weight steps: layers 1..L, full 1..L-1
  SolverChoice fit;                   ///< of the output layer's fit: the first one, full all
  Index fit_samples;                  ///< columns of that fit
};

/// Jitter of the output layer's fit, relative to the mean Gram diagonal.
constexpr double kFitJitter = 1e-7;

struct PrintedParameters {
  std::vector<double> beta;   ///< beta_1 ... beta_L
  std::vector<double> gamma;  ///< gamma_1 ... gamma_{L-1}
  double ridge;
  Index warmup;
  Multiplier multiplier;
  InitScheme scheme;
  Index seed;
  ActivationSolver activation_solver;
  std::vector<SolverChoice> solvers;  ///< of layers 1..L
};

/// First columns of the panels in which the sweep works through `samples` columns, and their end:
/// the blocks; or, where a pass uses all samples at once, panels of at most 2500 columns for each
/// of the `grid_cols` process columns, so that no rank's share becomes too narrow to be fast. Of
/// resolved options.
std::vector<Index> panel_bounds(const Options& options, Index samples, int grid_cols);

/// The side that an activation solver factors.
inline CorrectionSide correction_side(ActivationSolver solver) {
  return solver == ActivationSolver::cholesky ? CorrectionSide::units : CorrectionSide::smaller;
}

/// Fills in what the options leave open, by the problem's size alone (MethodKind::resolve). Throws
/// BadInput for what does not go together.
void resolve(const ProblemSize& problem, Options& options);

/// Of resolved options.
ResyncParameters resync_parameters(const Options& options, const ProblemSize& problem);
PrintedParameters printed_parameters(const Options& options, const ProblemSize& problem);

/// For the log: name and value of everything chosen.
std::vector<std::pair<std::string, std::string>> describe(const ResyncParameters& parameters);
std::vector<std::pair<std::string, std::string>> describe(const PrintedParameters& parameters);

}  // namespace admmnet
