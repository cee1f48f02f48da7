#include "methods/taylor/solver_menu.h"

#include <algorithm>

#include "config/names.h"
#include "runtime/error.h"

namespace admmnet {

/// Columns that the first output layer is fitted to, at least, in whole blocks.
static constexpr Index kFirstFit = 5000;

static bool needs_samples(WeightSolver solver) {
  return solver == WeightSolver::qr || solver == WeightSolver::dual;
}

[[noreturn]] static void refuse(WeightSolver solver, const std::string& why) {
  throw BadInput("-linalg_weight_solver " + name_of(solver) + ": " + why);
}

/// A fit from samples; dual only where it is the smaller side.
static SolverChoice choose_fit(WeightSolver asked, const WeightProblem& problem) {
  if (asked == WeightSolver::dual && problem.samples >= problem.inputs)
    return choose_solver(WeightSolver::automatic, problem);
  return choose_solver(asked, problem);
}

void choose_solvers(const Options& options, const Topology& topology, Index samples,
                    ResyncParameters& p) {
  const WeightSolver asked = options.linalg.weight_solver;
  const int L = topology.layers();
  const bool full_batch = p.blocks == 1;
  if (!full_batch && needs_samples(asked))
    refuse(asked,
           "with several blocks a weight step of -admm_sweep resync has no samples, only a running "
           "mean of Gram matrices: take auto, cholesky, cg or svd, or -admm_sweep printed");
  for (int l = 1; l <= (full_batch ? L - 1 : L); ++l) {
    WeightProblem problem;
    problem.inputs = topology.extended(l - 1);
    problem.targets = topology.width(l);
    problem.shift = l < L ? p.proximal : p.proximal_output;
    if (!full_batch) problem.refreshes = l == 1 ? 0.0 : 1.0 / static_cast<double>(p.gram_every);
    p.solvers.push_back(
        choose_solver(needs_samples(asked) ? WeightSolver::automatic : asked, problem));
  }
  const std::vector<Index> bounds = panel_bounds(options.admm, samples, 1);  // blocks, if several
  p.fit_samples =
      full_batch ? samples
                 : *std::lower_bound(bounds.begin(), bounds.end(), std::min(kFirstFit, samples));
  WeightProblem fit;
  fit.inputs = topology.extended(L - 1);
  fit.targets = topology.outputs();
  fit.samples = p.fit_samples;
  fit.shift = kFitJitter;
  p.fit = choose_fit(asked, fit);
  if (asked == WeightSolver::dual && p.fit.solver != asked)
    refuse(asked, "it is for more inputs (" + std::to_string(fit.inputs) +
                      " of the output layer) than samples (" + std::to_string(samples) +
                      "): take auto");
}

std::vector<SolverChoice> printed_solvers(const Options& options, const Topology& topology,
                                          Index samples, double ridge) {
  const WeightSolver asked = options.linalg.weight_solver;
  std::vector<SolverChoice> choices;
  Index widest = 0;
  for (int l = 1; l <= topology.layers(); ++l) {
    WeightProblem problem;
    problem.inputs = topology.extended(l - 1);
    problem.targets = topology.width(l);
    problem.samples = samples;
    problem.refreshes = l == 1 ? 0.0 : 1.0;
    problem.shift = ridge;
    choices.push_back(choose_fit(asked, problem));
    widest = std::max(widest, problem.inputs);
  }
  if (asked == WeightSolver::dual && widest <= samples)
    refuse(asked, "it is for layers with more inputs (at most " + std::to_string(widest) +
                      ") than samples (" + std::to_string(samples) + "): take auto");
  return choices;
}

}  // namespace admmnet
