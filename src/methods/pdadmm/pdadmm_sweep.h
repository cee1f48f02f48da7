/// pdADMM: all layers at once, coupled by p_{l+1} = q_l (README.md).
///
/// Minimises, with the 1/2 convention,
///   sum l(z_L) + nu/2 ( sum_{l=1}^{L} |z_l - W_l p_l - b_l|^2 + sum_{l<L} |q_l - h(z_l)|^2 )
/// subject to p_{l+1} = q_l, p_1 = x, with a multiplier u_l and a penalty rho for each of these.
/// One iteration (Wang, Chai, Cheng, Zhao, ICDM 2020), every line for all layers at once:
///   p_l (l > 1);  W_l, b_l;  z_l;  q_l (l < L);  u_l := u_l + rho (p_{l+1} - q_l)
/// A network of many layers is trained in stages of more and more layers (README.md §4): layers 1
/// to k-1 and L take part, and those between are identities. Layers may lie on parts of the ranks
/// (§11), which compute at the same time.
#pragma once

#include "methods/pdadmm/layer_group.h"

namespace admmnet {

class PdadmmSweep : public TrainingMethod {
 public:
  /// `train`: one panel. References must outlive it. Memory: sum_{l<L} 6 n_l N doubles in all,
  /// with prox_gradient 7; where layers meet that lie on different parts, 3 n_l N more, and the
  /// inputs once more on the first part. Collective.
  PdadmmSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
              const SampleSet& train, const PdadmmParameters& parameters, Timers& timers);

  /// z, p, q by a forward pass, u = 0; z_L = 0 for two layers, else coded targets. `trained`
  /// weights: all layers take part from the beginning, and z_L is their output; where layers have
  /// just joined them as identities, the output layer is that of a network that grows (§4).
  void start(const Network& initial, bool trained) override;
  void resume() override;
  /// A step is an iteration. The train metrics are those of a forward pass at its end.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;
  /// Nothing where the pass is no such map: it grows, or rounds; nor for layers on several parts.
  StateView map_state() override;

  Index stage() const { return stage_; }
  double high() const { return quantiser_.high; }
  /// Of a layer that this rank has.
  const Coupling& coupling(int l) const { return group_of(l)->coupling(l); }
  const BlockCyclicMatrix& z(int l) const { return group_of(l)->layer(l).z(); }
  /// Layers of weights that take part now.
  int depth() const {
    return static_cast<int>(parameters_.growth[static_cast<std::size_t>(stage_)]);
  }

 private:
  /// The group with layer l; null: on other ranks.
  LayerGroup* group_of(int l) const;
  Index last_stage() const { return static_cast<Index>(parameters_.growth.size()) - 1; }
  Index end_of_stage() const;  ///< its last iteration
  void deal_samples();
  /// The weights of the groups := those of network_, or back.
  void give_weights();
  void take_weights();
  void grow();
  void refresh_grid();
  /// At the end of a stage: what share of iteration k this group has waited for others, and what
  /// this rank's share of the bytes that it has sent to them makes in all. Else empty. Collective.
  std::string exchange(Index k, double waited, double bytes) const;
  void add_layer_tensors(int l, StateView& view);
  IterationReport report(Index k, const PdadmmSums& own);

  const SampleSet& train_;
  PdadmmParameters parameters_;
  Network network_;
  LayerParts parts_;
  std::vector<std::unique_ptr<LayerGroup>> groups_;  // of this rank; on a grid of shapes all
  Quantiser quantiser_;
  Index stage_ = 0;
  Timers& timers_;
  int p_phase_, weight_phase_, hidden_phase_, output_phase_, q_phase_, share_phase_, forward_phase_;
};

}  // namespace admmnet
