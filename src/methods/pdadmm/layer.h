/// One layer of the network as a problem of its own (README.md §3): its steps need nothing of other
/// layers but the couplings below and above it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "linalg/dual_ridge.h"
#include "linalg/gram_solver.h"
#include "linalg/layer_operand.h"
#include "linalg/sample_operand.h"
#include "methods/pdadmm/coupling.h"
#include "methods/pdadmm/parameters.h"
#include "network/forward.h"

namespace admmnet {

using Notes = std::vector<std::string>;

/// Sums over entries, of a rank or over all of them, of which the report is made (README.md §6).
struct PdadmmSums {
  double loss = 0.0;        ///< sum l(z_L)
  double linear = 0.0;      ///< sum_l |z_l - W_l p_l - b_l|^2
  double activation = 0.0;  ///< sum_l |q_l - h(z_l)|^2
  double multiplier = 0.0;  ///< sum_l <u_l, p_{l+1} - q_l>
  double split = 0.0;       ///< sum_l |p_{l+1} - q_l|^2
  double size = 0.0;        ///< sum_l |q_l|^2
  double change = 0.0;      ///< sum_l |q_l - q_l before the step|^2

  PdadmmSums over_ranks(const ProcessGrid& grid) const;
};

/// Layer l: z_l, and steps on W~_l of the network, and on p, q, u of its couplings. All steps are
/// collective; flops a sample, n = n_{l-1}, m = n_l: exact p 4 m n, W 2 m n + n^2 (layer 1, whose
/// Gram matrix, of the units or of fewer samples, is factored once, 2 m n); prox_gradient p 6 m n,
/// W 6 m n; z 2 m n.
class PdadmmLayer {
 public:
  /// W~_l is that of `network`, which must outlive the layer. Collective.
  PdadmmLayer(Network& network, int l, Index samples, const PdadmmParameters& parameters);

  /// Layer 1: a~_0, which must outlive it.
  void set_inputs(const SampleOperand& inputs) { inputs_ = inputs; }

  /// The couplings that it lies between from now on; null: it is the first, the last layer.
  void connect(Coupling* below, Coupling* above);

  BlockCyclicMatrix& z() { return z_; }
  const BlockCyclicMatrix& z() const { return z_; }
  BlockCyclicMatrix& W() { return network_.W(l_); }

  /// To be called wherever something else has written into W~_l.
  void weights_changed() { weights_.assign(W()); }
  /// z_l := W~_l p~_l, and for a hidden layer q_l := p_{l+1} := h(z_l), u_l := 0.
  void run_forward();
  /// q_l := p_{l+1} := h(z_l).
  void set_activation();

  /// p_l, of every layer but the first (§3.1).
  void update_p(const Quantiser& quantiser, Notes& notes);
  /// W_l and b_l (§3.2).
  void update_weights(Notes& notes);
  /// z_l of a hidden layer (§3.3).
  void update_hidden_z(PdadmmSums& sums);
  /// z_L (§3.3).
  void update_output_z(const Targets& targets, OutputColumns& output, PdadmmSums& sums);
  /// q_l and u_l of a hidden layer (§3.4).
  void update_q(const Quantiser& quantiser, PdadmmSums& sums);
  /// u of the coupling below, whose q was updated elsewhere (§11).
  void update_multiplier();

 private:
  SampleOperand input() const { return below_ ? SampleOperand(below_->p) : inputs_; }
  std::string name() const { return "layer " + std::to_string(l_); }
  void solve_p(Notes& notes);
  void step_p();
  void solve_weights(Notes& notes);
  void solve_first_weights(Notes& notes);
  void step_weights();
  /// linear_ := W~_l p~_l
  void form_linear();
  /// linear_ := W~_l p~_l - z_l
  void form_residual();

  Network& network_;
  int l_;
  PdadmmParameters parameters_;
  SampleOperand inputs_;
  Index samples_;
  Coupling *below_ = nullptr, *above_ = nullptr;
  BlockCyclicMatrix z_;
  BlockCyclicMatrix linear_, product_;  // workspaces of z's shape
  BlockCyclicMatrix gradient_;          // workspace of p~'s shape, of step_p
  LayerOperand weights_;                // W~_l as it is
  Correction correction_;
  GramSolver gram_;
  std::optional<DualRidge> dual_;  // of layer 1 with fewer samples than inputs
  bool dual_is_formed_ = false;
};

/// W~ := [I 0], rectangular where layers are of different widths.
void set_identity(Index inputs, BlockCyclicMatrix& W);
/// Whether W~ is that, to the bit. Collective.
bool is_identity(Index inputs, const BlockCyclicMatrix& W);

}  // namespace admmnet
