/// Samples in memory without files: the same on every grid and number of ranks.
#pragma once

#include "data/dataset.h"
#include "network/network.h"
#include "runtime/random.h"

namespace admmnet::bench {

/// Class c = one of the outputs at random; inputs = a pattern of the class, a tenth as strong as
/// the normal noise on it, so that there is something to learn. Keyed by the global position.
/// `in_float`: how they are stored.
inline SampleSet synthetic_samples(const Topology& topology, Index samples, const ProcessGrid& grid,
                                   Index unit_block, const std::vector<Index>& bounds,
                                   bool in_float = false) {
  constexpr double kPattern = 0.1;
  const CounterRandom random(0, Stream::a), patterns(1, Stream::a), classes(2, Stream::a);
  const auto class_of = [&](Index position) {
    return static_cast<int>(classes.words(0, position)[0] %
                            static_cast<std::uint32_t>(topology.outputs()));
  };
  SampleSet set;
  set.samples = samples;
  for (std::size_t p = 1; p < bounds.size(); ++p)
    set.widest = std::max(set.widest, bounds[p] - bounds[p - 1]);
  const Index features = topology.width(0), width = slab_width(set.widest, grid.size());
  std::vector<double> pattern(static_cast<std::size_t>(features * topology.outputs()));
  for (std::size_t i = 0; i < pattern.size(); ++i)
    pattern[i] = kPattern * patterns.normal(0, static_cast<Index>(i));
  for (std::size_t p = 1; p < bounds.size(); ++p) {
    SamplePanel panel;
    panel.first = bounds[p - 1];
    panel.count = bounds[p] - bounds[p - 1];
    panel.inputs = BlockCyclicMatrix(grid, topology.extended(0), panel.count, unit_block,
                                     slab_width(set.widest, grid.cols()));
    panel.inputs.fill([&](Index i, Index j) {
      const Index position = panel.first + j;
      if (i >= features) return 1.0;
      return random.normal(i, position) +
             pattern[static_cast<std::size_t>(class_of(position) * features + i)];
    });
    for (Index j = width * grid.rank(); j < std::min(panel.count, width * (grid.rank() + 1)); ++j)
      panel.targets.classes.push_back(class_of(panel.first + j));
    if (in_float) panel.round();
    set.panels.push_back(std::move(panel));
  }
  return set;
}

}  // namespace admmnet::bench
