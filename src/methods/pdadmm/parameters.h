/// The numbers that a run of the method uses: of resolved options.
#pragma once

#include <vector>

#include "linalg/correction.h"
#include "methods/pdadmm/options.h"

namespace admmnet {

struct PdadmmParameters {
  Subsolve subsolve;
  double rho, nu;
  double ridge;                         ///< exact: relative; else 0
  double decay;                         ///< mu of prox_gradient; else 0
  double z_proximal;                    ///< zeta
  std::vector<Index> growth;            ///< layers of weights in each stage
  std::vector<Index> stage_iterations;  ///< of each stage
  GrownOutput growth_output;
  Index bits;
  int groups;
  CorrectionSide side;  ///< that the exact p step factors
};

/// `groups`: into how many parts the ranks are divided.
inline PdadmmParameters pdadmm_parameters(const Options& options, int groups) {
  const PdadmmOptions& o = pdadmm_options(options);
  const bool exact = o.subsolve == Subsolve::exact;
  return {o.subsolve,
          o.rho.value(),
          o.nu.value(),
          exact ? o.ridge : 0.0,
          exact ? 0.0 : o.weight_decay_ratio * o.nu.value(),
          o.z_proximal.value(),
          o.growth,
          o.stage_iterations,
          o.growth_output,
          o.bits,
          groups,
          options.linalg.activation_solver == ActivationSolver::cholesky ? CorrectionSide::units
                                                                         : CorrectionSide::smaller};
}

}  // namespace admmnet
