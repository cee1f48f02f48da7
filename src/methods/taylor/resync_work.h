/// What both re-synchronised sweeps do with one panel of samples.
#pragma once

#include "methods/taylor/targets.h"
#include "runtime/timers.h"

namespace admmnet {

/// Buffers for one panel, the steps on it, and the phases under which their time is booked.
class ResyncWork {
 public:
  /// For panels of up to `widest` columns, and `columns` in all with the same weights; keeps the
  /// hidden z of `kept` panels. `timers` must outlive it. Collective.
  ResyncWork(const Network& network, const ResyncParameters& parameters, Index widest,
             Index columns, std::size_t kept, Timers& timers);

  /// Forward pass with the weights as they are now, and its output as whole columns. Collective.
  void run_forward(const Network& network, const SamplePanel& panel);

  /// Its parts, for many panels with the same weights. Takes the weights of the layers below L:
  void use_hidden(const Network& network);
  /// up to a_{L-1}, with z into a place of those kept;
  void run_hidden(const SamplePanel& panel, std::size_t place);
  /// takes the weights of layer L;
  void use_output(const Network& network);
  /// and the output layer. All collective.
  void run_output();
  /// a_1 ... a_{L-1} from the z kept at `place`. Not collective.
  void recall(const SamplePanel& panel, std::size_t place);

  /// Output targets T - shift into D_L (a start for the output layer). Collective.
  void set_coded_targets(const Network& network, const SamplePanel& panel, double shift);

  /// z_L* = prox_{loss/beta_L}(z_L) into output(), and D_L = z_L* - z_L. Collective.
  void set_proximal_targets(const Network& network, const SamplePanel& panel);

  /// The operators that carry targets down, for the current weights, after the sum of what
  /// targets().take_weights() gave. Collective.
  void form_backward(const Network& network, Notes& notes);
  /// D_{L-1} ... D_1, after form_backward() for these weights. Collective.
  void run_backward(const Network& network);
  /// Sums of the runs since the last call, over all ranks. Collective.
  Squares take_squares(const Network& network);

  ForwardPass& forward() { return forward_; }
  BackwardTargets& targets() { return targets_; }
  OutputColumns& output() { return output_; }

  /// The exact Gram matrix of the inputs, which never change. Collective.
  void form_input_gram(const SampleSet& train, BlockCyclicMatrix& G);

  Timers::Scope time_products() { return timers_.time(product_phase_); }
  Timers::Scope time_weights() { return timers_.time(weight_phase_); }

 private:
  double beta_output_;
  ForwardPass forward_;
  BackwardTargets targets_;
  OutputColumns output_;
  Timers& timers_;
  int forward_phase_, output_phase_, target_phase_, product_phase_, weight_phase_;
};

}  // namespace admmnet
