/// Refusing what only the sweep on blocks has.
#pragma once

#include <string>

#include "config/check.h"
#include "config/options.h"

namespace admmnet {

/// low_rank, ray and cheapest, for a method or sweep called `who`.
inline void refuse_block_forms(const std::string& who, const Options& options, Checks& checks) {
  const std::string remedy =
      " is a form of -admm_sweep blocks, and " + who + " solves these systems exactly; take auto";
  for (const WeightSolver solver : options.linalg.weight_solver)
    checks.refuse(solver == WeightSolver::low_rank, {"linalg_weight_solver", "train_method"},
                  name_of(solver) + remedy);
  const ActivationSolver solver = options.linalg.activation_solver;
  checks.refuse(solver == ActivationSolver::ray || solver == ActivationSolver::cheapest,
                {"linalg_activation_solver", "train_method"}, name_of(solver) + remedy);
}

}  // namespace admmnet
