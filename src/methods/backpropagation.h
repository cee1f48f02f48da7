/// The gradient of the mean loss by all weights.
#pragma once

#include <vector>

#include "linalg/outer_sum.h"
#include "network/forward.h"
#include "network/metrics.h"

namespace admmnet {

/// f and what was seen on the way, over all ranks.
struct Evaluation {
  double f;         ///< mean of what is trained; NaN where the weights are
  MetricSums sums;  ///< loss and score as they are reported
};

///   f(W)        = 1/n sum l(z_L, y)                 over n samples
///   delta_L     = dl/dz_L
///   g_l         = 1/n sum delta_l a~_{l-1}^T
///   delta_{l-1} = h'(z_{l-1}) * W_l^T delta_l       entry by entry
/// Data parallel, each rank passes its own samples forth and back, and the gradients of all layers
/// cross in one message.
class Backpropagation {
 public:
  /// For panels of up to `widest` columns. Memory, over all ranks: 3 n_l numbers for each layer and
  /// column of a panel. Collective.
  Backpropagation(const Network& network, Index widest);

  /// f over these panels, and g := its gradient; `trained`: f's objective, where it is not the
  /// network's, which sums are taken with in any case. Collective. 6 flops for each weight and
  /// sample, 4 in the first layer.
  Evaluation run(const Network& network, const std::vector<const SamplePanel*>& panels, Network& g,
                 const Objective* trained = nullptr);

 private:
  void pass_back(const Network& network, double weight);
  BlockCyclicMatrix& delta(int l) { return delta_[static_cast<std::size_t>(l - 1)]; }
  OuterSum& sum(int l) { return sums_[static_cast<std::size_t>(l - 1)]; }

  ForwardPass forward_;
  OutputColumns output_;
  std::vector<BlockCyclicMatrix> delta_;  // dl/dz_l
  std::vector<OuterSum> sums_;
};

/// delta := h'(z) delta, entry by entry. Not collective.
void differentiate(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& delta);

}  // namespace admmnet
