#include "methods/dladmm/exact.h"

#include <optional>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "network/forward.h"
#include "runtime/heartbeat.h"

namespace admmnet {

static std::string system_name(int l) {
  return "weights of layer " + std::to_string(l);
}

DladmmExact::DladmmExact(DladmmVariables& variables)
    : v_(variables),
      first_(v_.network, 1, v_.parameters().solvers.front(), v_.train().samples, system_name(1)) {
  for (int l = 2; l <= v_.layers(); ++l) wished_.push_back(v_.workspace(v_.topology().width(l)));
}

void DladmmExact::fit(int l, double ridge, Notes& notes) {
  std::optional<RidgeFit> above;  // of a layer whose inputs change
  const WeightSolver solver = v_.parameters().solvers[static_cast<std::size_t>(l - 1)];
  if (l > 1) above.emplace(v_.network, l, solver, v_.train().samples, system_name(l));
  RidgeFit& fit = l == 1 ? first_ : *above;
  fit.begin(l == 1 && first_is_formed_);
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    fit.add(v_.target(p, l), v_.inputs(p, l));
    beat("sums of a layer's weights");
  }
  fit.finish();
  fit.solve(ridge, v_.network.W(l), notes);
  if (l == 1) first_is_formed_ = true;
}

void DladmmExact::weights(int l, Index k, DladmmHalf half, Notes& notes) {
  // Forward, W_1 would be fitted to the z_1 that it was fitted to backward.
  if (l > 1 || half == DladmmHalf::backward) fit(l, v_.parameters().ridge(k), notes);
  if (half == DladmmHalf::backward) return;
  weights_.assign(v_.network.W(l));
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    apply(weights_, v_.inputs(p, l), v_.m(p, l));
    beat("products of a layer's weights");
  }
}

void DladmmExact::use_weights_above(int l, Notes& notes) {
  const DladmmParameters& parameters = v_.parameters();
  weights_.assign(v_.network.W(l + 1));
  note_fallback(correction_.form(v_.network.W(l + 1), v_.topology().width(l),
                                 parameters.nu / parameters.penalty(l + 1), parameters.side,
                                 v_.train().samples),
                "activations of layer " + std::to_string(l), notes);
}

void DladmmExact::activations(std::size_t p, int l) {
  BlockCyclicMatrix &a = v_.a(p, l), &d = wished_[static_cast<std::size_t>(l - 1)];
  // a~ := [h(z_l); 1],  a := a + X^T d,  d = t_{l+1} - W~_{l+1} a~
  activate_extended(v_.topology().activation, v_.z(p, l), a);
  d.set_cols(a.cols());
  apply(weights_, a, d);
  for_each_entry_in_parts([](double& di, double ti) { di = ti - di; }, d, v_.target(p, l + 1));
  correction_.apply(d, 1.0, a);
}

}  // namespace admmnet
