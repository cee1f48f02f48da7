/// Whole output columns against labels: loss, accuracy, confusion matrix, coded targets.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "network/forward.h"

namespace admmnet {

struct Metrics {
  Index samples = 0;      ///< samples with a label
  double loss = 0.0;      ///< mean over them
  double accuracy = 0.0;  ///< fraction, 0 to 1
};

/// Sums over samples, of a rank or over all of them.
struct MetricSums {
  double loss = 0.0, correct = 0.0, samples = 0.0;

  /// Adds whole output columns with their class indices (negative: no label, not counted).
  void add(Loss loss_kind, const OutputColumns& columns, const std::vector<int>& labels);
  /// Collective on comm.
  MetricSums over_ranks(MPI_Comm comm) const;
  MetricSums& operator+=(const MetricSums& other);
  /// Of sums over all ranks.
  Metrics means() const;
  Metrics reduce(MPI_Comm comm) const { return over_ranks(comm).means(); }
};

/// Mean loss and accuracy by a forward pass over all panels. Collective on the network's grid.
Metrics evaluate(const Network& network, const SampleSet& set);

/// output := T - shift for the whole columns of a panel: T is 0/1, one row a class, or y itself
/// with one output. Not collective.
void fill_coded_targets(const SamplePanel& panel, double shift, OutputColumns& output);

struct Prediction {
  Metrics metrics;
  std::vector<int> classes;      ///< class index of every sample of the set, on every rank
  std::vector<Index> confusion;  ///< classes x classes, row = true class, column = predicted
};

/// Class of every sample; with labels also metrics and confusion. Collective. 4 bytes a sample on
/// every rank.
Prediction predict(const Network& network, const SampleSet& set, Index classes);

}  // namespace admmnet
