/// Whole output columns against targets: loss, score, confusion matrix.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "network/forward.h"

namespace admmnet {

struct Metrics {
  Index samples = 0;   ///< samples with a target
  double loss = 0.0;   ///< mean over them
  double score = 0.0;  ///< of the network's objective: for classes the accuracy, 0 to 1
};

/// Sums over samples, of a rank or over all of them. An objective adds to them.
struct MetricSums {
  double loss = 0.0, score = 0.0, samples = 0.0;

  /// Collective on the grid.
  MetricSums over_ranks(const ProcessGrid& grid) const;
  MetricSums& operator+=(const MetricSums& other);
  /// Of sums over all ranks.
  Metrics means() const;
  Metrics reduce(const ProcessGrid& grid) const { return over_ranks(grid).means(); }
};

/// Mean loss and score by a forward pass over all panels. Collective on the network's grid.
Metrics evaluate(const Network& network, const SampleSet& set);

/// output := T - shift for the whole columns of a panel, T its coded targets. Not collective.
void fill_coded_targets(const Objective& objective, const SamplePanel& panel, double shift,
                        OutputColumns& output);

struct Prediction {
  Metrics metrics;
  std::vector<int> classes;      ///< class index of every sample of the set, on every rank
  std::vector<Index> confusion;  ///< classes x classes, row = true class, column = predicted
};

/// Class of every sample; with labels also metrics and confusion. Collective. 4 bytes a sample on
/// every rank.
Prediction predict(const Network& network, const SampleSet& set, Index classes);

}  // namespace admmnet
