/// The numbers that dlADMM runs with. Symbols as in README.md of this folder.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "linalg/correction.h"
#include "methods/cost.h"
#include "methods/dladmm/options.h"

namespace admmnet {

struct DladmmParameters {
  DladmmSubsolve subsolve;
  double rho, nu;
  double ridge_first, ridge_last;     ///< exact
  Index iterations;                   ///< planned: length of the ridge's schedule
  DladmmRegulariser regulariser;      ///< prox_gradient
  double weight;                      ///< omega, of the regulariser, per training sample
  CorrectionSide side;                ///< of the activation systems
  std::vector<WeightSolver> solvers;  ///< of layers 1 ... L: cholesky, cg or svd

  /// mu_l of README.md §2.
  double penalty(int l) const { return l < static_cast<int>(solvers.size()) ? nu : rho; }
  /// om_k = om_1 (om_K / om_1)^((k-1)/(K-1)), K the planned iterations; om_K after them
  /// (README.md §5.2).
  double ridge(Index k) const;
};

/// Fills in what the options leave open (MethodKind::resolve).
void resolve_dladmm(const ProblemSize& problem, Options& options);

/// Of resolved options.
DladmmParameters dladmm_parameters(const Options& options, const Topology& topology);

/// For the log: name and value of everything chosen.
std::vector<std::pair<std::string, std::string>> describe(const DladmmParameters& parameters);

}  // namespace admmnet
