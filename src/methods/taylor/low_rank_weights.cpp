#include "methods/taylor/low_rank_weights.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

LowRankWeights::LowRankWeights(const Network& network, int l, const Weighting& weighting,
                               bool clips)
    : BlockWeights(network, l),
      biases_(network.topology().bias ? 1 : 0),
      weighting_(weighting),
      clips_(clips),
      gram_(network.grid(), network.topology().extended(l - 1), kRank, network.unit_block()),
      R_(network.make_like_weight(l)) {}

void LowRankWeights::take(const Block& block, const BlockCyclicMatrix&,
                          std::vector<OuterSum*>& sums, Notes&) {
  constexpr int kPowerSteps = 3;  // from random directions to the largest eigenvalues
  mean_.add(weighting_.memory, block);
  if (block.first)
    for (int i = 0; i < kPowerSteps; ++i) gram_.update(0.0, block.scale, block.a);
  else if (block.refresh_basis)
    gram_.update(weighting_.memory, (1.0 - weighting_.memory) * block.scale, block.a);
  outer_.begin(R_);
  outer_.add(block.scale, block.D, block.a);
  sums.push_back(&outer_);
}

/// Delta := Delta tau/r, r = |Delta a~| / |z| of the block.
void LowRankWeights::clip(const Block& block) {
  apply(R_, block.a, *block.room);
  clip_to(block.length.clip, sum_of_squares(*block.room), sum_of_squares(block.z), R_);
}

bool LowRankWeights::step(const Block& block, BlockCyclicMatrix& W, Notes&) {
  // Delta = (R - rho mbar W I') (G + (rho + p) mbar I)^-1
  const double mean = mean_.value();
  subtract_units(weighting_.ridge * mean, W, biases_, R_);
  gram_.solve_right(mean * static_cast<double>(W.cols()),
                    (weighting_.ridge + weighting_.proximal) * mean, R_);
  if (clips_) clip(block);
  return advance(block.length, R_, V_, W);
}

void LowRankWeights::resume() {
  gram_.values_changed();
}

void LowRankWeights::append_state(const std::string& prefix, StateView& view) {
  BlockWeights::append_state(prefix, view);
  mean_.append_state(prefix + "mean_diagonal", view);
  view.tensors.push_back(whole_tensor(prefix + "basis", gram_.basis()));
  view.tensors.push_back(whole_tensor(prefix + "eigenvalues", gram_.values()));
}

}  // namespace admmnet
