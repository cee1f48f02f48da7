/// The layers of one part of the ranks, with what they exchange with the layers of other parts
/// (README.md §11).
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "methods/method.h"
#include "methods/pdadmm/layer.h"
#include "methods/pdadmm/messages.h"

namespace admmnet {

/// Layers take part up to a depth k: 1 ... k-1 and L. Coupling l stands behind hidden layer l; both
/// layers that it couples have it where they are on different parts, and only p (down) and q (up)
/// travel: u follows from them on either side.
class LayerGroup {
 public:
  /// With one part the weights are those of `whole`; else the group has its own of its layers.
  /// References must outlive it. Collective on the grid of all parts.
  LayerGroup(const LayerParts& parts, int part, Network& whole, const SampleSet& train,
             const PdadmmParameters& parameters);

  /// With several parts: a~_0 for the part with layer 1, targets for that with layer L.
  void set_samples(BlockCyclicMatrix inputs, Targets targets);

  const ProcessGrid& grid() const { return parts_.grid(part_); }
  /// The matrices of its layers.
  Network& network() { return *network_; }
  bool has(int l) const { return parts_.of(l) == part_; }
  PdadmmLayer& layer(int l) { return layers_.at(l); }
  const PdadmmLayer& layer(int l) const { return layers_.at(l); }
  Coupling& coupling(int l) { return couplings_.at(l); }
  const Coupling& coupling(int l) const { return couplings_.at(l); }
  const Messages& messages() const { return messages_; }

  /// From now on k layers of weights take part. Collective on the part.
  void set_depth(int k);

  // ---- where a run begins, each in turn for all parts ----

  /// z_l = W~_l p~_l, q_l = p_{l+1} = h(z_l), u_l = 0, from the first to the last layer.
  void run_forward();
  /// z_L := T, with outputs of either sign 2 T - 1.
  void set_coded_output();
  void set_zero_output() { layer(layers_of_network()).z().fill_constant(0.0); }
  /// The couplings of layers that lie elsewhere, from there.
  void resume();
  /// Layers `before` to k-1 join as identities (README.md §4); a: q of the last hidden one before.
  void grow(const BlockCyclicMatrix& a, int before, int k);

  // ---- an iteration, each in turn ----

  void begin(const Quantiser& quantiser);
  void update_p(const Quantiser& quantiser, Notes& notes);
  void update_weights(Notes& notes);
  void update_hidden_z(PdadmmSums& sums);
  void update_output_z(PdadmmSums& sums);
  void update_q(const Quantiser& quantiser, PdadmmSums& sums);
  /// The q of layers elsewhere, and their u.
  void end(const Quantiser& quantiser);

  /// The largest q of its hidden layers, on this rank.
  double largest_q() const;

 private:
  enum class Kind { p, q, u };
  int layers_of_network() const { return network_->layers(); }
  int above(int l) const { return l + 1 < depth_ ? l + 1 : layers_of_network(); }
  int below(int l) const { return l == layers_of_network() ? depth_ - 1 : l - 1; }
  int tag(int coupling, Kind kind) const { return 3 * coupling + static_cast<int>(kind); }
  Index units(int coupling) const { return network_->topology().width(coupling); }
  /// Calls f(l) for its layers that take part, in order.
  template <class F>
  void for_each_layer(F&& f);
  /// The same for hidden layers whose next one is elsewhere, and for layers whose one before is.
  template <class F>
  void for_each_sent_up(F&& f);
  template <class F>
  void for_each_sent_down(F&& f);
  /// A numerical breakdown here must not leave the other parts waiting: it becomes NaN in the sums,
  /// at which all of them stop.
  template <class F>
  void guarded(Notes& notes, F&& update);
  void make_coupling(int l);

  const LayerParts& parts_;
  int part_, depth_ = 0;
  Index samples_;
  std::unique_ptr<Network> own_;
  Network* network_;
  SamplePanel own_panel_;
  const SamplePanel* panel_;
  std::optional<OutputColumns> output_;
  std::map<int, PdadmmLayer> layers_;
  std::map<int, Coupling> couplings_;
  Messages messages_;
  bool broken_ = false;
};

}  // namespace admmnet
