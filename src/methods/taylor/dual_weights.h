/// The weight step in the samples of the block, for layers with more inputs than those.
#pragma once

#include "linalg/sample_system.h"
#include "methods/taylor/block_weights.h"

namespace admmnet {

/// With the block's own G = s a~ a~^T, s = N/N_b, E = rho mbar I' + p mbar I, q = rho/(rho + p) and
/// b the biases, the step of README.md §5.3 is, without any matrix of n x n (§6.7),
///
///   K = I + s a~^T E^-1 a~                      of order N_b
///   Y = (D + q (z - b 1^T)) K^-1
///   Delta = s Y a~^T E^-1 - q W I'
///
/// p > 0. The outer product is added to V itself. Flops a block: n N_b^2 + N_b^3/3 + 2 n_l N_b^2
/// besides it. Memory: V and the matrices of sample_system.h.
/// Delta a~ = D - Y, which is what the step clip looks at (§5.4, with the block's G).
class DualWeights : public BlockWeights {
 public:
  DualWeights(const Network& network, int l, const Weighting& weighting);

  void take(const Block& block, const BlockCyclicMatrix& W, std::vector<OuterSum*>& sums,
            Notes& notes) override;
  bool step(const Block& block, BlockCyclicMatrix& W, Notes& notes) override;
  void append_state(const std::string& prefix, StateView& view) override;
  bool uses_room() const override { return true; }
  bool looks_at_input_squares() const override { return true; }

 private:
  /// Y, into the room of the block. Collective.
  void solve(const Block& block, const BlockCyclicMatrix& W, Notes& notes);
  void scale_biases(double factor);

  std::string name_;
  Index biases_;
  Weighting weighting_;
  RunningMean mean_;
  SampleSystem system_;
  double shrink_ = 0.0;  // of the step under way: V := V - shrink W I'
};

}  // namespace admmnet
