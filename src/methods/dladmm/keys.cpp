#include "methods/dladmm/keys.h"

#include <algorithm>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/block_form_keys.h"
#include "methods/dladmm/options.h"

namespace admmnet {
namespace {

using D = DladmmOptions;
const OptionsOf<D> kIn;

Key of(const char* subsolve, Key key) {
  return only_with("dladmm_subsolve", {subsolve}, std::move(key));
}

void check(const Options& options, Checks& checks) {
  checks.refuse(options.init.scheme == InitScheme::zero && !options.net.hidden.empty(),
                {"init_scheme", "net_hidden"},
                "dladmm cannot start from hidden weights of 0, all units would stay equal; use he "
                "or xavier");
  refuse_block_forms("dladmm", options, checks);
  const std::vector<WeightSolver>& solvers = options.linalg.weight_solver;
  const bool from_samples = std::any_of(solvers.begin(), solvers.end(), [](WeightSolver solver) {
    return solver == WeightSolver::qr || solver == WeightSolver::dual;
  });
  checks.refuse(from_samples, {"linalg_weight_solver"},
                "dladmm solves with Gram matrices: take cholesky, cg or svd");
}

}  // namespace

MethodKeys dladmm_keys() {
  MethodKeys keys;
  keys.method = "dladmm";
  keys.summary = "dlADMM of Wang et al. (2019), backward and forward over the layers";
  keys.group = {"dladmm", "dlADMM"};
  keys.keys = {
      fixed(choice("dladmm_subsolve",
                   "weights and activations; exact: each the minimiser; prox_gradient: one step "
                   "along the gradient, as published",
                   kIn, &D::subsolve)),
      number("dladmm_rho", "", above(0),
             "penalty of the output layer's constraint; auto: 1, with softmax 0.1", kIn, &D::rho),
      number("dladmm_nu", "", above(0),
             "penalty of the hidden layers' terms; auto: rho / 40, with softmax rho", kIn, &D::nu),
      of("exact", number("dladmm_ridge_first", "", at_least(0),
                         "of the weights, relative to the mean diagonal of the centred Gram "
                         "matrix, in the first iteration",
                         kIn, &D::ridge_first)),
      of("exact", number("dladmm_ridge_last", "", at_least(0),
                         "the same in the last one of train_iterations; geometric between", kIn,
                         &D::ridge_last)),
      of("prox_gradient", choice("dladmm_regulariser",
                                 "of the weights without biases; ridge: half the sum of their "
                                 "squares; l1: the sum of their sizes",
                                 kIn, &D::regulariser)),
      only_with("dladmm_regulariser", {"ridge", "l1"},
                of("prox_gradient",
                   number("dladmm_weight", "", at_least(0),
                          "its factor, beside the mean loss of a sample", kIn, &D::weight)))};
  keys.check = check;
  return keys;
}

}  // namespace admmnet
