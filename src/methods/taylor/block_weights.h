/// The weight step of one layer in the sweep on blocks, in whichever form the solver says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "linalg/outer_sum.h"
#include "methods/taylor/weight_system.h"

namespace admmnet {

/// Delta of README.md §5.3 for one layer and one block, and with it V := mu V + length Delta,
/// W := W + V. Forms: the running Gram matrix (cholesky, cg, svd), the block's own samples (dual,
/// §6.7) and the largest eigenvalues of the running Gram matrix (low_rank, §6.8). A block comes in
/// two calls, take() and step(), so that their times are booked apart.
class BlockWeights {
 public:
  /// What the sweep knows of a block.
  struct Block {
    StepLength length;
    double scale;  ///< N/N_b
    bool first;    ///< nothing runs on from blocks before
    bool refresh_gram, refresh_basis;
    const BlockCyclicMatrix& D;  ///< wished change of z, n_l x N_b
    const BlockCyclicMatrix& z;
    SampleOperand a;       ///< a~_{l-1}
    double input_squares;  ///< |a~_{l-1}|^2, for forms that look at it
    /// Of D's shape, to be filled at will, for forms that have uses_room(); else null.
    BlockCyclicMatrix* room;
  };
  /// rho and p of the layer, and the weight of the old in running means.
  struct Weighting {
    double ridge, proximal, memory;
  };

  virtual ~BlockWeights() = default;

  /// The products with the block's samples. W: the layer's. Adds to `sums` those that have to be
  /// finished before the step. Collective.
  virtual void take(const Block& block, const BlockCyclicMatrix& W, std::vector<OuterSum*>& sums,
                    Notes& notes) = 0;
  /// The step, with the same block. Whether W is finite, as far as this rank has it. Collective.
  virtual bool step(const Block& block, BlockCyclicMatrix& W, Notes& notes) = 0;
  /// After the state below has been read. Collective.
  virtual void resume() {}
  /// `prefix`V and what the form keeps from block to block.
  virtual void append_state(const std::string& prefix, StateView& view);
  /// Of layer 1: where the exact Gram matrix of the inputs goes; null: it is not wanted.
  virtual BlockCyclicMatrix* input_gram() { return nullptr; }
  virtual bool uses_room() const { return false; }
  virtual bool looks_at_input_squares() const { return false; }

  virtual BlockCyclicMatrix& V() { return V_; }

 protected:
  BlockWeights() = default;
  BlockWeights(const Network& network, int l);

  BlockCyclicMatrix V_;
  OuterSum outer_{Triangle::full};
};

/// Of layer l; `train` has the inputs. `clips`: lengths will have a clip. Collective.
std::unique_ptr<BlockWeights> make_block_weights(const Network& network, int l,
                                                 const SolverChoice& solver, const SampleSet& train,
                                                 const BlockWeights::Weighting& weighting,
                                                 bool clips);

/// Of the systems of layer l. The matrices G + rho mbar I' + p mbar I and K = I + s a~^T E^-1 a~
/// have a condition of at most 1 + n/p, since no eigenvalue of G is above its trace n mbar.
Condition condition_of_systems(const Network& network, int l, double proximal);

/// The running mean diagonal of a layer's Gram matrix, mbar := q mbar + (1 - q) N/N_b |a~|^2 / n
/// with n inputs; the first block sets it.
class RunningMean {
 public:
  void add(double memory, const BlockWeights::Block& block);
  double value() const;  ///< above 0
  void append_state(const std::string& path, StateView& view);

 private:
  double mean_ = 0.0;  // 0: none yet
};

}  // namespace admmnet
