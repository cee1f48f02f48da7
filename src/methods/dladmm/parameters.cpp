#include "methods/dladmm/parameters.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace admmnet {

double DladmmParameters::ridge(Index k) const {
  if (k >= iterations) return iterations > 1 ? ridge_last : ridge_first;
  // A ridge of 0 has no logarithm: a schedule that begins or ends there is one step.
  if (ridge_first == 0.0 || ridge_last == 0.0) return ridge_first;
  const double part = static_cast<double>(k - 1) / static_cast<double>(iterations - 1);
  return ridge_first * std::pow(ridge_last / ridge_first, part);
}

void resolve_dladmm(const ProblemSize& problem, Options& options) {
  constexpr Index kIterations = 30;
  DladmmOptions& asked = dladmm_options(options);
  // README.md §5.3. Targets of 0 and 1 are half as far apart as those of -1 and 1 in the sources:
  // a quarter of nu/rho is the same there.
  const bool logits = problem.topology.loss->wants_logits;
  if (!asked.rho) asked.rho = logits ? 0.1 : 1.0;
  if (!asked.nu) asked.nu = logits ? *asked.rho : *asked.rho / 40.0;
  if (!options.train.iterations) options.train.iterations = kIterations;
  auto& solvers = options.linalg.weight_solver;
  if (solvers.empty()) solvers = {WeightSolver::automatic};
  std::replace(solvers.begin(), solvers.end(), WeightSolver::automatic, WeightSolver::cholesky);
  if (options.linalg.activation_solver == ActivationSolver::automatic)
    options.linalg.activation_solver = ActivationSolver::correction;
}

DladmmParameters dladmm_parameters(const Options& options, const Topology& topology) {
  const DladmmOptions& chosen = dladmm_options(options);
  DladmmParameters p{};
  p.subsolve = chosen.subsolve;
  p.rho = chosen.rho.value();
  p.nu = chosen.nu.value();
  p.ridge_first = chosen.ridge_first;
  p.ridge_last = chosen.ridge_last;
  p.iterations = options.train.iterations.value();
  const bool steps = chosen.subsolve == DladmmSubsolve::prox_gradient;
  p.regulariser = steps ? chosen.regulariser : DladmmRegulariser::none;
  p.weight = p.regulariser == DladmmRegulariser::none ? 0.0 : chosen.weight;
  p.side = options.linalg.activation_solver == ActivationSolver::cholesky ? CorrectionSide::units
                                                                          : CorrectionSide::smaller;
  p.solvers = options.linalg.weight_solver;
  if (p.solvers.size() == 1)
    p.solvers.assign(static_cast<std::size_t>(topology.layers()), p.solvers.front());
  return p;
}

static std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

std::vector<std::pair<std::string, std::string>> describe(const DladmmParameters& p) {
  std::vector<std::pair<std::string, std::string>> lines = {
      {"sub-solves", name_of(p.subsolve)}, {"rho", text(p.rho)}, {"nu", text(p.nu)}};
  if (p.subsolve == DladmmSubsolve::exact) {
    lines.emplace_back("ridge", text(p.ridge_first) + " to " + text(p.ridge_last) + " over " +
                                    std::to_string(p.iterations) + " iterations");
    for (std::size_t i = 0; i < p.solvers.size(); ++i)
      lines.emplace_back("solver of layer " + std::to_string(i + 1), name_of(p.solvers[i]));
  } else {
    lines.emplace_back("regulariser", name_of(p.regulariser));
    if (p.regulariser != DladmmRegulariser::none) lines.emplace_back("its weight", text(p.weight));
  }
  return lines;
}

}  // namespace admmnet
