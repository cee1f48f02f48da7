#include "methods/taylor/solver_menu.h"

#include <algorithm>

#include "config/names.h"
#include "data/components.h"
#include "methods/taylor/block_forms.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Columns that the first output layer is fitted to, at least, in whole blocks.
constexpr Index kFirstFit = 5000;

bool needs_samples(WeightSolver solver) {
  return solver == WeightSolver::qr || solver == WeightSolver::dual;
}

[[noreturn]] void refuse(WeightSolver solver, const std::string& why) {
  throw BadInput("-linalg_weight_solver " + name_of(solver) + ": " + why);
}

/// What the options ask for layer l.
WeightSolver asked_for(const Options& options, int l) {
  const std::vector<WeightSolver>& given = options.linalg.weight_solver;
  if (given.empty()) return WeightSolver::automatic;
  return given.size() == 1 ? given.front() : given.at(static_cast<std::size_t>(l - 1));
}

/// A fit from samples; dual only where it is the smaller side.
SolverChoice choose_fit(WeightSolver asked, const WeightProblem& problem) {
  if (asked == WeightSolver::dual && problem.samples >= problem.inputs)
    return choose_solver(WeightSolver::automatic, problem);
  return choose_solver(asked, problem);
}

WeightProblem layer_problem(const ProblemSize& size, int l) {
  WeightProblem problem;
  problem.inputs = size.topology.extended(l - 1);
  problem.targets = size.topology.width(l);
  if (l == 1 && size.sparse) {
    const auto samples = static_cast<double>(size.samples);
    problem.entries = size.sparse->sparsity.of_inputs(samples, size.topology.bias).entries;
  }
  return problem;
}

/// The weight step of layer l in blocks and full, from Gram matrices alone.
WeightProblem step_problem(const Options& options, const ProblemSize& size, int l) {
  const Topology& topology = size.topology;
  const TaylorOptions& admm = taylor_options(options);
  WeightProblem problem = layer_problem(size, l);
  problem.diagonal = l == 1 && has_uncorrelated_inputs(options.data);
  problem.shift = l < topology.layers() || admm.sweep == Sweep::full ? admm.proximal.value()
                                                                     : admm.proximal_output.value();
  if (admm.sweep != Sweep::blocks) return problem;
  problem.refreshes = l == 1 ? 0.0 : 1.0 / static_cast<double>(admm.gram_every.value());
  if (l == 1 && size.sparse) {
    const auto columns = static_cast<double>(block_sizes(admm, size.samples).columns);
    problem.inner = size.sparse->sparsity.of_inputs(columns, topology.bias).feature_pairs;
  }
  return problem;
}

/// The weight step of layer l in blocks and full.
SolverChoice choose_step(const Options& options, const ProblemSize& size, WeightSolver asked,
                         int l) {
  const TaylorOptions& admm = taylor_options(options);
  const WeightProblem problem = step_problem(options, size, l);
  const bool open = asked == WeightSolver::automatic;
  if (admm.sweep == Sweep::full || (open && admm.defaults == Defaults::first))
    return choose_solver(asked, problem);
  const bool output = l > 1 && l == size.topology.layers();
  return choose_block_form(asked, problem, block_sizes(admm, size.samples), output);
}

/// The output layer's fit in blocks (to its first columns, at the start) and in full.
WeightProblem fit_problem(const ProblemSize& size, Index fit_samples) {
  WeightProblem problem = layer_problem(size, size.topology.layers());
  problem.samples = fit_samples;
  problem.shift = kFitJitter;
  return problem;
}

Index fit_samples(const Options& options, Index samples) {
  if (taylor_options(options).sweep == Sweep::full) return samples;
  const std::vector<Index> bounds = panel_bounds(options, samples, 1);
  return *std::lower_bound(bounds.begin(), bounds.end(), std::min(kFirstFit, samples));
}

