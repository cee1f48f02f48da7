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
    gram_.begin(G_);
    outer_.begin(S_);
  }
}

void WeightFit::add(const BlockCyclicMatrix& t, const SampleOperand& a) {
  if (factor_) {
    factor_->add(t, a.dense());
  } else if (dual_) {
    dual_->add(t, a.dense());
  } else {
    gram_.add_gram(1.0, a);
    outer_.add(1.0, t, a);
  }
}

double WeightFit::trace() {
  if (factor_) return factor_->trace();
  if (dual_) return dual_->trace();
  if (!summed_up_) {
    OuterSum::finish({&gram_, &outer_});
    summed_up_ = true;
  }
  return admmnet::trace(G_);
}

void WeightFit::solve(double ridge, double jitter, Index biases, const std::string& system,
                      BlockCyclicMatrix& W, Notes& notes) {
  const double mean = trace() / static_cast<double>(W.cols());
  const DiagonalShift shift{jitter * mean, ridge * mean, biases};
  if (factor_) {
    note_fallback(factor_->solve(shift, solver_ == WeightSolver::svd, W), system, notes);
    return;
  }
  if (dual_) {
    note_fallback(dual_->solve(shift, W), system, notes);
    return;
  }
  GramSystem gram(solver_);
  note_fallback(gram.factor(G_, shift), system, notes);
  note_fallback(gram.solve_right(S_, &W), system, notes);
  W.copy_from(S_);
}

}  // namespace admmnet
