/// Samples and their targets as a least-squares fit by weights takes them:
///   sum_j w_j |t_j - W a~_j|^2 = sum_j |sqrt(w_j) t_j - W sqrt(w_j) a~_j|^2
/// with the w_j of the objective (network/objective.h).
#pragma once

#include <optional>

#include "data/dataset.h"
#include "network/forward.h"
#include "network/objective.h"

namespace admmnet {

class WeightedSamples {
 public:
  /// For layer l of the network, which must outlive it. Memory, only where the network is trained
  /// by weights: 2 (m + extended n) widest doubles on all ranks. Collective.
  WeightedSamples(const Network& network, int l, Index widest);

  struct Pair {
    const BlockCyclicMatrix& t;
    SampleOperand a;
  };
  /// sqrt(w) t and sqrt(w) a~ of a panel, t: m x count, a~: extended n x count, valid until the
  /// next call; the two as they are where all weights are 1, or where a~ is sparse, which cannot be
  /// scaled by columns. Collective; moves each entry twice.
  Pair of(const SamplePanel& panel, const BlockCyclicMatrix& t, const SampleOperand& a);

 private:
  struct Room {
    OutputColumns whole;
    BlockCyclicMatrix scaled;
  };
  const BlockCyclicMatrix& scaled(const SamplePanel& panel, const BlockCyclicMatrix& m, Room& room);

  const Network& network_;
  std::optional<Room> of_targets_, of_samples_;
};

}  // namespace admmnet
