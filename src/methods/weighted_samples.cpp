#include "methods/weighted_samples.h"

#include <algorithm>
#include <cmath>

namespace admmnet {

WeightedSamples::WeightedSamples(const Network& network, int l, Index widest) : network_(network) {
  const Topology& topology = network.topology();
  if (!topology.weighted) return;
  const auto make_room = [&](Index rows) {
    return Room{OutputColumns(network.grid(), rows, widest),
                network.make_sample_like(rows, widest)};
  };
  of_targets_.emplace(make_room(topology.width(l)));
  of_samples_.emplace(make_room(topology.extended(l - 1)));
}

WeightedSamples::Pair WeightedSamples::of(const SamplePanel& panel, const BlockCyclicMatrix& t,
                                          const SampleOperand& a) {
  if (!of_targets_ || a.sparse() != nullptr) return {t, a};
  BlockCyclicMatrix widened;
  return {scaled(panel, t, *of_targets_), scaled(panel, a.dense(widened), *of_samples_)};
}

/// Column j := sqrt(w_j) times that of m.
const BlockCyclicMatrix& WeightedSamples::scaled(const SamplePanel& panel,
                                                 const BlockCyclicMatrix& m, Room& room) {
  OutputColumns& whole = room.whole;
  whole.take(m);
  for (Index j = 0; j < whole.count(); ++j) {
    const double root = std::sqrt(network_.objective().weight(panel.targets, j));
    double* column = whole.column(j);
    std::for_each(column, column + whole.outputs(), [root](double& entry) { entry *= root; });
  }
  room.scaled.set_cols(panel.count);
  whole.give(room.scaled);
  return room.scaled;
}

}  // namespace admmnet
