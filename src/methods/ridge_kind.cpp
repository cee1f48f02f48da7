#include "methods/ridge_kind.h"

#include <algorithm>

#include "linalg/solver_choice.h"
#include "methods/block_form_keys.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

const std::vector<double> kRidges{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3};

/// Those that do not solve with a Gram matrix, which is all that is summed up here.
bool needs_samples(WeightSolver solver) {
  return solver == WeightSolver::qr || solver == WeightSolver::dual;
}

std::string list_of(const std::vector<double>& numbers) {
  std::string list;
  for (const double number : numbers)
    list += (list.empty() ? "" : ", ") + Codec<double>::write(number);
  return list;
}

/// A factor of the Gram matrix; of sparse inputs without a hidden layer conjugate gradients where
/// they are counted to be cheaper, for all the ridges, or samples are few.
WeightSolver usual_solver(const ProblemSize& size, const RidgeOptions& ridge) {
  constexpr double kUsualRidge = 1e-3;
  if (!size.sparse || size.topology.layers() > 1) return WeightSolver::cholesky;
  WeightProblem problem;
  problem.inputs = size.topology.extended(0);
  problem.targets = size.topology.outputs();
  const auto samples = static_cast<double>(size.samples);
  problem.entries = size.sparse->sparsity.of_inputs(samples, size.topology.bias).entries;
  problem.shift = std::max(ridge.ridge.value_or(kUsualRidge), kUsualRidge);
  const SolverFlops flops = solver_flops(problem);
  const bool few = size.samples < size.topology.width(0);
  return few || flops.cg < flops.cholesky ? WeightSolver::cg : WeightSolver::cholesky;
}

}  // namespace

void check_ridge(const std::string& method, const RidgeOptions& ridge, const Options& options,
                 Checks& checks) {
  const std::string key = method + "_ridge";
  checks.refuse(!ridge.ridge && options.data.validation == 0, {key.c_str(), "data_validation"},
                "needs validation samples to choose by; set -data_validation above 0, or a number");
  refuse_block_forms(method, options, checks);
  for (const WeightSolver solver : options.linalg.weight_solver)
    checks.refuse(needs_samples(solver), {"linalg_weight_solver", "train_method"},
                  name_of(solver) + " needs the samples, and " + method +
                      " solves with their Gram matrix; set auto, cholesky, svd or cg");
}

void resolve_ridge(const std::string& method, const ProblemSize& problem, RidgeOptions& ridge,
                   Options& options) {
  if (!ridge.ridge && problem.validation == 0)
    throw BadInput("-" + method +
                   "_ridge validation needs validation samples, and there are none: "
                   "set -data_validation above 0, or a number");
  if (ridge.ridges.empty()) ridge.ridges = kRidges;
  if (!options.train.iterations) options.train.iterations = 1;
  if (options.linalg.activation_solver == ActivationSolver::automatic)
    options.linalg.activation_solver = ActivationSolver::correction;
  std::vector<WeightSolver>& solvers = options.linalg.weight_solver;
  if (solvers.empty()) solvers = {WeightSolver::automatic};
  solvers.resize(static_cast<std::size_t>(problem.topology.layers()), solvers.front());
  for (WeightSolver& solver : solvers)
    if (solver == WeightSolver::automatic) solver = usual_solver(problem, ridge);
}

bool needs_scaled_inputs(const Options& options) {
  return options.net.hidden.empty() && (options.net.class_weights.kind != ClassWeights::none ||
                                        !options.data.weight_path.empty());
}

std::string in_words(const RidgeOptions& ridge) {
  if (ridge.ridge) return Codec<double>::write(*ridge.ridge);
  return "the best of " + list_of(ridge.ridges) + " on the validation samples";
}

}  // namespace admmnet
