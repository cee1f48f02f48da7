/// The step of the weights of one layer (README.md §3.1, §4).
#pragma once

#include <optional>
#include <vector>

#include "linalg/sample_operand.h"
#include "methods/mdlam/column_sums.h"
#include "methods/mdlam/options.h"

namespace admmnet {

/// With phi(W) = rho/2 |W a + b - z|^2 + mu/2 |W|^2, from the accepted W_k and W_{k-1}:
///   W^ = W_k + omega (W_k - W_{k-1})
///   G  = rho (W^ a + b - z) a^T + mu W^,   W := W^ - G/theta
///   theta = (rho |G a|^2 + mu |G|^2) / |G|^2   (exact_line)
///         = rho sigma_max(a)^2 + mu            (lipschitz)
/// and the same from W_k with omega = 0 if phi(W) > phi(W_k). The bias stays as it is.
class WeightStep {
 public:
  /// References must outlive it. Collective.
  WeightStep(const MdlamOptions& options, Network& network, Workspace& work);

  /// Layer l, with its inputs a~ and target z. Leaves R = W~ a~ - z in the residual of the
  /// workspace, and W_k in `previous` unless it is null. Whether the extrapolated step was
  /// accepted; also true with omega = 0. Collective. 6 n_l n_{l-1} N flops with omega = 0, else 8,
  /// and 4 more where the step is not accepted.
  bool run(int l, const SampleOperand& a, const BlockCyclicMatrix& z, double omega,
           BlockCyclicMatrix* previous);

 private:
  void set_residual(const BlockCyclicMatrix& W, const SampleOperand& a, const BlockCyclicMatrix& z,
                    BlockCyclicMatrix& R);
  void descend(int l, const SampleOperand& a, BlockCyclicMatrix& W, BlockCyclicMatrix& R);
  double inverse_step(int l, const SampleOperand& a, const BlockCyclicMatrix& G,
                      const BlockCyclicMatrix& product);
  double phi(int l, const BlockCyclicMatrix& R, const BlockCyclicMatrix& W) const;
  Index inputs(int l) const { return network_.topology().width(l - 1); }

  const MdlamOptions& options_;
  Network& network_;
  Workspace& work_;
  std::vector<BlockCyclicMatrix> trial_, gradient_;  // shaped as W~_l
  LayerOperand operand_;
  std::optional<double> of_inputs_;  // sigma_max(x)^2
};

}  // namespace admmnet
