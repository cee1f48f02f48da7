#include "methods/taylor/block_forms.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "config/names.h"
#include "linalg/correction.h"
#include "methods/taylor/low_rank_weights.h"

namespace admmnet {

BlockSizes block_sizes(const TaylorOptions& admm, Index samples) {
  constexpr double kColumns = 3320.0;
  const Index blocks = admm.blocks.value();
  const Index every =
      std::llround(kColumns * static_cast<double>(blocks) / static_cast<double>(samples));
  return {samples / blocks, admm.gram_every.value(), std::clamp<Index>(every, 1, blocks)};
}

static std::string flops_of(const char* form, double flops) {
  char text[64];
  std::snprintf(text, sizeof text, "%s %.2g", form, flops);
  return text;
}

SolverChoice choose_block_form(WeightSolver asked, const WeightProblem& problem,
                               const BlockSizes& sizes, bool output) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const bool open = asked == WeightSolver::automatic;
  const bool of_samples = asked == WeightSolver::dual || asked == WeightSolver::low_rank;
  if (!open && !of_samples) return choose_solver(asked, problem);

  const auto n = static_cast<double>(problem.inputs), m = static_cast<double>(problem.targets),
             N_b = static_cast<double>(sizes.columns),
             k = static_cast<double>(std::min(LowRankWeights::kRank, problem.inputs));
  SolverChoice gram = choose_solver(WeightSolver::automatic, problem);
  const SolverFlops known = solver_flops(problem);
  const double by_gram = problem.refreshes * n * n * N_b + std::min(known.cholesky, known.cg);
  const double inner = problem.inner > 0.0 ? problem.inner : n * N_b * N_b;
  const double dual =
      problem.shift > 0.0 ? inner + N_b * N_b * N_b / 3.0 + 2.0 * m * N_b * N_b : kNever;
  const bool few = output && problem.inputs > sizes.columns;
  const double low_rank = few || !open ? (4.0 * n * k * N_b + 6.0 * n * k * k) /
                                                 static_cast<double>(sizes.basis_every) +
                                             4.0 * m * n * k
                                       : kNever;
  std::string counts = " (flops a block: " + flops_of("Gram matrix", by_gram);
  if (std::isfinite(dual)) counts += flops_of("; dual", dual);
  if (std::isfinite(low_rank)) counts += flops_of("; low rank", low_rank);
  counts += ")";
  if (asked == WeightSolver::low_rank || (open && low_rank < std::min(by_gram, dual)))
    return {WeightSolver::low_rank, false, "low_rank, not exact" + counts};
  if (asked == WeightSolver::dual || (open && dual < by_gram))
    return {WeightSolver::dual, false, "dual, exact for the block's samples" + counts};
  return gram;
}

bool goes_along_ray(ActivationSolver asked, Index m, Index n, Index columns) {
  constexpr Index kAlwaysExact = 64;
  constexpr double kShare = 0.25;
  if (asked != ActivationSolver::cheapest) return asked == ActivationSolver::ray;
  const Index small = std::min(m, n);
  if (small <= kAlwaysExact) return false;
  const auto side = static_cast<double>(small), large = static_cast<double>(std::max(m, n)),
             N_b = static_cast<double>(columns);
  // The Gram matrix and factor of the smaller side, and two triangular solves for each column of W'
  // or of the block, whichever are fewer (forms_operator).
  const double exact =
      side * side * large + side * side * side / 3.0 + 2.0 * side * side * std::min(large, N_b);
  return exact > kShare * 6.0 * side * large * N_b;
}

}  // namespace admmnet
