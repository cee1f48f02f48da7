/// Whole output columns against targets: loss, score, confusion matrix.
#pragma once

#include <functional>
#include <vector>

#include "data/dataset.h"
#include "network/calibration.h"
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

/// Runs the network over all panels and hands the whole output columns of each to `use`, which may
/// change them. Collective on the network's grid.
void for_each_output(const Network& network, const SampleSet& set,
                     const std::function<void(const SamplePanel&, OutputColumns&)>& use);

/// Mean loss, of calibrated outputs, and score by a forward pass over all panels. Collective on the
/// network's grid.
Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration = {});

/// output := T - shift for the whole columns of a panel, T its coded targets. Not collective.
void fill_coded_targets(const Objective& objective, const SamplePanel& panel, double shift,
                        OutputColumns& output);

struct Prediction {
  Metrics metrics;
  std::vector<int> classes;      ///< class index of every sample of the set, on every rank
  std::vector<Index> confusion;  ///< classes x classes, row = true class, column = predicted
  /// softmax of the calibrated outputs, one class an output: sample after sample, on the first
  /// rank; empty where they were not asked for.
  std::vector<double> probabilities;
};

/// Class of every sample; with labels also metrics and confusion. Collective. 4 bytes a sample on
/// every rank, and 8 a probability on the first one.
Prediction predict(const Network& network, const SampleSet& set, Index classes,
                   const Calibration& calibration = {}, bool with_probabilities = false);

}  // namespace admmnet
