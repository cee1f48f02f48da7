/// The safeguard of the block sweep: which blocks may change the weights, and how long steps are.
///
/// f_B is the mean loss of a block, known from its forward pass; f_0 that of the run's first block;
/// f the running mean over blocks, f_0 at the start; h the largest loss of late, which falls to
/// .75 of itself in a pass of n blocks. For each block
///   f <- .8 f + .2 min(f_B, 2 f)          so that one bad block cannot raise what counts as good
///   h <- .75^(1/n) h
///   if f_B is not finite, or > 1.5 f + .1 f_0 and > 1.5 h, the block is rejected:
///     f    <- .5 f + .5 min(f_B, 3 f)     (not for a f_B that is not finite)
///     mult <- mult / 2                    the factor on all steps
///   else
///     mult <- min(1, 1.02 mult)
///   h <- max(h, min(f_B, 2 h))
/// Three terms keep it from freezing a training, where with fewer than 35 blocks a pass 1.02 does
/// not make up for one rejection a pass. The slack .1 f_0: close to zero loss, a block of few
/// samples has 1.5 times the mean by chance. f rises on a rejection. And h: a block that stays as
/// difficult as it was in the last pass says nothing against the weights; without it, blocks that
/// are rejected again and again are never learnt, while the others go to zero loss.
///
/// Pure numbers, not collective: f_B must be the same on every rank.
#pragma once

#include <limits>

#include "linalg/state_view.h"
#include "runtime/types.h"

namespace admmnet {

class Safeguard {
 public:
  explicit Safeguard(Index blocks);  ///< n, of a pass

  enum class Verdict {
    rejected,  ///< the weights go back to the last good copy
    accepted,
    good  ///< accepted with f_B <= 1.1 f: these weights may be copied as good ones
  };
  Verdict judge(double f_B);

  double step_factor() const { return step_factor_; }    ///< mult, in (0, 1]
  double running_loss() const { return running_loss_; }  ///< f
  Index rejections() const { return rejections_; }

  /// f, f_0, h, mult and the rejections. Checkpoints of older programs lack f_0 and h: they begin
  /// with the first block after them.
  void append_state(StateView& view);

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::infinity();
  double first_loss_ = kUnknown, running_loss_ = kUnknown;
  double largest_loss_ = 0.0;  ///< h; 0: none yet
  double fall_;                ///< of h, in a block
  double step_factor_ = 1.0;
  Index rejections_ = 0;
};

}  // namespace admmnet