/// Layer l of printed.
WeightProblem printed_problem(const Options& options, const ProblemSize& size, int l) {
  WeightProblem problem = layer_problem(size, l);
  problem.samples = size.samples;
  problem.refreshes = l == 1 ? 0.0 : 1.0;
  problem.shift = taylor_options(options).ridge.value();
  return problem;
}

void refuse_in_blocks(const Options& options, WeightSolver asked, bool output) {
  if (asked == WeightSolver::qr)
    refuse(asked,
           "a weight step of -admm_sweep blocks has no more than the samples of a block and a "
           "running mean of Gram matrices: take auto, cholesky, cg, svd, dual or low_rank, or "
           "another sweep");
  const TaylorOptions& admm = taylor_options(options);
  const double proximal = output ? admm.proximal_output.value() : admm.proximal.value();
  if (asked == WeightSolver::dual && proximal == 0.0)
    refuse(asked,
           "it divides by the proximal weight, which is 0 here: give -admm_proximal and "
           "-admm_proximal_output above 0, or take cholesky");
}

void refuse_useless_dual(const Options& options, const std::vector<WeightSolver>& solvers,
                         Index inputs, Index samples) {
  const std::vector<WeightSolver>& given = options.linalg.weight_solver;
  const bool asked = std::count(given.begin(), given.end(), WeightSolver::dual) > 0;
  if (asked && std::count(solvers.begin(), solvers.end(), WeightSolver::dual) == 0)
    refuse(WeightSolver::dual,
           "it is for layers with more inputs (at most " + std::to_string(inputs) +
               " where it could serve) than samples (" + std::to_string(samples) + "): take auto");
}

}  // namespace

std::vector<WeightSolver> resolve_solvers(const ProblemSize& size, const Options& options) {
  const Topology& topology = size.topology;
  const int L = topology.layers();
  const Sweep sweep = taylor_options(options).sweep;
  std::vector<WeightSolver> solvers;
  Index most_inputs = topology.extended(L - 1);
  for (int l = 1; l <= L; ++l) {
    WeightSolver asked = asked_for(options, l);
    if (asked == WeightSolver::low_rank && sweep != Sweep::blocks)
      refuse(asked, "it is a form of -admm_sweep blocks: take auto, or that sweep");
    if (sweep == Sweep::printed) {
      most_inputs = std::max(most_inputs, topology.extended(l - 1));
      const WeightProblem problem = printed_problem(options, size, l);
      solvers.push_back(choose_fit(asked, problem).solver);
      continue;
    }
    if (sweep == Sweep::full && l == L) {
      solvers.push_back(choose_fit(asked, fit_problem(size, size.samples)).solver);
      continue;
    }
    if (sweep == Sweep::blocks) {
      refuse_in_blocks(options, asked, l == L);
    } else if (needs_samples(asked)) {
      asked = WeightSolver::automatic;
    }
    solvers.push_back(choose_step(options, size, asked, l).solver);
  }
  refuse_useless_dual(options, solvers, most_inputs, size.samples);
  return solvers;
}

void choose_solvers(const Options& options, const ProblemSize& problem, ResyncParameters& p) {
  const Topology& topology = problem.topology;
  const int L = topology.layers();
  const bool full = p.sweep == Sweep::full;
  for (int l = 1; l <= (full ? L - 1 : L); ++l)
    p.solvers.push_back(choose_step(options, problem, asked_for(options, l), l));
  p.fit_samples = fit_samples(options, problem.samples);
  const WeightSolver output = asked_for(options, L);
  // The first fit of blocks is exact by any way; svd is asked for where matrices lack rank.
  const bool open = !full && output != WeightSolver::svd;
  p.fit =
      choose_solver(open ? WeightSolver::automatic : output, fit_problem(problem, p.fit_samples));
}

std::vector<SolverChoice> printed_solvers(const Options& options, const ProblemSize& problem) {
  std::vector<SolverChoice> choices;
  for (int l = 1; l <= problem.topology.layers(); ++l)
    choices.push_back(choose_solver(asked_for(options, l), printed_problem(options, problem, l)));
  return choices;
}

}  // namespace admmnet
