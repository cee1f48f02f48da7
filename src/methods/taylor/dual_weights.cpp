#include "methods/taylor/dual_weights.h"

#include <vector>

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

DualWeights::DualWeights(const Network& network, int l, const Weighting& weighting)
    : BlockWeights(network, l),
      name_("weights of layer " + std::to_string(l)),
      biases_(network.topology().bias ? 1 : 0),
      weighting_(weighting),
      system_(condition_of_systems(network, l, weighting.proximal)) {}

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

void DualWeights::solve(const Block& block, const BlockCyclicMatrix& W, Notes& notes) {
  const double rho = weighting_.ridge, p = weighting_.proximal, q = rho / (rho + p);
  BlockCyclicMatrix& Y = *block.room;
  // K = I + s a~^T E^-1 a~, where the row of ones has another weight than the units
  const double units = block.scale / ((rho + p) * mean_.value()),
               ones = block.scale / (p * mean_.value());
  note_fallback(system_.factor(block.a, units, biases_ > 0 ? ones - units : 0.0), name_, notes);
  // Y = (D + q (z - b 1^T)) K^-1
  const std::vector<double> b = biases_of(W, biases_, Y);
  for (Index j = 0; j < Y.local_cols(); ++j) {
    const double *d = block.D.column(j), *z = block.z.column(j);
    double* y = Y.column(j);
    for (Index i = 0; i < Y.local_rows(); ++i)
      y[i] = d[i] + q * (z[i] - b[static_cast<std::size_t>(i)]);
  }
  account_for_entries(Y, 3.0);
  system_.solve_right(Y);
}

/// min(1, tau/r), r = |Delta a~| / |z| with Delta a~ = D - Y. Collective.
static double clip_of(const BlockWeights::Block& block) {
  double sums[2] = {};
  for (Index j = 0; j < block.D.local_cols(); ++j) {
    sums[0] += squared_distance(block.D.column(j), block.room->column(j), block.D.local_rows());
    sums[1] += sum_of_squares(block.z.column(j), block.D.local_rows());
  }
  account_for_entries(block.D, 3.0);
  block.D.grid().sum(sums, 2);
  return clip_factor(block.length.clip, sums[0], sums[1]);
}

void DualWeights::take(const Block& block, const BlockCyclicMatrix& W, std::vector<OuterSum*>& sums,
                       Notes& notes) {
  const double rho = weighting_.ridge, p = weighting_.proximal, q = rho / (rho + p);
  mean_.add(weighting_.memory, block);
  solve(block, W, notes);
  // V := mu V + length s Y a~^T E^-1, where the biases have another weight than the units
  const double length = block.length.factor * (block.length.clip > 0.0 ? clip_of(block) : 1.0);
  shrink_ = length * q;
  scale_biases(p / (rho + p));
  outer_.begin(V_, block.length.momentum);
  outer_.add(length * block.scale / ((rho + p) * mean_.value()), *block.room, block.a);
  sums.push_back(&outer_);
}

void DualWeights::scale_biases(double factor) {
  if (factor == 1.0 || biases_ == 0) return;
  for (Index j = V_.local_cols_below(V_.cols() - 1); j < V_.local_cols(); ++j)
    for (Index i = 0; i < V_.local_rows(); ++i) V_.at(i, j) *= factor;
}

bool DualWeights::step(const Block&, BlockCyclicMatrix& W, Notes&) {
  scale_biases((weighting_.ridge + weighting_.proximal) / weighting_.proximal);
  // V := V - length q W I',  W := W + V
  return shrink_and_advance(shrink_, biases_, V_, W);
}

void DualWeights::append_state(const std::string& prefix, StateView& view) {
  BlockWeights::append_state(prefix, view);
  mean_.append_state(prefix + "mean_diagonal", view);
}

}  // namespace admmnet
