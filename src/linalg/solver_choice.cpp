#include "linalg/solver_choice.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "config/names.h"
#include "linalg/conjugate_gradients.h"

namespace admmnet {

static constexpr double kNever = std::numeric_limits<double>::infinity();

SolverFlops solver_flops(const WeightProblem& p) {
  const double n = static_cast<double>(p.inputs), m = static_cast<double>(p.targets),
               N = static_cast<double>(p.samples);
  const bool samples = p.samples > 0 && p.entries == 0.0;
  const double gram = p.refreshes * N * n * (n + 1.0), outer = 2.0 * n * m * N;
  const double sides = 2.0 * n * n * m;
  const double steps = p.shift > 0.0 ? 0.5 * std::sqrt(n / p.shift + 1.0) *
                                           std::log(2.0 / ConjugateGradients::kTolerance)
                                     : kNever;
  SolverFlops flops{};
  flops.cholesky = gram + outer + (p.diagonal ? n * m : p.refreshes * n * n * n / 3.0 + sides);
  flops.qr = samples ? 2.0 * (n + m) * (n + m) * (1.25 * N + n) : kNever;
  flops.svd =
      (samples ? flops.qr + 20.0 * n * n * n : p.refreshes * 20.0 * n * n * n) + 2.0 * sides;
  const bool dual = samples && p.samples < p.inputs && p.all_shifted;
  flops.dual = dual ? N * n * (N + 1.0) + N * N * N / 3.0 + 2.0 * m * N * N + outer : kNever;
  flops.cg = p.entries > 0.0 ? steps * 4.0 * m * p.entries : gram + outer + steps * sides;
  return flops;
}

static std::string text(double flops) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2g", flops);
  return buffer;
}

/// "cholesky (1.2e+09 flops a solve; dual 3e+10)"
static std::string reason_for(WeightSolver taken, const SolverFlops& flops, bool diagonal) {
  const std::array<std::pair<WeightSolver, double>, 5> ways{
      {{WeightSolver::cholesky, flops.cholesky},
       {WeightSolver::dual, flops.dual},
       {WeightSolver::cg, flops.cg},
       {WeightSolver::qr, flops.qr},
       {WeightSolver::svd, flops.svd}}};
  std::string own, others;
  for (const auto& [solver, count] : ways) {
    if (solver == taken)
      own = text(count) + " flops a solve";
    else if (std::isfinite(count) && solver != WeightSolver::qr && solver != WeightSolver::svd)
      others += "; " + name_of(solver) + " " + text(count);
  }
  if (diagonal && taken == WeightSolver::cholesky) own += ", a division";
  return name_of(taken) + " (" + own + others + ")";
}

SolverChoice choose_solver(WeightSolver asked, const WeightProblem& problem) {
  const SolverFlops flops = solver_flops(problem);
  if (asked != WeightSolver::automatic)
    return {asked, problem.diagonal, reason_for(asked, flops, problem.diagonal)};
  WeightSolver best = WeightSolver::cholesky;
  double least = flops.cholesky;
  if (flops.dual < least) best = WeightSolver::dual, least = flops.dual;
  if (flops.cg < least) best = WeightSolver::cg;
  return {best, problem.diagonal, reason_for(best, flops, problem.diagonal)};
}

}  // namespace admmnet
