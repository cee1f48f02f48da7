/// dlADMM with the published steps along gradients, their lengths in closed form (README.md §4).
#pragma once

#include "linalg/layer_operand.h"
#include "methods/dladmm/subsolves.h"

namespace admmnet {

/// With r_l = W~_l a~_{l-1} - t_l and phi_l = mu_l/2 |r_l|^2:
///   b_l := b_l - mean over the samples of r_l                              (README.md §4.1)
///   W_l := prox_{Omega/theta}(W_l - G/theta),  G = mu_l r_l a_{l-1}^T      (README.md §4.2)
///   a_l := a_l - g/tau, column by column,                                  (README.md §4.3)
///          g = mu_{l+1} W_{l+1}^T r_{l+1} + nu (a_l - h(z_l))
/// backward b before W, forward W before b. The m_l follow every step. Flops a sample, an
/// iteration: 12 n_l n_{l-1} for W_l, 8 n_l n_{l+1} for a_l.
class DladmmProxGradient final : public DladmmSubsolves {
 public:
  /// References must outlive it. Collective.
  explicit DladmmProxGradient(DladmmVariables& variables);

  void weights(int l, Index k, DladmmHalf half, Notes& notes) override;
  void use_weights_above(int l, Notes& notes) override;
  void activations(std::size_t p, int l) override;
  bool starts_from_weights() const override { return true; }

 private:
  void bias_step(int l);
  void weight_step(int l);
  void load_gradient(int l, BlockCyclicMatrix& G);
  double curvature(int l, const BlockCyclicMatrix& D);
  void shrink(int l, const BlockCyclicMatrix& G, double theta, BlockCyclicMatrix& change) const;

  DladmmVariables& v_;
  LayerOperand weights_;
  std::vector<BlockCyclicMatrix> r_, product_;  // workspace, n_l x panel
  std::vector<BlockCyclicMatrix> h_, g_;        // extended n_l x panel, l < L
};

}  // namespace admmnet
