/// The network with the best validation result so far: what a run delivers.
#pragma once

#include "network/network.h"

namespace admmnet {

class BestIterate {
 public:
  /// A copy of the network, nothing seen yet. Collective.
  explicit BestIterate(const Network& network);

  /// Takes over the weights unless `score` (higher is better) is below one before, and says whether
  /// it did: of equal ones the latest counts, since few validation samples tell few apart.
  /// The score must be the same on all ranks. Not collective.
  bool offer(const Network& network, Index iteration, double score);

  /// As long as nothing was offered: these weights, of a pass that has not ended. Not collective.
  void follow(const Network& network);

  const Network& network() const { return network_; }
  Network& network() { return network_; }
  Index iteration() const { return iteration_; }  ///< 0: nothing offered

  /// layer_<l>/{W,b} and the numbers under best/.
  void append_state(StateView& view);

 private:
  Network network_;
  Index iteration_ = 0;
  double score_;
};

}  // namespace admmnet
