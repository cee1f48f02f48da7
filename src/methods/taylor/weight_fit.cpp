#include "methods/taylor/weight_fit.h"

#include "linalg/products.h"

namespace admmnet {

WeightFit::WeightFit(const Network& network, int l, WeightSolver solver, Index samples)
    : solver_(solver) {
  const Index inputs = network.topology().extended(l - 1), targets = network.topology().width(l);
  const Index block = network.unit_block();
  if (solver == WeightSolver::qr || solver == WeightSolver::svd) {
    factor_ = std::make_unique<SampleFactor>(network.grid(), inputs, targets, block);
  } else if (solver == WeightSolver::dual) {
    dual_ = std::make_unique<DualFit>(network.grid(), inputs, targets, samples, block);
  } else {
    G_ = network.make_gram(l);
    S_ = network.make_like_weight(l);
  }
}

void WeightFit::add(const BlockCyclicMatrix& t, const BlockCyclicMatrix& a) {
  if (factor_) {
    factor_->add(t, a);
  } else if (dual_) {
    dual_->add(t, a);
  } else {
    accumulate_gram(1.0, a, keep_, G_);
    accumulate_outer(1.0, t, a, keep_, S_);
    keep_ = 1.0;
  }
}

void WeightFit::solve(double ridge, double jitter, Index biases, const std::string& system,
                      BlockCyclicMatrix& W, Notes& notes) {
  const auto shift = [&](double trace) {
    const double mean = trace / static_cast<double>(W.cols());
    return DiagonalShift{jitter * mean, ridge * mean, biases};
  };
  if (factor_) {
    const bool by_svd = solver_ == WeightSolver::svd;
    note_fallback(factor_->solve(shift(factor_->trace()), by_svd, W), system, notes);
    return;
  }
  if (dual_) {
    note_fallback(dual_->solve(shift(dual_->trace()), W), system, notes);
    return;
  }
  GramSystem gram(solver_);
  note_fallback(gram.factor(G_, shift(trace(G_))), system, notes);
  note_fallback(gram.solve_right(S_, &W), system, notes);
  W.copy_from(S_);
}

}  // namespace admmnet
