#include "methods/taylor/weight_system.h"

#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

void subtract_units(double factor, const BlockCyclicMatrix& W, Index biases, BlockCyclicMatrix& R) {
  const Index units = R.local_cols_below(R.cols() - biases);
  for (Index j = 0; j < units; ++j)
    for (Index i = 0; i < R.local_rows(); ++i) R.at(i, j) -= factor * W.at(i, j);
}

double clip_factor(double limit, double change, double size) {
  const double ratio = std::sqrt(change / size);
  return ratio > limit ? limit / ratio : 1.0;
}

void clip_to(double limit, double change, double size, BlockCyclicMatrix& Delta) {
  const double factor = clip_factor(limit, change, size);
  if (factor != 1.0) for_each_entry([&](double& delta) { delta *= factor; }, Delta);
}

void advance(const StepLength& length, const BlockCyclicMatrix& Delta, BlockCyclicMatrix& V,
             BlockCyclicMatrix& W) {
  for_each_entry_in_parts(
      [&](double& velocity, double delta, double& weight) {
        velocity = length.momentum * velocity + length.factor * delta;
        weight += velocity;
      },
      V, Delta, W);
}

WeightSystem::WeightSystem(const Network& network, int l, const SolverChoice& solver,
                           const SampleSet* inputs)
    : name_("weights of layer " + std::to_string(l)),
      biases_(network.topology().bias ? 1 : 0),
      features_(network.topology().width(l - 1)),
      R_(network.make_like_weight(l)),
      V_(network.make_like_weight(l)),
      solver_(solver.solver, solver.diagonal) {
  if (inputs != nullptr) {
    take_inputs(*inputs);
    if (solver.solver == WeightSolver::cg && inputs->panels.front().sparse) {
      samples_.emplace();
      for (const SamplePanel& panel : inputs->panels) samples_->add(panel.a());
      return;
    }
  }
  G_ = network.make_gram(l);
}

void WeightSystem::take_inputs(const SampleSet& train) {
  if (train.features > 0) features_ = train.features;
  left_out_ = train.left_out;
}

void WeightSystem::factor(double ridge, double proximal, Notes& notes) {
  if (factored_ && ridge == ridge_ && proximal == proximal_) return;
  double all = left_out_;
  if (samples_)
    for (const double entry : samples_->diagonal()) all += entry;
  else
    all = trace(G_) + left_out_;
  mean_diagonal_ = all / static_cast<double>(features_ + biases_);
  const DiagonalShift shift{proximal * mean_diagonal_, ridge * mean_diagonal_, biases_};
  if (samples_)
    solver_.factor(*samples_, shift, R_);
  else
    note_fallback(solver_.factor(G_, shift), name_, notes);
  ridge_ = ridge;
  proximal_ = proximal;
  factored_ = true;
}

void WeightSystem::clip(double limit, const BlockCyclicMatrix& W) {
  if (product_.empty())
    product_ = BlockCyclicMatrix(W.grid(), W.rows(), W.cols(), W.row_block(), W.col_block());
  const auto times_gram = [&](const BlockCyclicMatrix& X) {
    if (samples_)
      samples_->multiply(X, product_);
    else
      multiply_symmetric(1.0, X, G_, product_);
  };
  times_gram(R_);
  const double change = inner_product(R_, product_);
  times_gram(W);
  const double size = inner_product(W, product_);
  clip_to(limit, change, size, R_);
}

void WeightSystem::step(const Step& step, BlockCyclicMatrix& W, Notes& notes) {
  factor(step.ridge, step.proximal, notes);
  subtract_units(step.ridge * mean_diagonal_, W, biases_, R_);
  note_fallback(solver_.solve_right(R_, &V_), name_, notes);
  if (step.length.clip > 0.0) clip(step.length.clip, W);
  advance(step.length, R_, V_, W);
}

}  // namespace admmnet
