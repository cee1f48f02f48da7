#include "methods/taylor/weight_fit.h"

#include <numeric>

#include "linalg/products.h"

namespace admmnet {

WeightFit::WeightFit(const Network& network, int l, WeightSolver solver, Index samples)
    : network_(network), layer_(l), solver_(solver) {
  const Index inputs = network.topology().extended(l - 1), targets = network.topology().width(l);
  const Index block = network.unit_block();
  if (solver == WeightSolver::qr || solver == WeightSolver::svd) {
    factor_ = std::make_unique<SampleFactor>(network.grid(), inputs, targets, block);
  } else if (solver == WeightSolver::dual) {
    dual_ = std::make_unique<DualFit>(network.grid(), inputs, targets, samples, block);
  }
}

void WeightFit::begin_sums(const SampleOperand& a) {
  if (begun_) return;
  begun_ = true;
  S_ = network_.make_like_weight(layer_);
  outer_.begin(S_);
  if (a.sparse() != nullptr && solver_ == WeightSolver::cg) {
    samples_.emplace();
    return;
  }
  G_ = network_.make_gram(layer_);
  gram_.begin(G_);
}

void WeightFit::add(const BlockCyclicMatrix& t, const SampleOperand& a) {
  BlockCyclicMatrix widened;
  if (factor_) {
    factor_->add(t, a.dense(widened));
  } else if (dual_) {
    dual_->add(t, a.dense(widened));
  } else {
    begin_sums(a);
    if (samples_)
      samples_->add(a);
    else
      gram_.add_gram(1.0, a);
    outer_.add(1.0, t, a);
  }
}

double WeightFit::trace() {
  if (factor_) return factor_->trace();
  if (dual_) return dual_->trace();
  if (!summed_up_) {
    if (samples_)
      outer_.finish();
    else
      OuterSum::finish({&gram_, &outer_});
    summed_up_ = true;
  }
  if (!samples_) return admmnet::trace(G_);
  const std::vector<double> diagonal = samples_->diagonal();
  return std::accumulate(diagonal.begin(), diagonal.end(), 0.0);
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
  if (samples_)
    gram.factor(*samples_, shift, S_);
  else
    note_fallback(gram.factor(G_, shift), system, notes);
  note_fallback(gram.solve_right(S_, &W), system, notes);
  W.copy_from(S_);
}

}  // namespace admmnet
