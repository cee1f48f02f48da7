#include "methods/taylor/dual_weights.h"

#include <vector>

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

DualWeights::DualWeights(const Network& network, int l, Index widest, const Weighting& weighting)
    : BlockWeights(network, l),
      name_("weights of layer " + std::to_string(l)),
      biases_(network.topology().bias ? 1 : 0),
      weighting_(weighting),
      Y_(network.make_sample_like(network.topology().width(l), widest)) {}

/// The last column of W, the rows that this rank has of Y; zeros without biases. Collective.
static std::vector<double> biases_of(const BlockCyclicMatrix& W, Index biases,
                                     const BlockCyclicMatrix& Y) {
  std::vector<double> own(static_cast<std::size_t>(Y.local_rows()));
  if (biases == 0) return own;
  std::vector<double> b(static_cast<std::size_t>(W.rows()));
  for (Index j = W.local_cols_below(W.cols() - 1); j < W.local_cols(); ++j)
    for (Index i = 0; i < W.local_rows(); ++i)
      b[static_cast<std::size_t>(W.global_row(i))] = W.at(i, j);
  W.grid().sum(b.data(), W.rows());
  for (Index i = 0; i < Y.local_rows(); ++i)
    own[static_cast<std::size_t>(i)] = b[static_cast<std::size_t>(Y.global_row(i))];
  return own;
}

void DualWeights::take(const Block& block, const BlockCyclicMatrix& W, std::vector<OuterSum*>& sums,
                       Notes& notes) {
  const double rho = weighting_.ridge, p = weighting_.proximal, q = rho / (rho + p);
  mean_.add(weighting_.memory, block.scale, block.a);
  // K = I + s a~^T E^-1 a~, where the row of ones has another weight than the units
  const double units = block.scale / ((rho + p) * mean_.value()),
               ones = block.scale / (p * mean_.value());
  note_fallback(system_.factor(block.a, units, biases_ > 0 ? ones - units : 0.0), name_, notes);
  // Y = (D + q (z - b 1^T)) K^-1
  Y_.set_cols(block.D.cols());
  const std::vector<double> b = biases_of(W, biases_, Y_);
  for (Index j = 0; j < Y_.local_cols(); ++j) {
    const double *d = block.D.column(j), *z = block.z.column(j);
    double* y = Y_.column(j);
    for (Index i = 0; i < Y_.local_rows(); ++i)
      y[i] = d[i] + q * (z[i] - b[static_cast<std::size_t>(i)]);
  }
  system_.solve_right(Y_);
  // Delta a~ = D - Y,  W a~ = z
  constexpr double kTouched = 6.0;  // doubles for an entry, in both loops
  account_for_entries(Y_, kTouched);
  sums_[0] = sums_[1] = 0.0;
  for (Index j = 0; j < Y_.local_cols(); ++j) {
    sums_[0] += squared_distance(block.D.column(j), Y_.column(j), Y_.local_rows());
    sums_[1] += sum_of_squares(block.z.column(j), Y_.local_rows());
  }
  outer_.begin(R_);
  outer_.add(block.scale, Y_, block.a);
  sums.push_back(&outer_);
}

void DualWeights::step(const StepLength& length, BlockCyclicMatrix& W, Notes&) {
  // Delta = s Y a~^T E^-1 - q W I'
  const double rho = weighting_.ridge, p = weighting_.proximal, q = rho / (rho + p);
  const Index units = R_.local_cols_below(R_.cols() - biases_);
  for (Index j = 0; j < R_.local_cols(); ++j) {
    const double weight = 1.0 / ((j < units ? rho + p : p) * mean_.value());
    const double shrink = j < units ? q : 0.0;
    for (Index i = 0; i < R_.local_rows(); ++i)
      R_.at(i, j) = weight * R_.at(i, j) - shrink * W.at(i, j);
  }
  account_for_entries(R_, 3.0);
  if (length.clip > 0.0) {
    W.grid().sum(sums_, 2);
    clip_to(length.clip, sums_[0], sums_[1], R_);
  }
  advance(length, R_, V_, W);
}

void DualWeights::append_state(const std::string& prefix, StateView& view) {
  BlockWeights::append_state(prefix, view);
  mean_.append_state(prefix + "mean_diagonal", view);
}

}  // namespace admmnet
