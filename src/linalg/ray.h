/// The activation system of correction.h, minimised along one line only: for layers so wide that
/// its exact solution costs more than it brings.
#pragma once

#include "linalg/layer_operand.h"

namespace admmnet {

/// W: m x n or more; W' its leading n columns, so that biases take no part. Of
///
///   argmin over delta of |D - W' delta|^2 + eps |delta|^2         (correction.h: delta = X^T D)
///
/// the minimiser on the ray through the gradient t at delta = 0, with one length for all samples,
///
///   delta = tau t,   t = W'^T D,   tau = |t|^2 / (|W' t|^2 + eps |t|^2)
///
/// where |.|^2 in tau goes over the columns j = 0, s, 2s ... of the panel only, s = ray_stride(w):
/// an eighth of them, 32 at least. Columns are chosen by their place in the panel, so that the
/// result does not depend on the grid. It is the step of steepest descent with exact line search
/// (Cauchy 1847), not the solution of the system. Where t = 0, delta = 0.
class Ray {
 public:
  /// Z := delta. D: m x w, Z: n x w, of one sample layout. Collective. Flops: 2 m n w, and an
  /// eighth of it for tau.
  void apply(const LayerOperand& W, double eps, const BlockCyclicMatrix& D, BlockCyclicMatrix& Z);

 private:
  BlockCyclicMatrix t_, Wt_;  // the columns that tau looks at
};

/// Of a panel of so many columns.
inline Index ray_stride(Index columns) {
  constexpr Index kShare = 8, kLeast = 32;
  return std::max<Index>(1, std::min(kShare, columns / kLeast));
}

}  // namespace admmnet
