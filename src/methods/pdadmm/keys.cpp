#include "methods/pdadmm/keys.h"

#include <algorithm>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/block_form_keys.h"
#include "methods/pdadmm/options.h"

namespace admmnet {
namespace {

using P = PdadmmOptions;
const OptionsOf<P> kIn;

Key with_subsolve(const char* subsolve, Key key) {
  return only_with("pdadmm_subsolve", {subsolve}, std::move(key));
}

std::vector<Key> all_keys() {
  return {
      fixed(choice("pdadmm_subsolve",
                   "exact: p, and W and b together, each minimised exactly; prox_gradient: one "
                   "gradient step of the best length each, as published",
                   kIn, &P::subsolve)),
      number("pdadmm_rho", "", above(0),
             "penalty of p = q between the layers; auto: exact 0.1, prox_gradient 0.01", kIn,
             &P::rho),
      number("pdadmm_nu", "", above(0), "penalty of z = W p + b and q = h(z); auto: pdadmm_rho",
             kIn, &P::nu),
      with_subsolve("exact", number("pdadmm_ridge", "", at_least(0),
                                    "of the weights, relative to the mean diagonal of the centred "
                                    "Gram matrix of the layer's inputs",
                                    kIn, &P::ridge)),
      with_subsolve("prox_gradient", number("pdadmm_weight_decay_ratio", "", at_least(0),
                                            "weight decay mu of every layer, as mu / nu", kIn,
                                            &P::weight_decay_ratio)),
      number("pdadmm_z_proximal", "", at_least(0),
             "weight of (z - z_old)^2 in the hidden z step, relative to nu; as published 1; auto: "
             "exact 0, prox_gradient 1",
             kIn, &P::z_proximal),
      fixed(list("pdadmm_growth", "auto", "layers", at_least(2),
                 "weight layers that take part in each stage; the last number is all of them, and "
                 "alone it means no growth; auto: 2, half, all, where hidden layers are equally "
                 "wide and relu, else no growth",
                 kIn, &P::growth)),
      fixed(list("pdadmm_stage_iterations", "auto", "passes", at_least(1),
                 "of each stage, or one for all; the last stage goes on as long as the run; auto: "
                 "exact 100, then 30, the last of several 40; prox_gradient 60",
                 kIn, &P::stage_iterations)),
      choice("pdadmm_growth_output",
             "the output layer of a network that has grown; fresh: begins again; keep: goes on",
             kIn, &P::growth_output),
      number("pdadmm_groups", "", at_least(1),
             "equal parts of the ranks, each with some of the layers; auto: what the plan finds "
             "fastest; results do not depend on it",
             kIn, &P::groups),
      fixed(number("pdadmm_bits", "", {0, 16},
                   "of each number of p and q that crosses an interface: 4, 8 or 16; 0: not "
                   "rounded",
                   kIn, &P::bits))};
}

void check(const Options& options, Checks& checks) {
  const PdadmmOptions& pdadmm = pdadmm_options(options);
  const auto& hidden = options.net.hidden;
  const auto layers = static_cast<Index>(hidden.size()) + 1;
  const std::vector<Index>& growth = pdadmm.growth;
  const bool relu = options.net.activation.kind == ActivationKind::relu;
  refuse_block_forms("pdadmm", options, checks);
  checks.refuse(hidden.empty(), {"net_hidden", "train_method"},
                "pdadmm splits a network between its layers and needs a hidden one; give "
                "-net_hidden");
  const bool ascending =
      std::adjacent_find(growth.begin(), growth.end(), std::greater_equal<Index>()) == growth.end();
  checks.refuse(
      !growth.empty() && (!ascending || growth.back() != layers), {"pdadmm_growth", "net_hidden"},
      Codec<std::vector<Index>>::write(growth) + " must rise, and end with " +
          std::to_string(layers) + ", the layers of weights (hidden ones and the output)");
  const bool equal =
      std::adjacent_find(hidden.begin(), hidden.end(), std::not_equal_to<Index>()) == hidden.end();
  checks.refuse(growth.size() > 1 && (!equal || !relu),
                {"pdadmm_growth", "net_hidden", "net_activation"},
                "layers that join are identities at first, which takes hidden layers of one width "
                "and -net_activation relu; change these, or give -pdadmm_growth " +
                    std::to_string(layers) + " (no growth)");
  const std::size_t times = pdadmm.stage_iterations.size();
  checks.refuse(times > 1 && !growth.empty() && times != growth.size(),
                {"pdadmm_stage_iterations", "pdadmm_growth"},
                std::to_string(times) + " values for " + std::to_string(growth.size()) +
                    " stages; give one, or one a stage");
  checks.refuse(pdadmm.groups && *pdadmm.groups > layers, {"pdadmm_groups", "net_hidden"},
                std::to_string(pdadmm.groups.value_or(0)) + " parts for " + std::to_string(layers) +
                    " layers of weights: give fewer, or auto");
  checks.refuse(pdadmm.bits % 4 != 0 || pdadmm.bits == 12, {"pdadmm_bits"},
                std::to_string(pdadmm.bits) + " is none of 0, 4, 8 and 16");
  checks.refuse(pdadmm.bits > 0 && !relu, {"pdadmm_bits", "net_activation"},
                "the grid that numbers are rounded to has none below 0; take -net_activation "
                "relu, or -pdadmm_bits 0");
  const auto& solvers = options.linalg.weight_solver;
  const bool others = std::any_of(solvers.begin(), solvers.end(), [](WeightSolver solver) {
    return solver != WeightSolver::automatic && solver != WeightSolver::cholesky;
  });
  checks.refuse(others, {"linalg_weight_solver", "train_method"},
                "pdadmm has cholesky only; give auto or cholesky");
  checks.refuse(options.init.scheme == InitScheme::zero, {"init_scheme", "train_method"},
                "from weights of 0 all units of a layer would stay equal; take he or normal");
}

}  // namespace

MethodKeys pdadmm_keys() {
  MethodKeys keys;
  keys.method = "pdadmm";
  keys.summary = "pdADMM of Wang et al. (2020, 2022): every layer a problem of its own";
  keys.group = {"pdadmm", "ADMM with the layers in parallel"};
  keys.keys = all_keys();
  keys.check = check;
  return keys;
}

}  // namespace admmnet
