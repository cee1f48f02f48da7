#include "methods/ridge_fit.h"

#include <cmath>
#include <utility>

#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

RidgeFit::RidgeFit(const Network& network, int l, WeightSolver solver, Index samples,
                   std::string system, bool weighted)
    : network_(network),
      layer_(l),
      asked_(solver),
      all_samples_(samples),
      weighted_(weighted),
      system_(std::move(system)),
      inputs_(network.topology().width(l - 1)),
      biases_(network.topology().bias ? 1 : 0),
      solver_(solver) {}

void RidgeFit::make_room(const SampleOperand& a) {
  if (std::exchange(has_room_, true)) return;
  const bool few = asked_ == WeightSolver::cholesky && all_samples_ < inputs_;
  if (few && a.sparse() == nullptr && !weighted_) {
    dual_.emplace(network_.grid(), inputs_, network_.topology().width(layer_), all_samples_,
                  biases_ > 0, network_.unit_block());
    return;
  }
  if (a.sparse() != nullptr && (few || asked_ == WeightSolver::cg))
    implicit_.emplace();
  else
    G_ = network_.make_gram(layer_);
  S_ = network_.make_like_weight(layer_);
}

void RidgeFit::begin(bool keep_gram) {
  keep_gram_ = keep_gram;
  begun_ = false;
}

void RidgeFit::begin_sums() {
  if (std::exchange(begun_, true)) return;
  if (dual_) return dual_->begin(keep_gram_);
  outer_.begin(S_);
  if (keep_gram_) return;
  if (implicit_)
    implicit_->clear();
  else
    gram_.begin(G_);
  samples_ = 0;
  factored_ = false;
}

void RidgeFit::add(const BlockCyclicMatrix& t, const SampleOperand& a) {
  make_room(a);
  begin_sums();
  if (dual_) {
    BlockCyclicMatrix widened;
    return dual_->add(t, a.dense(widened));
  }
  outer_.add(1.0, t, a);
  if (keep_gram_) return;
  if (implicit_)
    implicit_->add(a);
  else
    gram_.add_gram(1.0, a);
  samples_ += a.cols();
}

void RidgeFit::finish() {
  if (dual_) {
    dual_->finish();
  } else {
    outer_.finish();
    if (!keep_gram_ && !implicit_) gram_.finish();
  }
  if (keep_gram_) return;
  const double trace = dual_ ? dual_->trace() : implicit_ ? trace_of_samples() : centred_trace();
  mean_diagonal_ = trace / static_cast<double>(inputs_);
  if (!std::isfinite(mean_diagonal_))
    throw NumericalBreakdown(system_ +
                             ": the inputs of the layer hold NaN or infinity; check -data_scaling "
                             "and -init_scheme");
}

/// sum_i [ G_ii - G_ni^2 / N ] over the units i, n the row of the ones: G_ni = sum_j a_ij.
double RidgeFit::centred_trace() const {
  const Index n = inputs_;
  double sum = 0.0;
  for_each_diagonal(G_, [&](Index i, double entry) {
    if (i < n) sum += entry;
  });
  const Index first = G_.local_rows_below(n), last = G_.local_rows_below(n + biases_);
  const auto samples = static_cast<double>(samples_);
  for (Index i = first; i < last; ++i)  // on the ranks that hold it
    for (Index j = 0; j < G_.local_cols_below(n); ++j) sum -= G_.at(i, j) * G_.at(i, j) / samples;
  sum = G_.grid().sum(sum);
  return sum < 0.0 ? 0.0 : sum;  // of constant inputs it is rounding; NaN stays
}

/// The same from the samples: sum_i [ sum_j a_ij^2 - (sum_j a_ij)^2 / N ].
double RidgeFit::trace_of_samples() const {
  const std::vector<double> diagonal = implicit_->diagonal();
  const std::vector<double> sums =
      biases_ > 0 ? implicit_->row_sums() : std::vector<double>(diagonal.size(), 0.0);
  double trace = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(inputs_); ++i)
    trace += diagonal[i] - sums[i] * sums[i] / static_cast<double>(samples_);
  return trace < 0.0 ? 0.0 : trace;
}

void RidgeFit::solve_with_shift(double shift, BlockCyclicMatrix& W, Notes& notes) {
  if (dual_) return note_fallback(dual_->solve(shift, W), system_, notes);
  if (implicit_)
    solver_.factor(*implicit_, {0.0, shift, biases_}, S_);
  else if (!factored_ || shift != shift_)
    note_fallback(solver_.factor(G_, {0.0, shift, biases_}), system_, notes);
  factored_ = true;
  shift_ = shift;
  BlockCyclicMatrix X(S_.grid(), S_.rows(), S_.cols(), S_.row_block(), S_.col_block());
  X.copy_from(S_);
  note_fallback(solver_.solve_right(X, &W), system_, notes);
  W.copy_from(X);
}

}  // namespace admmnet
