#include "methods/taylor/weight_system.h"

#include <atomic>
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

/// change(j, v, w) for each local column j of V and W, W := W + V. A column is in the cache for all
/// of it.
template <class F>
static bool advance_columns(F&& change, BlockCyclicMatrix& V, BlockCyclicMatrix& W) {
  const Index rows = W.local_rows();
  std::atomic<bool> finite{true};
  in_parts(W.local_cols(), rows * W.local_cols(), [&](Index begin, Index end) {
    double sum = 0.0;  // 0, or NaN
    for (Index j = begin; j < end; ++j) {
      double *v = V.column(j), *w = W.column(j);
      change(j, v, w);
      for (Index i = 0; i < rows; ++i) w[i] += v[i];
      sum += sum_in_eight(rows, [w](Index i) { return 0.0 * w[i]; });
    }
    if (!std::isfinite(sum)) finite = false;
  });
  return finite;
}

bool advance(const StepLength& length, const BlockCyclicMatrix& Delta, BlockCyclicMatrix& V,
             BlockCyclicMatrix& W) {
  account_for_entries(W, 5.0);
  return advance_columns(
      [&](Index j, double* v, const double*) {
        const double* delta = Delta.column(j);
        for (Index i = 0; i < V.local_rows(); ++i)
          v[i] = length.momentum * v[i] + length.factor * delta[i];
      },
      V, W);
}

bool shrink_and_advance(double shrink, Index biases, BlockCyclicMatrix& V, BlockCyclicMatrix& W) {
  account_for_entries(W, 4.0);
  const Index units = W.local_cols_below(W.cols() - biases);
  return advance_columns(
      [&](Index j, double* v, const double* w) {
        for (Index i = 0; j < units && i < V.local_rows(); ++i) v[i] -= shrink * w[i];
      },
      V, W);
}

WeightSystem::WeightSystem(const Network& network, int l, const SolverChoice& solver,
                           const SampleSet* inputs, Condition condition)
    : name_("weights of layer " + std::to_string(l)),
      biases_(network.topology().bias ? 1 : 0),
      features_(network.topology().width(l - 1)),
      R_(network.make_like_weight(l)),
      V_(network.make_like_weight(l)),
      solver_(solver.solver, solver.diagonal, condition) {
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

bool WeightSystem::step(const Step& step, BlockCyclicMatrix& W, Notes& notes) {
  factor(step.ridge, step.proximal, notes);
  subtract_units(step.ridge * mean_diagonal_, W, biases_, R_);
  note_fallback(solver_.solve_right(R_, &V_), name_, notes);
  if (step.length.clip > 0.0) clip(step.length.clip, W);
  return advance(step.length, R_, V_, W);
}

}  // namespace admmnet
