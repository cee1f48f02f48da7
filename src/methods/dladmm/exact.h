/// dlADMM with exact sub-solves (README.md §3).
#pragma once

#include "linalg/correction.h"
#include "methods/dladmm/subsolves.h"
#include "methods/ridge_fit.h"

namespace admmnet {

/// Weights and biases together (README.md §3.1):
///   W~_l := argmin |t_l - W~ a~_{l-1}|^2 + om_k mbar |W|^2       (ridge_fit.h)
/// and activations by the smaller side (README.md §3.2):
///   a_l := h_l + X^T (t_{l+1} - W~_{l+1} [h_l; 1]),  h_l = h(z_l),   (correction.h)
///   X^T = W^T (W W^T + eps I)^-1,  W = W_{l+1},  eps = nu/mu_{l+1}
/// Flops a sample, an iteration: 4 n_1 n_0 for W_1 and m_1; for W_l, l >= 2, 2 (n_{l-1}^2 +
/// 2 n_l n_{l-1}) and m_l 2 n_l n_{l-1}; for a_l 8 n_l n_{l+1}.
class DladmmExact final : public DladmmSubsolves {
 public:
  /// References must outlive it. Collective.
  explicit DladmmExact(DladmmVariables& variables);

  void weights(int l, Index k, DladmmHalf half, Notes& notes) override;
  void use_weights_above(int l, Notes& notes) override;
  void activations(std::size_t p, int l) override;
  bool starts_from_weights() const override { return false; }

 private:
  void fit(int l, double ridge, Notes& notes);

  DladmmVariables& v_;
  RidgeFit first_;  // of layer 1, whose Gram matrix is formed once
  bool first_is_formed_ = false;
  Correction correction_;  // of the layer at hand
  LayerOperand weights_;
  std::vector<BlockCyclicMatrix> wished_;  // workspace, n_l x panel, l = 2 ... L
};

}  // namespace admmnet
