/// The weight step with the largest eigenvalues of the running Gram matrix, for a wide layer with
/// few outputs.
#pragma once

#include "linalg/low_rank_gram.h"
#include "methods/taylor/block_weights.h"

namespace admmnet {

/// With G ~ U (diag(lambda) - tau I) U^T + tau I (low_rank_gram.h), rank 64, renewed where it is
/// its turn, and a shift that the bias has as well (README.md §6.8):
///
///   Delta = (R - rho mbar W I') (G + (rho + p) mbar I)^-1
///
/// The running Gram matrix remembers blocks of before, which a layer with few outputs needs. Flops
/// a block: 4 n_l n k, and (4 n k N_b + 6 n k^2) where it is renewed. Memory: R, V and 2 k n.
class LowRankWeights : public BlockWeights {
 public:
  LowRankWeights(const Network& network, int l, const Weighting& weighting, bool clips);

  void take(const Block& block, const BlockCyclicMatrix& W, std::vector<OuterSum*>& sums,
            Notes& notes) override;
  bool step(const Block& block, BlockCyclicMatrix& W, Notes& notes) override;
  void resume() override;
  void append_state(const std::string& prefix, StateView& view) override;

  bool uses_room() const override { return clips_; }
  bool looks_at_input_squares() const override { return true; }

  static constexpr Index kRank = 64;

 private:
  void clip(const Block& block);

  Index biases_;
  Weighting weighting_;
  bool clips_;
  RunningMean mean_;
  LowRankGram gram_;
  BlockCyclicMatrix R_;
};

}  // namespace admmnet
