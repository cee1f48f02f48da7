/// The step of the activations of one layer (README.md §3.4, §4).
#pragma once

#include "methods/mdlam/box.h"
#include "methods/mdlam/column_sums.h"
#include "methods/mdlam/options.h"

namespace admmnet {

/// Everything of a layer l < L that its step looks at.
struct ActivationLayer {
  int l;
  const BlockCyclicMatrix& z;       ///< z_l, new
  const BlockCyclicMatrix& z_next;  ///< z_{l+1}
  BlockCyclicMatrix& a;             ///< a~_l, extended
  BlockCyclicMatrix* previous;      ///< a_{l,k-1}, n_l x N; null without momentum
};

/// With phi(a) = rho/2 |W a + b - z_{l+1}|^2 of the layer above, on the box h(z_l) -+ eps, from the
/// accepted a_k and a_{k-1}:
///   a_k := clip(a_k),   a^ = a_k + omega (a_k - a_{k-1})
///   g = rho W^T (W a^ + b - z_{l+1}),   a := clip(a^ - g/tau)
///   tau_j = rho |W g_j|^2 / |g_j|^2 for each sample j   (exact_line)
///         = rho sigma_max(W)^2                          (lipschitz, and for the samples for which
///           rho |W d_j|^2 > tau_j |d_j|^2, d = a - a^: behind the clip tau_j bounds nothing)
/// and the same from a_k with omega = 0 if phi(a) > phi(a_k).
class ActivationStep {
 public:
  /// References must outlive it. Collective.
  ActivationStep(const MdlamOptions& options, const Network& network, Workspace& work,
                 Index samples);

  /// Leaves what was a_k before it was clipped in `previous`. Whether the extrapolated step was
  /// accepted; also true with omega = 0. Collective. 10 n_l n_{l+1} N flops with omega = 0, else
  /// 12, and 8 more where the step is not accepted; without exact_line 4 less each time.
  bool run(const ActivationLayer& layer, const Box& box, double omega);

 private:
  void begin(const ActivationLayer& layer, const Box& box, double omega);
  void set_residual(const BlockCyclicMatrix& a, const BlockCyclicMatrix& z, BlockCyclicMatrix& R);
  void descend(const ActivationLayer& layer, const Box& box);
  void set_change(const ActivationLayer& layer, const Box& box);
  double mark_too_long(const BlockCyclicMatrix& change);
  double bound();
  double phi(const BlockCyclicMatrix& R) const;

  const MdlamOptions& options_;
  const Network& network_;
  Workspace& work_;
  ColumnSums column_sums_;
  BlockCyclicMatrix tau_, above_, below_;  // 1 x N
  LayerOperand operand_;                   // W~_{l+1}
  double bound_ = -1.0;                    // rho sigma_max(W_{l+1})^2; < 0: not known yet
};

}  // namespace admmnet
